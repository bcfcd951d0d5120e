"""Gaps: the bars the market's hours expect and the data don't have.

1. `_Grid` numbers every bar the hours expect, from the first session to the last, without writing one down: a bar's
   number is that of its session's first bar plus its place in the session. Between neighbours that lie side by side in
   trading time the numbers differ by one, across a night, a lunch break, a weekend or a holiday just as well.
2. `_grid` finds where bars begin inside a session: counted from its open, from midnight on the zone's wall clock, or from
   midnight UTC, whichever the data agree with best. Hourly bars of New York may begin at 09:30, 10:30 … or at 09:30,
   10:00, 11:00 … Of daily bars one is expected per session.
3. `gaps_of` compares neighbours block by block (`_Total.add`); what is kept are counts, the first gaps and the longest. Of
   a block that holds every bar between its first and its last, the two are enough (`_Grid.edges_if_full`).

Bars are expected between a symbol's first and last row; a symbol that starts late has no gap before. A minute in which an
illiquid stock didn't trade is a gap like any other: counted, not judged. Rows outside the hours count neither way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from runner.duration import DAY, days_by_clock, nanoseconds
from runner.market.calendar import Calendar
from runner.market.first_bars import clock_leads
from runner.market.neighbours import Neighbours, neighbours
from runner.market.piecewise import piecewise
from runner.market.session import Hours, Instants
from runner.spec.timezone import Timezone

__all__ = ["SHOWN", "WAYS", "Gap", "Gaps", "gaps_of", "hours_of"]

SHOWN = 20
"""First and longest gaps that are listed."""
WAYS = 3
"""Ways in which bars may be counted inside a session."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of consecutive missing bars of one symbol."""

    symbol: str
    """Whose bars are missing."""
    start: int
    """UTC nanoseconds at which the first missing bar opens."""
    end: int
    """UTC nanoseconds at which the last missing bar closes."""
    missing: int
    """Bars that are missing, at least 1."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing."""

    judged: bool = False
    """False where nothing says which bars to expect: events, bars longer than a day, or a policy without calendar and
    session."""
    expected: int = 0
    """Bars the hours expect between each symbol's first and last row, both included."""
    missing: int = 0
    """Those of them that the data don't have."""
    stretches: int = 0
    """Uninterrupted stretches they make."""
    symbols: Mapping[str, int] = field(default_factory=dict)
    """Symbol → missing bars; symbols without gaps are not named."""
    first: tuple[Gap, ...] = ()
    """The first 20 gaps, by symbol and time."""
    longest: tuple[Gap, ...] = ()
    """The 20 with the most missing bars, the longest first; of equals the one that comes first."""

    def report(self) -> dict[str, object]:
        """Return plain JSON values for `quality.json`."""
        return {
            "judged": self.judged,
            "expected": self.expected,
            "missing": self.missing,
            "stretches": self.stretches,
            "symbols": dict(self.symbols),
            "first": [_told(gap) for gap in self.first],
            "longest": [_told(gap) for gap in self.longest],
        }


def hours_of(calendar: Calendar, timezone: Timezone) -> Hours:
    """Return the stretches in which bars are expected: of daily bars the sessions, of others what lies between breaks."""
    return Hours(calendar.open_ns, calendar.close_ns, calendar.days) if _is_daily(timezone) else Hours.of(calendar)


def gaps_of(frame: pl.DataFrame, timezone: Timezone, calendar: Calendar | None, *, fitting: list[int] | None = None) -> Gaps:
    """Find the gaps of bars that were given their instants by the policy.

    Args:
        frame: `symbol`, `opened`, `known` and `session` of every bar, as `clock.placed` makes them, in any order.
        timezone: the policy they were placed with.
        calendar: the sessions they were placed in (`Placed.calendar`); None: nothing is expected.
        fitting: how many bars of earlier windows agree with each way of counting bars; these are added to it.
    """
    if calendar is None or calendar.days.size == 0 or not _is_expected(timezone) or frame.height == 0:
        return Gaps()
    side_by_side = neighbours(frame)
    grid = _grid(side_by_side, timezone, calendar, [0] * WAYS if fitting is None else fitting)
    total = _Total()
    runs = list(side_by_side.runs())
    full = piecewise(lambda run: grid.edges_if_full(run.opened, run.known), runs, rows=frame.height)
    for run, edges in zip(runs, full, strict=True):
        if edges is None:
            total.add(run.symbol, grid.numbers(run.opened, run.known))
        else:
            total.add_full(run.symbol, *edges)
    return total.gaps(grid)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """The bars the hours expect, numbered from 0."""

    hours: Hours
    interval: int
    lead: Instants
    """[G] length of a stretch's first bar where it is shorter than the others, else 0."""
    base: Instants
    """[G+1] number of each stretch's first bar, and at the end how many bars there are."""

    @classmethod
    def of(cls, hours: Hours, interval: int, lead: Instants) -> "_Grid":
        whole = -((lead - (hours.end - hours.start)) // interval)
        counts = np.maximum(whole, 0) + (lead > 0)
        return cls(hours, interval, lead, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))

    def numbers(self, opened: Instants, known: Instants) -> Instants:
        """Return the numbers of those bars that lie in the hours."""
        found, inside = self.hours.of_bars(opened, known)
        found = found[inside]
        place = np.maximum(opened[inside] - self.hours.start[found], 0)
        lead = self.lead[found]
        numbers: Instants = self.base[found] + (place - lead) // self.interval + (lead > 0)
        return numbers

    def edges_if_full(self, opened: Instants, known: Instants) -> tuple[int, int] | None:
        """Return the numbers of the first and the last of ascending bars, if all lie in the hours and none is missing.

        Bars at least an interval apart have numbers of their own, so as many of them as there are numbers leave none out.
        None where that isn't plain to see.
        """
        if opened.size > 1 and int((opened[1:] - opened[:-1]).min()) < self.interval:
            return None
        if self.hours.rows_of_each(opened, known, is_ascending=True) is None:
            return None
        first, last = self.numbers(opened[[0, -1]], known[[0, -1]]).tolist()
        return (first, last) if last - first == opened.size - 1 else None

    def fitting(self, opened: Instants, known: Instants) -> int:
        """Return how many bars begin where the grid says that one does."""
        found, inside = self.hours.of_bars(opened, known)
        found = found[inside]
        place = np.maximum(opened[inside] - self.hours.start[found], 0)
        return int(np.count_nonzero((place == 0) | ((place - self.lead[found]) % self.interval == 0)))

    def gap(self, symbol: str, number: int, missing: int) -> Gap:
        """Return the gap that begins with a number."""
        return Gap(symbol, self._ends(number)[0], self._ends(number + missing - 1)[1], missing)

    def _ends(self, number: int) -> tuple[int, int]:
        stretch = int(np.searchsorted(self.base, number, side="right")) - 1
        start, end, lead = (int(each[stretch]) for each in (self.hours.start, self.hours.end, self.lead))
        place = number - int(self.base[stretch]) - (lead > 0)
        opens = start + lead + place * self.interval
        return max(opens, start), min(opens + self.interval, end)


def _grid(side_by_side: Neighbours, timezone: Timezone, calendar: Calendar, fitting: list[int]) -> _Grid:
    hours = hours_of(calendar, timezone)
    if _is_daily(timezone):
        return _Grid.of(hours, int((hours.end - hours.start).max()), np.zeros(hours.start.size, np.int64))
    interval = nanoseconds(timezone.interval or "")
    grids = [_Grid.of(hours, interval, lead) for lead in _leads(hours.start, interval, timezone.zone)]
    if not any(grid.lead.any() for grid in grids):
        return grids[0]
    for number, grid in enumerate(grids):
        fitting[number] += sum(grid.fitting(run.opened, run.known) for run in side_by_side.runs())
    return grids[fitting.index(max(fitting))]


def _is_expected(timezone: Timezone) -> bool:
    """Return whether hours say which bars to expect: not events, nor bars longer than a day, which hold several sessions."""
    return timezone.stamp != "event" and (timezone.interval is None or nanoseconds(timezone.interval) <= DAY)


def _is_daily(timezone: Timezone) -> bool:
    return timezone.interval is None or days_by_clock(timezone.interval) == 1


def _leads(start: Instants, interval: int, zone: str) -> tuple[Instants, ...]:
    """Return how long after its start a stretch's first whole bar begins: at once, or on the clock of the zone or of UTC."""
    return np.zeros_like(start), *clock_leads(start, interval, zone)


@dataclass(slots=True)
class _Total:
    """What was found so far."""

    expected: int = 0
    stretches: int = 0
    symbols: dict[str, int] = field(default_factory=dict)
    last: tuple[str, int] | None = None
    """Symbol and number of the bar before the next block."""
    first: list[tuple[str, int, int]] = field(default_factory=list)
    """Symbol, number of the first missing bar, missing bars."""
    longest: list[tuple[str, int, int]] = field(default_factory=list)

    def add(self, symbol: str, numbers: Instants) -> None:
        if numbers.size == 0:
            return
        if self.last is None or self.last[0] != symbol:
            self.expected += 1
            self.last = (symbol, int(numbers[0]))
        before = np.concatenate([[self.last[1]], numbers[:-1]])
        missing = numbers - before - 1
        holes = np.flatnonzero(missing > 0)
        self.expected += int(numbers[-1]) - self.last[1]
        self.last = (symbol, int(numbers[-1]))
        if holes.size:
            self._keep(symbol, before[holes] + 1, missing[holes])

    def add_full(self, symbol: str, first: int, last: int) -> None:
        """Add bars of which none is missing between the first and the last."""
        self.add(symbol, np.array([first]))
        self.expected += last - first
        self.last = (symbol, last)

    def _keep(self, symbol: str, numbers: Instants, missing: Instants) -> None:
        self.stretches += missing.size
        self.symbols[symbol] = self.symbols.get(symbol, 0) + int(missing.sum())
        room = SHOWN - len(self.first)
        self.first += [(symbol, int(numbers[each]), int(missing[each])) for each in range(min(room, missing.size))]
        order = np.argsort(-missing, kind="stable")[:SHOWN]
        self.longest += [(symbol, int(numbers[each]), int(missing[each])) for each in order]
        # Sorting keeps the order of equals, which is that of symbol and time.
        self.longest = sorted(self.longest, key=lambda gap: -gap[2])[:SHOWN]

    def gaps(self, grid: _Grid) -> Gaps:
        first, longest = (tuple(grid.gap(*each) for each in found) for found in (self.first, self.longest))
        return Gaps(
            judged=True,
            expected=self.expected,
            missing=sum(self.symbols.values()),
            stretches=self.stretches,
            symbols=dict(self.symbols),
            first=first,
            longest=longest,
        )


def _told(gap: Gap) -> dict[str, object]:
    return {"symbol": gap.symbol, "from": _iso(gap.start), "to": _iso(gap.end), "missing": gap.missing}


def _iso(ns: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ns // 1_000)).isoformat().replace("+00:00", "Z")
