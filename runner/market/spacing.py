"""The declared length of a bar held against the bars themselves, symbol by symbol.

A bar's close is its open plus the declared interval. Hourly bars declared as `1min` would be known 59 minutes before they
are: look-ahead that no other check could see, least of all where they lie beside true one-minute bars of other symbols.

1. `Spacings.add` measures the distances between neighbouring bars of each symbol, of all rows at once or window by window.
   The first and last bar of a session may be cut to its hours, so the distance of two bars is that of their opens or of
   their closes, whichever is longer.
2. `faults` are what no policy lets pass: bars that open before their neighbour closes, and bars that are an hour longer or
   shorter where clocks change (`another_clock`).
3. `coarse` are symbols whose bars are longer than declared, by the rules of that module and for the policy of that name;
   `notes` name symbols with too few bars to judge.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.duration import duration_text
from runner.errors import Fault
from runner.market.another_clock import clock_fault, misread_by
from runner.market.calendar import Calendar
from runner.market.coarse import Coarse, coarse_of, few_notes
from runner.market.distances import Apart, Distances, is_long
from runner.market.neighbours import Neighbours, Run, neighbours
from runner.market.origin import FILE, ROW, SHOWN, excerpt
from runner.market.piecewise import piecewise
from runner.market.session import Hours, Instants
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
    misread: dict[str, _Pairs] = field(default_factory=dict)
    """Zone → bars behind a change of its clocks that lie side by side by them, and not by the declared length."""

    def add(self, frame: pl.DataFrame, calendar: Calendar | None) -> None:
        """Measure rows of a `stamped` frame; a symbol's rows must follow those that were added before.

        Events have no length, and nothing is measured of them.

        Args:
            frame: the rows.
            calendar: the sessions they were placed in (`Placed.calendar`); None: trading is never known to stop.
        """
        if self.timezone.stamp == "event":
            return
        # Distances of daily bars are across sessions anyway.
        hours = None if calendar is None or self.timezone.interval is None else Hours.of(calendar)
        side_by_side = neighbours(frame)
        runs = list(self._before(list(side_by_side.runs())))
        found = piecewise(lambda run: _measured(run, self.timezone, hours), runs, rows=frame.height)
        for run, measured in zip(runs, found, strict=True):
            self._add(run, measured, side_by_side, frame)

    @property
    def faults(self) -> list[Fault]:
        """What no policy lets pass."""
        where, must, declared = "timezone.interval", "must be the length of one bar", self.timezone.interval
        found = [
            clock_fault(self.timezone, zone, pairs.count, pairs.excerpt) for zone, pairs in sorted(self.misread.items())
        ]
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

    @property
    def notes(self) -> tuple[str, ...]:
        """Symbols whose bars are too few to be judged, but equally far apart, in plain words."""
        return few_notes(self.distances, self.timezone.interval)

    def _before(self, runs: Sequence[Run]) -> Iterator[Run]:
        """Put the last bar that was added before in front of each symbol's rows."""
        for run in runs:
            if run.continues or run.symbol not in self.last:
                yield run
            else:
                ends = zip(self.last[run.symbol], (run.opened, run.known), strict=True)
                opened, known = (np.concatenate([[last], instants]) for last, instants in ends)
                yield Run(run.symbol, run.first - 1, opened, known, run.continues)

    def _add(self, run: Run, measured: "_Measured", side_by_side: Neighbours, frame: pl.DataFrame) -> None:
        self.last[run.symbol] = int(run.opened[-1]), int(run.known[-1])
        self.distances.setdefault(run.symbol, Distances(self.timezone.interval)).add(measured.apart)
        misread = [(self.misread.setdefault(zone, _Pairs()), at) for zone, at in measured.misread.items()]
        for pairs, at in (*misread, (self.overlapping, measured.overlapping)):
            if at.size:
                rows = [side_by_side.row(run.first + 1 + int(each)) for each in at[: pairs.room]]
                opens = run.opened[at + 1] - run.opened[at]
                pairs.add(opens, frame.select("symbol", "timestamp", FILE, ROW)[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """What is found between neighbouring bars of one symbol."""

    apart: Apart
    misread: Mapping[str, NDArray[np.intp]]
    """Zone → the earlier bars of pairs that lie side by side by its clock alone."""
    overlapping: NDArray[np.intp]
    """The earlier bars of pairs of which the later opens too soon."""


def _measured(run: Run, timezone: Timezone, hours: Hours | None) -> _Measured:
    opened, known = run.opened, run.known
    opens = np.diff(opened)
    lengths = np.diff(known)
    np.maximum(opens, lengths, out=lengths)
    # Extremes answer for all rows of most symbols: what no row is needn't be looked for.
    is_apart = bool(opens.min(initial=1) > 0)
    distances = lengths if is_apart else lengths[opens > 0]
    longest = distances.max(initial=0, keepdims=True)
    longer = np.flatnonzero(is_long(distances if is_long(longest, timezone.interval).any() else longest, timezone.interval))
    at = longer if is_apart else np.flatnonzero(opens > 0)[longer]
    across = _is_across(hours, opened[at], opened[at + 1])
    nearest = int(distances.min()) if distances.size else 0
    found = Apart(distances.size, nearest, longer, distances[longer], across)
    if timezone.interval is None:
        return _Measured(found, {}, np.empty(0, np.intp))
    misread = misread_by(opened, known, timezone)
    overlap = opened[1:] < known[:-1]
    if not is_apart:
        overlap &= opens > 0
    for mask in misread.values():
        overlap &= ~mask
    return _Measured(found, {zone: np.flatnonzero(mask) for zone, mask in misread.items()}, np.flatnonzero(overlap))


def spacings_of(frame: pl.DataFrame, timezone: Timezone, calendar: Calendar | None) -> Spacings:
    """Measure the distances between neighbouring bars of each symbol in a `stamped` frame; see `Spacings.add`."""
    found = Spacings(timezone)
    found.add(frame, calendar)
    return found


def _is_across(hours: Hours | None, before: Instants, after: Instants) -> NDArray[np.bool_]:
    """Return of bars, by their opens, whether a break or the end of a session lies between them."""
    if hours is None:
        return np.zeros(before.size, np.bool_)
    # Looked up by the later bar alone: of fixed hours a window knows the days of its own rows only.
    found = np.searchsorted(hours.end, after, side="right")
    return np.asarray(before < np.append(hours.start, np.iinfo(np.int64).max)[found])
