"""The end of a sweep in the terminal: the best lanes, what failed, the verdict in a few sentences, the folder's path last.

Columns are added as long as there is room: axes, trial and the metrics looked at first always, others after them. Text goes
in as `Text`, which has no markup, after signs that a terminal would act on were taken out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from runner.report.measured import counted
from runner.report.wording import count
from runner.sweeps.pages.apart import rankings_of, told_apart
from runner.sweeps.pages.checks import checks_of, headline_of
from runner.sweeps.pages.columns import FIRST, LATER, label_of_metric, written
from runner.sweeps.pages.failures import failures_of
from runner.sweeps.pages.judged import Judged
from runner.sweeps.pages.legible import cut, legible

__all__ = ["board", "show"]

MOST_LANES = 20
MOST_RANKINGS = 4
"""Footings whose best lanes are shown."""
MOST_ERRORS = 5
LONGEST_VALUE = 24
LONGEST_NARROW = 14
"""Characters of a value that are shown, and where there are fewer than `WIDE` columns."""
WIDE = 120
GAP = 2
NARROWEST = 4
"""Columns that an axis has at least."""
LEAST_METRICS = 2
TRIAL = "Trial"
DIGITS = 8
"""Digits of a trial that are shown: enough for `runner materialise`."""


def show(console: Console, judged: Judged, folder: Path) -> None:
    """Print all of it, the folder last."""
    for part in board(judged, width=console.width):
        console.print(part)
    console.print(Text(legible(str(folder), longest=4_096)), soft_wrap=True)


def board(judged: Judged, *, width: int) -> Iterator[RenderableType]:
    """Yield what is printed, for a terminal of so many columns."""
    if judged.ranking.done.any():
        yield from _tables(judged, width)
    yield from _failed(judged)
    yield from _verdict(judged)


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the table."""

    head: str
    cells: list[str]
    is_axis: bool = False

    @property
    def width(self) -> int:
        """How wide it is if nothing is folded."""
        return max(len(self.head), *map(len, self.cells))


def _tables(judged: Judged, width: int) -> Iterator[RenderableType]:
    """Yield the ranking; one for each footing where there are several, as far as there is room."""
    order = judged.ranking.order[judged.ranking.done[judged.ranking.order]]
    if not judged.is_told_apart:
        yield _table(judged, order, MOST_LANES, width)
        return
    yield Text(told_apart(judged), style="bold")
    told = rankings_of(judged)
    shown = told[:MOST_RANKINGS]
    for group, said in enumerate(shown):
        yield Text(f"\n{said}{': judged below' if group == 0 else ''}")
        yield _table(judged, order[judged.ranking.group[order] == group], MOST_LANES // len(shown), width)
    if len(told) > len(shown):
        yield Text(f"and {counted(len(told) - len(shown), 'more ranking')}, in the page and in trials.parquet\n")


def _table(judged: Judged, order: NDArray[np.intp], most: int, width: int) -> Table:
    rows = order[:most].tolist()
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, GAP - 1, 0, 0), caption_justify="left")
    columns = _columns(judged, rows, width)
    for column, wide in zip(columns, _widths(columns, width), strict=True):
        is_left = column.is_axis or column.head == TRIAL
        head = Text(_folded(column.head, wide))
        table.add_column(head, justify="left" if is_left else "right", overflow="fold", min_width=wide, max_width=wide)
    for place, _ in enumerate(rows):
        table.add_row(*(Text(column.cells[place]) for column in columns))
    if order.size > most:
        table.caption = Text(f"and {counted(order.size - most, 'more lane')}")
    return table


def _columns(judged: Judged, rows: Sequence[int], width: int) -> list[_Column]:
    """Return axes, metrics and trial: of the metrics as many as there is room for, two at least."""
    longest = LONGEST_VALUE if width >= WIDE else LONGEST_NARROW
    axes = [
        _Column(scale.name, [cut(scale.labels[at], longest) for at in judged.positions[rows, scale.place]], is_axis=True)
        for scale in judged.scales
    ]
    trial = _Column(TRIAL, [legible(judged.finished.results.trial[row])[:DIGITS] for row in rows])
    first = list(dict.fromkeys((judged.finished.sweep.metric, *FIRST)))
    keys = first + [key for key in LATER if key not in first and key in judged.finished.results.metrics]
    metrics: list[_Column] = []
    used = sum(column.width + GAP for column in (*axes, trial))
    for key in keys:
        column = _Column(label_of_metric(key), written(judged.finished, key, rows))
        used += column.width + GAP
        if used > width and len(metrics) >= LEAST_METRICS:
            break
        metrics.append(column)
    return [*axes, *metrics, trial]


def _widths(columns: Sequence[_Column], width: int) -> list[int]:
    """Return how wide the columns are: where there is no room for all, the widest axes are folded."""
    widths = [column.width for column in columns]
    axes = [place for place, column in enumerate(columns) if column.is_axis]
    while axes and sum(widths) + GAP * len(widths) > width:
        widest = max(axes, key=lambda place: widths[place])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _folded(head: str, wide: int) -> str:
    """Return a head in lines no wider than its column, broken after underscores where that is enough."""
    lines = [""]
    for part in re.findall("[^_]*_?", head):
        if lines[-1] and len(lines[-1]) + len(part) > wide:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _failed(judged: Judged) -> Iterator[Text]:
    failures = failures_of(judged.finished)
    if failures:
        yield Text(f"{counted(sum(each.lanes for each in failures), 'lane')} failed", style="bold")
    for each in failures[:MOST_ERRORS]:
        where = judged.lane_text(each.first)
        others = f" and {counted(each.lanes - 1, 'other')}" if each.lanes > 1 else ""
        yield Text(f" {where}{others}: {each.error}")
    if len(failures) > MOST_ERRORS:
        yield Text(f" and {counted(len(failures) - MOST_ERRORS, 'other error')}")
    if judged.finished.not_run:
        yield Text(
            f"{counted(judged.finished.not_run, 'lane')} of the sweep weren't run; start it again to go on.", style="bold"
        )
    if failures or judged.finished.not_run:
        yield Text("")


def _verdict(judged: Judged) -> Iterator[Text]:
    checks = checks_of(judged)
    best = judged.ranking.best
    if best is not None:
        tried = f"best of {count(judged.lanes)}, after {counted(judged.trials, 'trial')} on these data"
        yield Text(f"Best: {judged.lane_text(best)}, {tried}.")
    yield Text(headline_of(judged, checks), style="bold")
    for mark, answer in (("✗", False), ("✓", True)):
        for check in checks:
            if check.answer is answer:
                yield Text(f" {mark} {check.question} {check.words}")
    untold = [check.question for check in checks if check.answer is None]
    if untold:
        yield Text(f" – Can't be told: {' '.join(untold)}")
    yield Text("")
