"""The declared length of a bar held against the bars themselves, symbol by symbol.

A bar's close is its open plus the declared interval. Hourly bars declared as `1min` would be known 59 minutes before they
are: look-ahead that no other check could see, least of all where they lie beside true one-minute bars of other symbols.

1. `Spacings.add` measures the distances between neighbouring bars of each symbol, of all rows at once or window by window.
   The first and last bar of a session may be cut to its hours, so the distance of two bars is that of their opens or of
   their closes, whichever is longer.
2. `faults` are what no policy lets pass: bars that open before their neighbour closes, and days that end by another clock
   than the declared one (`_by_another_clock`).
3. `coarse` are symbols whose bars are longer than declared, by the rules of that module and for the policy of that name.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.duration import DAY, HOUR, days_by_clock, duration_text, nanoseconds
from runner.errors import Fault
from runner.market.coarse import Coarse, Distances, coarse_of
from runner.market.neighbours import Neighbours, Run, neighbours
from runner.market.origin import FILE, ROW, SHOWN, excerpt
from runner.market.session import Instants
from runner.market.wall_clock import wall_times
from runner.spec.timezone import Timezone

__all__ = ["Spacings", "spacings_of"]


@dataclass(slots=True)
class _Pairs:
    """Neighbours that contradict the declaration."""

    count: int = 0
    nearest: int = 0
    """Shortest distance between their opens, in nanoseconds."""
    shown: list[pl.DataFrame] = field(default_factory=list)
    """The later of the first of them."""

    def add(self, opens: Instants, frame: pl.DataFrame) -> None:
        nearest = int(opens.min())
        self.count += opens.size
        self.nearest = min(self.nearest or nearest, nearest)
        self.shown.append(frame)

    @property
    def room(self) -> int:
        return max(SHOWN - sum(frame.height for frame in self.shown), 0)

    @property
    def excerpt(self) -> str:
        return excerpt(pl.concat(self.shown), count=self.count)


@dataclass(slots=True)
class Spacings:
    """Distances between neighbouring bars, of all rows so far."""

    timezone: Timezone
    """The policy the bars were placed with."""
    distances: dict[str, Distances] = field(default_factory=dict)
    """Symbol → its distances."""
    last: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Symbol → when its last bar opened and was known."""
    overlapping: _Pairs = field(default_factory=_Pairs)
    """Bars that open before their neighbour closes."""
    misread: _Pairs = field(default_factory=_Pairs)
    """Bars behind a change of clocks that lie side by side by another clock than the declared one."""

    def add(self, frame: pl.DataFrame) -> None:
        """Measure rows of a `stamped` frame; a symbol's rows must follow those that were added before.

        Events have no length, and nothing is measured of them.
        """
        if self.timezone.stamp == "event":
            return
        side_by_side = neighbours(frame)
        for run in side_by_side.runs():
            self._add(run, side_by_side, frame)

    @property
    def faults(self) -> list[Fault]:
        """What no policy lets pass."""
        where, must, declared = "timezone.interval", "must be the length of one bar", self.timezone.interval
        found = []
        if self.misread.count:
            hours = nanoseconds(declared or "") // HOUR
            bars = "1 bar begins" if self.misread.count == 1 else f"{self.misread.count} bars begin"
            was = f'"{declared}" while {bars} at another time of day behind a change of clocks'
            if days_by_clock(declared or "") is None:
                was = f'"{declared}" while {bars} at the same time of day behind a change of clocks'
            write = (
                f'Write "{hours // 24}d" for days by the clock of {self.timezone.zone}, "{hours}h" for days of 24 hours,'
                " or the zone whose clock the bars keep."
            )
            found.append(Fault(where, must, was, write, excerpt=self.misread.excerpt))
        if self.overlapping.count:
            nearest = duration_text(self.overlapping.nearest)
            was = f'"{declared}" while {self.overlapping.count} bars start sooner after another, the nearest after {nearest}'
            write = "Write the true length of a bar as timezone.interval, or repair the rows."
            found.append(Fault(where, must, was, write, excerpt=self.overlapping.excerpt))
        return found

    @property
    def coarse(self) -> tuple[Coarse, ...]:
        """Symbols whose bars are longer than declared."""
        return coarse_of(self.distances, self.timezone.interval)

    def _add(self, run: Run, side_by_side: Neighbours, frame: pl.DataFrame) -> None:
        opened, known, first = run.opened, run.known, run.first
        if not run.continues and run.symbol in self.last:
            before = self.last[run.symbol]
            opened, known = (np.concatenate([[end], ends]) for end, ends in zip(before, (opened, known), strict=True))
            first -= 1
        self.last[run.symbol] = int(opened[-1]), int(known[-1])
        opens = np.diff(opened)
        apart = opens > 0
        distances = np.maximum(opens, np.diff(known))[apart]
        self.distances.setdefault(run.symbol, Distances()).add(distances, self.timezone.interval)
        if self.timezone.interval is None:
            return
        misread = _by_another_clock(opened, known, self.timezone)
        overlap = apart & (opened[1:] < known[:-1]) & ~misread
        for found, mask in ((self.misread, misread), (self.overlapping, overlap)):
            at = np.flatnonzero(mask)
            if at.size:
                rows = [side_by_side.row(first + 1 + int(each)) for each in at[: found.room]]
                found.add(opens[at], frame.select("symbol", "timestamp", FILE, ROW)[rows])


def spacings_of(frame: pl.DataFrame, timezone: Timezone) -> Spacings:
    """Measure the distances between neighbouring bars of each symbol in a `stamped` frame."""
    found = Spacings(timezone)
    found.add(frame)
    return found


def _by_another_clock(opened: Instants, known: Instants, timezone: Timezone) -> NDArray[np.bool_]:
    """Mark pairs of neighbours across a change of clocks that lie side by side by the clock that wasn't declared.

    Days declared in hours whose bars begin at the same wall time, and days by the wall clock whose bars last 24 hours: at a
    change of clocks in autumn, or in spring, such a bar would be known an hour before it closes.
    """
    interval = nanoseconds(timezone.interval or "")
    if interval % DAY:
        return np.zeros(opened.size - 1, np.bool_)
    wall = wall_times(opened, timezone.zone).to_physical().to_numpy()
    apart, by_clock, length = np.diff(opened), np.diff(wall), known[:-1] - opened[:-1]
    changed = apart != by_clock
    if days_by_clock(timezone.interval or "") is None:
        return np.asarray(changed & (by_clock == interval) & (length == interval))
    return np.asarray(changed & (apart == interval) & (length == interval + apart - by_clock))
