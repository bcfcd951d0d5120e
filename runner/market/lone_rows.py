"""One row of every session lost outside the hours, always at the same time of day: the mark of a wrong stamp.

Minutes stamped with their close and declared as stamped with their open lose the last one of each session to
`out_of_session: drop`, and all others lie a minute late. Few rows are lost, so that a count of them alarms nobody.

1. `lone_rows` counts, symbol by symbol, sessions and the times of day of the rows outside; `added` adds up windows.
2. `lone_notes` asks about the stamp where nearly every session lost a row at one time of day, and hardly any others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.duration import DAY
from runner.market.session import Instants
from runner.market.wall_clock import wall_times

__all__ = ["Lone", "added", "lone_notes", "lone_rows"]

NEARLY = 0.8
"""Share of sessions that must have lost a row at the same time of day: early closes are some of the others."""
ENOUGH = 5
"""Sessions below which nothing is concluded."""
NAMED = 10
"""Symbols named in a note."""


@dataclass(frozen=True, slots=True)
class Lone:
    """One symbol's sessions and rows outside of them."""

    first: int = 0
    """Date of the first session with rows, in days since 1970-01-01."""
    last: int = 0
    """Date of the last one."""
    sessions: int = 0
    """How many have rows."""
    times: Mapping[int, int] = field(default_factory=dict)
    """Time of day by the zone's clock, in nanoseconds → rows outside the hours."""

    def __add__(self, other: "Lone") -> "Lone":
        """Return both together; the other's rows follow, perhaps in the same session."""
        if not self.sessions or not other.sessions:
            dated = self if self.sessions else other
            return Lone(dated.first, dated.last, dated.sessions, _sum(self.times, other.times))
        sessions = self.sessions + other.sessions - (self.last == other.first)
        return Lone(self.first, other.last, sessions, _sum(self.times, other.times))

    @property
    def time(self) -> int | None:
        """The time of day at which nearly every session lost a row, of hardly any others; None without one."""
        if self.sessions < ENOUGH or not self.times:
            return None
        time, rows = max(self.times.items(), key=lambda each: (each[1], each[0]))
        is_each = self.sessions * NEARLY <= rows <= self.sessions
        return time if is_each and sum(self.times.values()) < 2 * rows else None


def lone_rows(
    frame: pl.DataFrame, stamps: Instants, session: NDArray[np.int32], inside: NDArray[np.bool_], zone: str
) -> dict[str, Lone]:
    """Return symbol → its sessions and rows outside, of symbols that have any of them.

    Args:
        frame: rows with `symbol`.
        stamps: [R] UTC nanoseconds of the stamp.
        session: [R] session date in days since 1970-01-01, where the row is inside.
        inside: [R] whether the row lies in a session.
        zone: whose clock says the time of day.
    """
    symbols = frame["symbol"].cast(pl.String)
    outside = ~inside
    day = wall_times(stamps[outside], zone).to_physical() % DAY
    lost = pl.DataFrame([symbols.filter(pl.Series(outside)).alias("symbol"), day.alias("time")])
    times: dict[str, dict[int, int]] = {}
    for symbol, time, rows in lost.group_by("symbol", "time").len().iter_rows():
        times.setdefault(symbol, {})[time] = rows
    held = pl.DataFrame({"symbol": symbols.filter(pl.Series(inside)), "session": session[inside]})
    found = held.group_by("symbol").agg(
        pl.col("session").min().alias("first"),
        pl.col("session").max().alias("last"),
        pl.col("session").n_unique().alias("sessions"),
    )
    spans = {symbol: (first, last, sessions) for symbol, first, last, sessions in found.iter_rows()}
    return {symbol: Lone(*spans.get(symbol, (0, 0, 0)), times.get(symbol, {})) for symbol in {**spans, **times}}


def added(ours: Mapping[str, Lone], theirs: Mapping[str, Lone]) -> dict[str, Lone]:
    """Return what was found so far and in a window that follows."""
    return {symbol: ours.get(symbol, Lone()) + theirs.get(symbol, Lone()) for symbol in {**ours, **theirs}}


def lone_notes(found: Mapping[str, Lone]) -> tuple[str, ...]:
    """Return which symbols lost one row of nearly every session, in plain words, one note per time of day."""
    symbols: dict[int, list[str]] = {}
    for symbol, lone in sorted(found.items()):
        if lone.time is not None:
            symbols.setdefault(lone.time, []).append(symbol)
    return tuple(
        f"1 row of nearly every session of {_named(named)}, stamped {_clock(time)}, was left out: is timezone.stamp right?"
        for time, named in sorted(symbols.items())
    )


def _named(symbols: list[str]) -> str:
    more = len(symbols) - NAMED
    return ", ".join(symbols[:NAMED]) + (f" and {more} more symbols" if more > 0 else "")


def _clock(time: int) -> str:
    hours, rest = divmod(time // 10**9, 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def _sum(ours: Mapping[int, int], theirs: Mapping[int, int]) -> dict[int, int]:
    return {time: ours.get(time, 0) + theirs.get(time, 0) for time in {**ours, **theirs}}
