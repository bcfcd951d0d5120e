"""The declared length of a bar held against the bars themselves.

A bar's close is its open plus the declared interval. Hourly bars declared as `1min` would be known 59 minutes before they
are: look-ahead that no other check could see. So the data must hold at least one pair of neighbours closer than two
intervals, and no bar that opens before its neighbour closes.

The first and last bar of a session may be cut to its hours, so the distance of two bars is that of their opens or of their
closes, whichever is longer.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from runner.errors import Fault
from runner.duration import DAY, duration_text, nanoseconds
from runner.market.neighbours import Neighbours, neighbours
from runner.market.origin import SHOWN, excerpt
from runner.spec.timezone import Timezone

__all__ = ["spacing_faults"]

ENOUGH = 20
"""Spacings below which nothing is concluded: a handful of bars may well be far apart."""
LONGEST_BREAK = 4 * DAY
"""A daily bar's neighbours are never all this far apart; weekly and monthly bars' are."""


@dataclass(slots=True)
class _Spacing:
    """What the distances of neighbours came to."""

    pairs: int = 0
    nearest: int = 0
    overlapping: int = 0
    nearest_overlap: int = 0
    rows: tuple[int, ...] = ()


def spacing_faults(frame: pl.DataFrame, timezone: Timezone) -> list[Fault]:
    """Return what the distances between neighbouring bars of a symbol, in a `stamped` frame, say against the policy.

    Events have no length, and nothing is said about them.
    """
    if timezone.stamp == "event":
        return []
    side_by_side = neighbours(frame)
    found = _measured(side_by_side)
    if timezone.interval is None:
        return _rarer_than_daily(frame, side_by_side, found)
    return [*_too_long(frame, found, timezone.interval), *_too_short(found, timezone.interval)]


def _measured(side_by_side: Neighbours) -> _Spacing:
    total = _Spacing()
    for run in side_by_side.runs():
        opens = np.diff(run.opened)
        apart = opens > 0
        spacing = np.maximum(opens, np.diff(run.known))[apart]
        if spacing.size == 0:
            continue
        total.nearest = min(total.nearest or int(spacing.min()), int(spacing.min()))
        total.pairs += spacing.size
        overlap = np.flatnonzero(apart & (run.opened[1:] < run.known[:-1]))
        if overlap.size:
            nearest = int(opens[overlap].min())
            total.nearest_overlap = min(total.nearest_overlap or nearest, nearest)
            total.overlapping += overlap.size
            shown = (side_by_side.row(run.first + 1 + int(each)) for each in overlap[: SHOWN - len(total.rows)])
            total.rows = (*total.rows, *shown)
    return total


def _too_long(frame: pl.DataFrame, found: _Spacing, interval: str) -> list[Fault]:
    if found.overlapping == 0:
        return []
    nearest = duration_text(found.nearest_overlap)
    was = f'"{interval}" while {found.overlapping} bars start sooner after another, the nearest after {nearest}'
    write = "Write the true length of a bar as timezone.interval, or repair the rows."
    shown = excerpt(frame[list(found.rows)])
    more = found.overlapping - len(found.rows)
    shown = f"{shown}\nand {more} more" if more else shown
    return [Fault("timezone.interval", "must be the length of one bar", was, write, excerpt=shown)]


def _too_short(found: _Spacing, interval: str) -> list[Fault]:
    if found.pairs < ENOUGH or found.nearest < 2 * nanoseconds(interval):
        return []
    text = duration_text(found.nearest)
    was = f'"{interval}" while no two bars are closer than {text}'
    write = f'Write timezone.interval: "{text}"; a bar must not be known before it closes.'
    return [Fault("timezone.interval", "must be the length of one bar", was, write)]


def _rarer_than_daily(frame: pl.DataFrame, side_by_side: Neighbours, found: _Spacing) -> list[Fault]:
    if found.pairs < ENOUGH or found.nearest < LONGEST_BREAK:
        return []
    was = f"bars at least {round(found.nearest / DAY)} days apart"
    write = "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars."
    shown = [side_by_side.row(position) for position in range(1, min(SHOWN, frame.height - 1) + 1)]
    return [Fault("timezone.stamp", "session needs one bar per session", was, write, excerpt=excerpt(frame[shown]))]
