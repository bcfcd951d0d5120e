"""`runner plan -m`, or of a configuration that declares a sweep: which lanes would run, and what they take."""

import time

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner.cli.arguments import Arguments
from runner.cli.sweep import plan_here
from runner.engine.clocks import check_columns
from runner.market.run_data import run_data
from runner.report.progress import Bar
from runner.report.wording import grouped
from runner.sweeps.asking import Planned
from runner.sweeps.axes import Axis
from runner.sweeps.outlook import Outlook, outlook_of

__all__ = ["plan_of_sweep"]

MOST_VALUES = 12
"""Values of an axis that are shown; of more, the first and the last."""
MOST_FAILED = 10
"""Lanes that can't run of which each is shown."""


def plan_of_sweep(arguments: Arguments) -> int:
    """Print the plan of a sweep and return the exit code: 2 if a lane can't run."""
    with Bar(Console(stderr=True)) as bar:
        planned = plan_here(arguments, bar)
        bar.stage("counting nodes")
        outlook = outlook_of(planned.lanes, planned.checked.failed)
    console = Console()
    console.print(_axes(planned))
    if outlook is not None:
        console.print(Text("\n".join(_facts(planned, outlook))), soft_wrap=True)
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


def _facts(planned: Planned, outlook: Outlook) -> list[str]:
    """Return what the sweep takes, one fact to a line."""
    market = run_data(outlook.sample.spec, outlook.sample.source, now=time.time_ns())
    check_columns(outlook.sample.pipeline, market.tapes)
    shared = f"{outlook.nodes:,} distinct, {outlook.nodes_alone:,} if each lane had its own"
    read = ", ".join(f"{tape.rows:,} rows of {stream}" for stream, tape in market.tapes.items())
    others = "" if outlook.markets == 1 else f", the first of {outlook.markets:,} sets of data"
    facts = [
        ("configurations composed", f"{len(planned.lanes.beds.known):,}"),
        ("nodes of the graph", shared),
        ("data", f"{read}{others}"),
        ("memory", f"about {grouped(outlook.held(market) / 1e6, digits=0)} MB"),
        ("ranked by", f"{planned.sweep.metric}, {planned.sweep.direction}d"),
    ]
    facts += [] if outlook.seconds is None else [("time", f"about {outlook.seconds:,.0f} s")]
    facts += [] if outlook.known is None else [("known already", f"{outlook.known:,} lanes")]
    width = max(len(name) for name, _ in facts)
    return [*(f" {name:<{width}}  {value}" for name, value in facts), ""]


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
