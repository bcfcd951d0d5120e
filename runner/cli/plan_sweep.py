"""`runner plan -m`, or of a configuration that declares a sweep: which lanes would run, and what they take."""

import time
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from runner.cli.arguments import Arguments
from runner.cli.sweep import plan_here
from runner.launch.written import instant_text
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.report.wording import grouped
from runner.sweeps.asking import Planned
from runner.sweeps.axes import Axis
from runner.sweeps.forecast import forecast
from runner.sweeps.from_python import cores
from runner.sweeps.outlook import Outlook, outlook_of
from runner.sweeps.survey import Survey, surveyed

__all__ = ["plan_of_sweep"]

MOST_VALUES = 12
"""Values of an axis that are shown; of more, the first and the last."""
MOST_FAILED = 10
"""Lanes that can't run of which each is shown."""


def plan_of_sweep(arguments: Arguments) -> int:
    """Print the plan of a sweep and return the exit code: 2 if a lane can't run."""
    with Bar(SafeConsole(stderr=True)) as bar:
        planned = plan_here(arguments, bar)
        bar.stage("counting nodes")
        outlook = outlook_of(planned.lanes, planned.checked.failed)
        facts = [] if outlook is None else _facts(planned, outlook, bar)
    console = SafeConsole()
    console.print(_axes(planned))
    if facts:
        console.print(Text("\n".join(facts)), soft_wrap=True)
    for line in _failed(planned):
        console.print(Text(line), soft_wrap=True)
    return 2 if planned.checked.failed else 0


def _axes(planned: Planned) -> Table:
    lanes = planned.lanes
    title = f"{len(lanes):,} lane{'s' if len(lanes) != 1 else ''}"
    search = planned.sweep.search
    if search is not None:
        title = (
            f"{search.trials:,} lanes at most, {search.generation:,} at a time, proposed by {search.kind} ({search.sampler})"
        )
    elif len(lanes) != lanes.grid.cells:
        title += f" of {lanes.grid.cells:,} combinations, where {planned.sweep.where}"
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE, pad_edge=False)
    for column in ("axis", "values", "", "from"):
        table.add_column(column, overflow="fold")
    zipped = {axis: turn[0] for turn in lanes.grid.turns for axis in turn if len(turn) > 1}
    for place, axis in enumerate(lanes.asked.axes):
        key = axis.key if zipped.get(place, place) == place else f"{axis.key} with {lanes.asked.axes[zipped[place]].key}"
        table.add_row(Text(key), *_values(axis), Text(axis.source))
    return table


def _values(axis: Axis) -> tuple[str, Text]:
    """Return how many values an axis has, and which."""
    if axis.interval is not None:
        return "", Text(str(axis.interval))
    return f"{len(axis.values):,}", Text(_shown(axis.values))


def _shown(values: tuple[str, ...]) -> str:
    if len(values) <= MOST_VALUES:
        return ", ".join(values)
    return f"{', '.join(values[:3])}, … {values[-1]}"


def _facts(planned: Planned, outlook: Outlook, bar: Bar) -> list[str]:
    """Return what the sweep takes, one fact to a line."""
    bar.stage("reading data")
    survey = surveyed(planned, now=time.time_ns(), on_progress=bar.done)
    market = survey.markets.of(outlook.sample).data
    bar.stage("timing a few lanes")
    workers = planned.sweep.workers or cores()
    found = forecast(planned, survey, Path(planned.first.runs).expanduser(), workers)
    shared = f"{outlook.nodes:,} distinct, {outlook.nodes_alone:,} if each lane had its own"
    read = ", ".join(f"{tape.rows:,} rows of {stream}" for stream, tape in market.tapes.items())
    others = "" if outlook.markets == 1 else f", the first of {outlook.markets:,} sets of data"
    facts = [
        ("configurations composed", f"{len(planned.lanes.beds.known):,}"),
        ("nodes of the graph", shared),
        ("data", f"{read}{others}"),
        ("memory", f"about {grouped(outlook.held(market) / 1e6, digits=0)} MB"),
        ("ranked by", f"{planned.sweep.metric}, {planned.sweep.direction}d"),
        ("measured from", _starts(survey)),
        ("known already", f"{found.known:,} of {len(survey.lanes):,} lanes"),
        ("time", f"about {found.seconds:,.1f} s for {found.missing:,} lanes in {workers} threads"),
    ]
    width = max(len(name) for name, _ in facts)
    return [*(f" {name:<{width}}  {value}" for name, value in facts), ""]


def _starts(survey: Survey) -> str:
    """Return from when on all lanes are measured."""
    starts = sorted({lane.start for lane in survey.lanes})
    if not starts:
        return "never: no lane is ever past its warm-up"
    more = f", and {len(starts) - 1:,} later instants on other data" if len(starts) > 1 else ""
    return f"{str(instant_text(starts[0]))[:19]}Z, when the longest warm-up is over{more}"


def _failed(planned: Planned) -> list[str]:
    failed = planned.checked.failed
    if not failed:
        return []
    lines = [f"{len(failed):,} lane{'s' if len(failed) != 1 else ''} can't run"]
    for number in sorted(failed)[:MOST_FAILED]:
        lines.append(f" lane {number + 1}: {' '.join(planned.lanes[number].overrides)}")
        lines += [f"   {fault}" for fault in failed[number].faults]
    if len(failed) > MOST_FAILED:
        lines.append(f" and {len(failed) - MOST_FAILED:,} more")
    return lines
