"""Which session a row belongs to.

A calendar's sessions are cut at their lunch breaks into stretches of trading (`Hours`).

A bar belongs to a stretch if it overlaps it: if it opens inside, or opens before and closes inside. So the hourly bar
stamped 09:00 that holds 09:30 to 10:00 belongs to the session that opens at 09:30. An event belongs to a stretch if it
happens inside or at its very end, where the bar that closes there is known as well.

A bar that opens before its stretch opens with the market: an order waiting for its open can't fill before anybody trades.
One that ends after its stretch is known when the market closes where the policy says that the data hold nothing else
(`out_of_session: error`). Where they may hold trades outside (`drop`, `keep`), a bar across the close may contain them, and
is known only at its own end: each end is the later one of those in doubt.

Rows are looked up by bisection, a block at a time: tens of millions of rows need no more memory than their result. Where
many rows ascend and none sticks out, the few ends of stretches are looked up among them instead (`Hours.rows_of_each`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.errors import DataError, Fault
from runner.market.calendar import NO_BREAK, Calendar, without_breaks
from runner.market.memory import unwritten
from runner.market.piecewise import piecewise
from runner.market.wall_clock import WallClock, localized
from runner.spec.timezone import Session, Timezone

__all__ = ["Hours", "Placement", "blocks", "place_bars", "place_events", "session_hours"]

BLOCK = 1 << 20
"""Rows looked up at once."""
MANY = 8
"""Ascending rows per stretch of trading from which on stretches are looked up among the rows."""
SHORT = 256
"""Average length of ascending rows below which they aren't looked up apart from each other."""

REMEDIES = {
    "exist": "Clocks were put forward over it; write timezone.nonexistent: forward to take the first instant after.",
    "be unambiguous": "Clocks were put back and it came twice; write timezone.ambiguous: earliest, or latest.",
}

Instants = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Stretches of uninterrupted trading, ascending and not overlapping."""

    start: Instants
    """[G] UTC nanoseconds of the first instant."""
    end: Instants
    """[G] UTC nanoseconds of the first instant after it."""
    days: NDArray[np.int32]
    """[G] date of the session it is part of, in days since 1970-01-01."""

    @classmethod
    def of(cls, calendar: Calendar) -> "Hours":
        """Cut a calendar's sessions at their breaks."""
        paused = calendar.break_start_ns != NO_BREAK
        morning_end = np.where(paused, calendar.break_start_ns, calendar.close_ns)
        start = np.concatenate([calendar.open_ns, calendar.break_end_ns[paused]])
        end = np.concatenate([morning_end, calendar.close_ns[paused]])
        days = np.concatenate([calendar.days, calendar.days[paused]])
        order = np.argsort(start, kind="stable")
        return cls(start[order], end[order], days[order])

    def of_bars(self, opened: Instants, known: Instants) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return the first stretch that ends after each bar's open, and whether the bar overlaps it."""
        if self.start.size == 0:
            return np.zeros(opened.size, np.intp), np.zeros(opened.size, np.bool_)
        found = np.minimum(np.searchsorted(self.end, opened, side="right"), self.start.size - 1)
        return found, (opened < self.end[found]) & (known > self.start[found])

    def of_events(self, instant: Instants) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return the last stretch that starts by each instant, and whether it still runs then."""
        if self.start.size == 0:
            return np.zeros(instant.size, np.intp), np.zeros(instant.size, np.bool_)
        found = np.maximum(np.searchsorted(self.start, instant, side="right") - 1, 0)
        return found, (instant >= self.start[found]) & (instant <= self.end[found])

    def rows_of_each(self, opened: Instants, known: Instants, *, is_ascending: bool = False) -> NDArray[np.intp] | None:
        """Return how many rows lie in each stretch; None where that isn't plain to see.

        It is where both ends ascend, rows are many, and none opens before its stretch or is known after it. With
        `is_ascending` the opens are known to ascend.
        """
        if opened.size < MANY * self.end.size or not ((is_ascending or _ascends(opened)) and _ascends(known)):
            return None
        behind = np.searchsorted(opened, self.end)
        counts = np.diff(behind, prepend=0)
        held = np.flatnonzero(counts)
        first, last = (behind - counts)[held], behind[held] - 1
        is_within = (opened[first] >= self.start[held]).all() and (known[last] <= self.end[held]).all()
        return counts if is_within and counts.sum() == opened.size else None


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Rows and the sessions they belong to."""

    opened: Instants
    """[R] UTC nanoseconds, cut where the policy cuts."""
    known: Instants
    """[R] UTC nanoseconds, cut where the policy cuts."""
    session: NDArray[np.int32]
    """[R] session date in days since 1970-01-01; of no meaning where `inside` is false."""
    inside: NDArray[np.bool_] | None
    """[R] whether the row belongs to a session, where some doesn't; None: every row does."""


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """Both ends of the bars; arrays that came from polars can't be written to, and most data have no bar to cut."""

    opened: Instants
    known: Instants
    is_owned: bool


def session_hours(timezone: Timezone, session: Session, days: NDArray[np.int32]) -> Calendar:
    """Return the fixed hours of a policy on each of the days (ascending), as a calendar called `session`.

    Raises DataError if clocks change over the open or close of one of the days and the policy doesn't say what that means.
    """
    wall = {name: _wall(days, time_of_day) for name, time_of_day in (("open", session.open), ("close", session.close))}
    read = {name: localized(times, WallClock.of(timezone)) for name, times in wall.items()}
    faults = [
        _undefined(name, must, wall[name].filter(mask), timezone.zone)
        for name, found in read.items()
        for must, mask in (("exist", found.skipped), ("be unambiguous", found.repeated))
        if mask.any()
    ]
    if faults:
        raise DataError(faults)
    opens, closes = (np.asarray(read[name].instant.to_numpy(), dtype=np.int64) for name in ("open", "close"))
    return without_breaks("session", days, opens, closes)


def blocks(rows: int) -> Iterator[slice]:
    """Yield slices that cover the rows."""
    for first in range(0, rows, BLOCK):
        yield slice(first, min(first + BLOCK, rows))


def _ascending(instants: Instants) -> tuple[list[slice], bool]:
    """Return slices that cover the rows, and whether each ascends: not where that would be many short ones."""

    def falls_in(rows: slice) -> NDArray[np.intp]:
        falls: NDArray[np.intp] = np.flatnonzero(instants[rows][1:] < instants[rows][:-1]) + rows.start + 1
        return falls

    found = piecewise(falls_in, blocks(instants.size), rows=instants.size)
    cuts = np.unique(np.concatenate([*found, np.arange(0, instants.size, BLOCK), [instants.size]])).tolist()
    if len(cuts) * SHORT > instants.size:
        return list(blocks(instants.size)), False
    return [slice(first, end) for first, end in pairwise(cuts)], True


def _ascends(instants: Instants) -> bool:
    return bool((instants[1:] >= instants[:-1]).all())


def place_bars(calendar: Calendar, opened: Instants, known: Instants, *, cut: bool) -> Placement:
    """Find each bar's session: none opens before its session does; with `cut`, none is known after it closes."""
    hours = Hours.of(calendar)
    session = unwritten(opened.size, np.int32)
    ends = _Cut(opened, known, is_owned=False)
    inside = None
    for rows in _not_full(hours, opened, known, session):
        found, held = hours.of_bars(opened[rows], known[rows])
        inside = _marked(inside, rows, held, opened.size)
        session[rows] = hours.days[found] if hours.days.size else 0
        ends = _cut(hours, ends, rows, found, held, closes=cut)
    return Placement(ends.opened, ends.known, session, inside)


def place_events(calendar: Calendar, instant: Instants) -> Placement:
    """Find the session of each trade, quote or book."""
    hours = Hours.of(calendar)
    session = unwritten(instant.size, np.int32)
    inside = None
    for rows in _not_full(hours, instant, instant, session):
        found, held = hours.of_events(instant[rows])
        inside = _marked(inside, rows, held, instant.size)
        session[rows] = hours.days[found] if hours.days.size else 0
    return Placement(instant, instant, session, inside)


def _not_full(hours: Hours, opened: Instants, known: Instants, session: NDArray[np.int32]) -> list[slice]:
    """Return stretches of rows that don't plainly lie in the hours; fill in the sessions of the others."""
    stretches, is_ascending = _ascending(opened)

    def is_full(rows: slice) -> bool:
        counts = hours.rows_of_each(opened[rows], known[rows], is_ascending=is_ascending)
        if counts is not None:
            session[rows] = np.repeat(hours.days, counts)
        return counts is not None

    full = piecewise(is_full, stretches, rows=opened.size)
    return [rows for rows, is_done in zip(stretches, full, strict=True) if not is_done]


def _marked(inside: NDArray[np.bool_] | None, rows: slice, held: NDArray[np.bool_], count: int) -> NDArray[np.bool_] | None:
    """Return which of all rows belong to a session, given which of some do; None as long as every one does."""
    if inside is None:
        if held.all():
            return None
        inside = unwritten(count, np.bool_)
        inside[:] = True
    inside[rows] = held
    return inside


def _cut(
    hours: Hours, placed: _Cut, rows: slice, found: NDArray[np.intp], inside: NDArray[np.bool_], *, closes: bool
) -> _Cut:
    """Return instants in which the rows of a block begin where their stretches do and, with `closes`, end there too."""
    if hours.start.size == 0:
        return placed
    opened, known = placed.opened[rows], placed.known[rows]
    out = inside & ((opened < hours.start[found]) | (closes & (known > hours.end[found])))
    if not out.any():
        return placed
    owned = placed if placed.is_owned else _Cut(placed.opened.copy(), placed.known.copy(), is_owned=True)
    owned.opened[rows][out] = np.maximum(opened[out], hours.start[found[out]])
    if closes:
        last = np.searchsorted(hours.start, known[out], side="left") - 1
        owned.known[rows][out] = np.minimum(known[out], hours.end[last])
    return owned


def _wall(days: NDArray[np.int32], time_of_day: str) -> pl.Series:
    hours, minutes = time_of_day.split(":")
    return pl.Series(days, dtype=pl.Int32).cast(pl.Date).cast(pl.Datetime("us")) + timedelta(
        hours=int(hours), minutes=int(minutes)
    )


def _undefined(name: str, must: str, wall: pl.Series, zone: str) -> Fault:
    first = wall.dt.to_string("%H:%M on %Y-%m-%d")[0]
    more = f" and {wall.len() - 1} more" if wall.len() > 1 else ""
    return Fault(f"timezone.session.{name}", f"must {must} in {zone}", f"{first}{more}", REMEDIES[must])
