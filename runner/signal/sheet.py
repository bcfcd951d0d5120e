"""The rows a graph is evaluated on: one sheet per clock, and what surrounds the market data.

A sheet is a tape as the graph sees it. What isn't market data has names with `@`:

    @known           instant the row is known, microseconds since 1970, rounded down
    @session         session date of the row, days since 1970-01-01
    @since_open      seconds from the session's open to that instant
    @event:NAME      seconds since the symbol's last event by that instant, undefined before the first
    @within:NAME:S   whether that is at most S seconds, 1 or 0
    @group:NAME      number of the symbol's group, NaN if it has none

Each is computed in one place for a column (`Sheet.column`) and in one for a row (`Surroundings.at`); the laws hold them
equal.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from runner.signal.graph import WITHIN, stream_of

__all__ = ["Events", "Sessions", "Sheet", "Surroundings", "Table"]

Values = NDArray[np.float64]
Instants = NDArray[np.int64]

MICROSECOND = 1_000
SECOND = 1e9


class Table(Protocol):
    """What a tape offers, of whichever room it comes from."""

    @property
    def ts(self) -> Instants:
        """[R] UTC nanoseconds at which a row is known, ascending within a symbol."""

    @property
    def session(self) -> NDArray[np.int32]:
        """[R] session date in days since 1970-01-01."""

    @property
    def offsets(self) -> Instants:
        """[N+1] rows of each symbol."""

    @property
    def columns(self) -> Mapping[str, Values]:
        """[R] values per column."""


@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """When sessions open and close."""

    days: NDArray[np.int32]
    """[S] session dates, ascending, in days since 1970-01-01."""
    open_ns: Instants
    """[S] UTC nanoseconds of the open."""
    close_ns: Instants
    """[S] UTC nanoseconds of the close."""

    def find(self, session: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return where each session date is, and whether it is there at all; there must be sessions."""
        found = np.minimum(np.searchsorted(self.days, session), self.days.size - 1)
        return found, self.days[found] == session


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Instants at which something became known about each symbol."""

    offsets: Instants
    """[N+1] events of each symbol."""
    ts: Instants
    """[E] UTC nanoseconds, ascending within a symbol."""


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What a graph may read besides the rows of the market."""

    sessions: Mapping[str, Sequence[Sessions | None]] = field(default_factory=dict)
    """Stream → [N] the sessions of each symbol; None where the policy names none."""
    events: Mapping[str, Events] = field(default_factory=dict)
    """Name of an event file → its events."""
    groups: Mapping[str, Values] = field(default_factory=dict)
    """Name of a grouping → [N] number of each symbol's group, NaN if it has none."""

    def of(self, clock: str, symbol: int) -> Sessions | None:
        """Return a symbol's sessions on the stream of a clock."""
        stream = stream_of(clock)
        return self.sessions[stream][symbol] if stream in self.sessions else None

    def hours(self, clock: str, symbol: int, session: int) -> tuple[int, int] | None:
        """Return open and close of a symbol's session, None if it isn't known."""
        sessions = self.of(clock, symbol)
        if sessions is None:
            return None
        found = bisect_right(sessions.days, session) - 1
        if found < 0 or int(sessions.days[found]) != session:
            return None
        return int(sessions.open_ns[found]), int(sessions.close_ns[found])

    def at(self, name: str, clock: str, symbol: int, ts: int, session: int) -> float:
        """Return the value of a column with `@` at one row."""
        if name == "@known":
            return float(ts // MICROSECOND)
        if name == "@session":
            return float(session)
        if name == "@since_open":
            hours = self.hours(clock, symbol, session)
            return (ts - hours[0]) / SECOND if hours else np.nan
        if name.startswith("@group:"):
            return float(self.groups[name.removeprefix("@group:")][symbol])
        if name.startswith(WITHIN):
            _, event, seconds = name.split(":")
            return 1.0 if self._age(event, symbol, ts) <= float(seconds) else 0.0
        age = self._age(name.removeprefix("@event:"), symbol, ts)
        return age if age < np.inf else np.nan

    def _age(self, event: str, symbol: int, ts: int) -> float:
        events = self.events[event]
        first, stop = int(events.offsets[symbol]), int(events.offsets[symbol + 1])
        found = bisect_right(events.ts, ts, first, stop)
        return (ts - int(events.ts[found - 1])) / SECOND if found > first else np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The rows of one clock."""

    clock: str
    ts: Instants
    session: NDArray[np.int32]
    offsets: Instants
    columns: Mapping[str, Values]
    surroundings: Surroundings

    @classmethod
    def of(cls, clock: str, table: Table, surroundings: Surroundings) -> "Sheet":
        """Return the sheet of a tape."""
        return cls(clock, table.ts, table.session, table.offsets, table.columns, surroundings)

    @property
    def rows(self) -> int:
        """Number of rows over all symbols."""
        return int(self.ts.size)

    @property
    def symbols(self) -> NDArray[np.int64]:
        """[R] number of each row's symbol."""
        return np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets))

    def of_symbol(self, symbol: int) -> slice:
        """Return where a symbol's rows are."""
        return slice(int(self.offsets[symbol]), int(self.offsets[symbol + 1]))

    def column(self, name: str) -> Values:  # noqa: PLR0911 - one line per name
        """Return [R] values of a column."""
        if not name.startswith("@"):
            return self.columns[name]
        if name == "@known":
            return (self.ts // MICROSECOND).astype(np.float64)
        if name == "@session":
            return self.session.astype(np.float64)
        if name == "@since_open":
            return self._since_open()
        if name.startswith("@group:"):
            return np.ascontiguousarray(self.surroundings.groups[name.removeprefix("@group:")][self.symbols])
        if name.startswith(WITHIN):
            _, event, seconds = name.split(":")
            return (self._age(event) <= float(seconds)).astype(np.float64)
        age = self._age(name.removeprefix("@event:"))
        return np.where(age < np.inf, age, np.nan)

    def _since_open(self) -> Values:
        opened, _, known = self.hours()
        return np.where(known, (self.ts - opened) / SECOND, np.nan)

    def hours(self) -> tuple[Instants, Instants, NDArray[np.bool_]]:
        """Return [R] open and close of each row's session, and whether they are known."""
        opened, closes, known = np.zeros(self.rows, np.int64), np.zeros(self.rows, np.int64), np.zeros(self.rows, np.bool_)
        for symbol in range(self.offsets.size - 1):
            sessions, rows = self.surroundings.of(self.clock, symbol), self.of_symbol(symbol)
            if sessions is not None and sessions.days.size:
                found, known[rows] = sessions.find(self.session[rows])
                opened[rows], closes[rows] = sessions.open_ns[found], sessions.close_ns[found]
        return opened, closes, known

    def _age(self, event: str) -> Values:
        events = self.surroundings.events[event]
        age = np.full(self.rows, np.inf)
        for symbol in range(self.offsets.size - 1):
            rows = self.of_symbol(symbol)
            of_symbol = events.ts[int(events.offsets[symbol]) : int(events.offsets[symbol + 1])]
            last = np.searchsorted(of_symbol, self.ts[rows], side="right") - 1
            had = last >= 0
            age[rows][had] = (self.ts[rows][had] - of_symbol[last[had]]) / SECOND
        return age

    def instants(self) -> tuple[Instants, Instants]:
        """Return rows in the order of time, [R], and where each instant begins among them, [I+1]."""
        order = np.argsort(self.ts, kind="stable").astype(np.int64)
        ts = self.ts[order]
        new = np.ones(ts.size, dtype=np.bool_)
        new[1:] = ts[1:] != ts[:-1]
        return order, np.append(np.flatnonzero(new), ts.size).astype(np.int64)
