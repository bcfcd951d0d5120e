"""Bars by the clock whose first one of a session is shorter: 09:30 to 10:00, then 10:00 to 11:00, and so on.

Where hours are stamped with their open and the market opens at half past, the first bar's open says nothing of its end: bars
may be counted from the open (09:30, 10:30 …) or by the clock (09:30, 10:00, 11:00 …). The next bar does: `cut_to_clock` ends
a bar that opens with its stretch of trading where the clock's next bar begins, if the symbol has a bar that opens there.
Without that bar it is known a whole interval after its open, which is never too early.

Window by window that next bar may lie behind the border. Only then `following` is asked for the rows there.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.duration import DAY, nanoseconds
from runner.market.session import Hours, Instants
from runner.market.wall_clock import wall_times
from runner.spec.timezone import Timezone

__all__ = ["Following", "clock_leads", "cut_to_clock"]

Following = Callable[[], pl.DataFrame]
"""Returns `symbol` and `opened` of the bars that open within one interval after the last of the others."""


def clock_leads(start: Instants, interval: int, zone: str) -> tuple[Instants, Instants]:
    """Return how long after each instant the clock's next bar begins, by the clock of the zone and by that of UTC."""
    wall = wall_times(start, zone).to_physical().to_numpy()
    return -(wall % DAY) % interval, -(start % DAY) % interval


def cut_to_clock(frame: pl.DataFrame, known: Instants, hours: Hours, timezone: Timezone, following: Following) -> Instants:
    """Return when bars are known: those that open off the clock, with their stretch, no later than the clock's next one.

    Args:
        frame: `symbol` and `opened` of bars stamped with their open.
        known: [R] UTC nanoseconds one interval after each open.
        hours: the stretches of trading.
        timezone: the policy of the bars.
        following: rows behind these, which are looked at only if they decide.
    """
    interval = nanoseconds(timezone.interval or "")
    if interval >= DAY or hours.start.size == 0:
        return known
    for lead in clock_leads(hours.start, interval, timezone.zone):
        if lead.any():
            known = _cut(frame, known, hours.start, lead, following)
    return known


def _cut(frame: pl.DataFrame, known: Instants, start: Instants, lead: Instants, following: Following) -> Instants:
    opened = np.asarray(frame["opened"].to_numpy(), dtype=np.int64)
    stretch = np.minimum(np.searchsorted(start, opened), start.size - 1)
    first = np.flatnonzero((start[stretch] == opened) & (lead[stretch] > 0))
    if first.size == 0:
        return known
    ends = (start + lead)[stretch[first]]
    bars = _opening_at(frame, ends)
    if ends.max() > opened.max():
        behind = following()
        if behind.height:
            bars = pl.concat([bars, _opening_at(behind, ends)])
    firsts = pl.DataFrame({"symbol": frame["symbol"].gather(first), "opened": ends, "row": first, "end": ends})
    cut = firsts.join(bars, on=["symbol", "opened"], how="semi")
    rows, ended = cut["row"].to_numpy(), cut["end"].to_numpy()
    shorter = known.copy()
    shorter[rows] = np.minimum(known[rows], ended)
    return shorter


def _opening_at(bars: pl.DataFrame, instants: NDArray[np.int64]) -> pl.DataFrame:
    """Return `symbol` and `opened` of the bars that open at one of the instants."""
    return bars.select("symbol", "opened").filter(pl.col("opened").is_in(np.unique(instants).tolist()))
