"""The quality report of a whole pass, added up from those of its windows.

It says what `load` says of the same rows: every number is the same but those of checks that hold rows against others further
away than a window reaches. Only the first rows of each check are the first in time, not in the order of symbols.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from runner.market.checks import GAP
from runner.market.coarse import COARSE, coarse_report
from runner.market.gap_windows import joined_gaps
from runner.market.gaps import Gaps
from runner.market.left_out import Door, accounted, outside_notes
from runner.market.lives import stray_notes
from runner.market.lone_rows import Lone, added, lone_notes
from runner.market.origin import SHOWN
from runner.market.quality import Gated, gap_report, unknown_notes
from runner.market.session_ends import Ends, end_notes, later
from runner.market.spacing import Spacings
from runner.market.streams import Stream, columns_of
from runner.market.ties import shared_notes
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone

__all__ = ["Beforehand", "Totals"]


@dataclass(frozen=True, slots=True)
class Beforehand:
    """What was found in a window before the gate."""

    gaps: Gaps
    """Bars the calendar expected."""
    outside: Mapping[str, int]
    """Ticker → rows outside the hours."""
    strays: Mapping[str, int]
    """Ticker → rows that were nobody's."""
    shared: int
    """Instants with rows of several files."""
    moved: Mapping[str, int]
    """Ticker → rows that stood in the files before rows of an earlier window."""
    present: frozenset[str]
    """Symbols that have rows."""
    door: Door
    """Rows that came, and those that were left out."""
    lone: Mapping[str, Lone]
    """Ticker → its sessions and the times of day of the rows outside the hours."""
    ends: Mapping[str, Ends]
    """Symbol → its first and last bar, where gaps are refused."""

    def notes(self, gated: Gated, timezone: Timezone) -> list[str]:
        """Return the notes of the window, in plain words."""
        before = (
            *outside_notes(self.outside, self.door.read, timezone),
            *stray_notes(self.strays),
            *shared_notes(self.shared),
            *_moved_notes(self.moved),
        )
        return [*before, *gated.notes]


@dataclass(slots=True)
class Totals:
    """What was found in all windows so far."""

    symbols: tuple[str, ...]
    """The universe."""
    stream: Stream
    timezone: Timezone
    quality: Quality
    rows_read: int = 0
    rows_kept: int = 0
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Check → its report."""
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Symbol → its rows, and the first and last instant at which one was known."""
    sessions: dict[str, tuple[date, date]] = field(default_factory=dict)
    """Symbol → first and last session date of its rows behind the gate."""
    present: set[str] = field(default_factory=set)
    """Symbols that have rows before the gate."""
    gaps: Gaps = field(default_factory=Gaps)
    outside: dict[str, int] = field(default_factory=dict)
    strays: dict[str, int] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    shared: int = 0
    door: Door = field(default_factory=Door)
    lone: dict[str, Lone] = field(default_factory=dict)
    ends: dict[str, Ends] = field(default_factory=dict)

    def add_before(self, before: Beforehand) -> None:
        """Add what was found in a window before the gate, of which nothing may be left."""
        self.gaps = joined_gaps([self.gaps, before.gaps])
        self.shared += before.shared
        self.door += before.door
        self.present |= before.present
        self.lone = added(self.lone, before.lone)
        self.ends = later(self.ends, before.ends)
        for ours, theirs in (
            (self.outside, before.outside),
            (self.strays, before.strays),
            (self.moved, before.moved),
        ):
            _add_counts(ours, theirs)

    def add(self, gated: Gated) -> None:
        """Add what the gate found in a window."""
        report: Mapping[str, Any] = gated.report
        self.rows_read += report["rows_read"]
        self.rows_kept += report["rows_kept"]
        for name, check in report["checks"].items():
            if name not in {GAP, COARSE}:
                self._add_check(name, check)
        for symbol, found in report["symbols"].items():
            held = self.kept.setdefault(symbol, {"rows": 0, "first": found["first"]})
            self.kept[symbol] = {"rows": held["rows"] + found["rows"], "first": held["first"], "last": found["last"]}
        self._add_sessions(gated.frame)
        _add_counts(self.unknown, gated.unknown)

    def report(self, spacings: Spacings) -> dict[str, Any]:
        """Return plain JSON values as `Gated.report` has them, with `notes`; `spacings` are the distances so far."""
        checks = {
            name: {**check, "symbols": self._ordered(check["symbols"]), "first": list(check["first"])}
            for name, check in self.checks.items()
        }
        if self.stream == "bars":
            checks[GAP] = gap_report((self.gaps,), self.quality)
            checks[COARSE] = coarse_report(spacings.coarse, self.quality.coarse)
        absent = (f"{symbol} has no rows in the window" for symbol in self.symbols if symbol not in self.present)
        outside, strays, moved = (dict(sorted(counts.items())) for counts in (self.outside, self.strays, self.moved))
        before = (
            *outside_notes(outside, self.door.read, self.timezone),
            *lone_notes(self.lone),
            *stray_notes(strays),
            *shared_notes(self.shared),
            *spacings.notes,
            *end_notes(self.ends, self.timezone),
            *_moved_notes(moved),
        )
        unknown = {name: self.unknown[name] for name in columns_of(self.stream, 1) if name in self.unknown}
        report: dict[str, object] = {
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "checks": checks,
            "symbols": self._ordered(self.kept),
            "notes": [*before, *absent, *unknown_notes(unknown)],
        }
        return accounted(report, self.door)

    @property
    def dropped(self) -> dict[str, int]:
        """Check → rows it left out."""
        return {name: check["count"] for name, check in self.checks.items() if check["policy"] == "drop"}

    @property
    def spans(self) -> pl.DataFrame:
        """`symbol` and `session` of each symbol's first and last row."""
        rows = [(symbol, day) for symbol, ends in self.sessions.items() for day in ends]
        return pl.DataFrame(rows, schema={"symbol": pl.String, "session": pl.Date}, orient="row")

    def _add_check(self, name: str, check: Mapping[str, Any]) -> None:
        held = self.checks.setdefault(name, {**check, "count": 0, "symbols": {}, "first": []})
        held["count"] += check["count"]
        held["first"] += check["first"][: SHOWN - len(held["first"])]
        _add_counts(held["symbols"], check["symbols"])

    def _add_sessions(self, frame: pl.DataFrame) -> None:
        ends = frame.group_by("symbol").agg(pl.col("session").min().alias("first"), pl.col("session").max().alias("last"))
        for symbol, first, last in ends.iter_rows():
            before = self.sessions.get(symbol, (first, last))
            self.sessions[symbol] = min(first, before[0]), max(last, before[1])

    def _ordered(self, by_symbol: Mapping[str, Any]) -> dict[str, Any]:
        return {symbol: by_symbol[symbol] for symbol in self.symbols if symbol in by_symbol}


def _moved_notes(moved: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(
        f"{'1 row' if rows == 1 else f'{rows} rows'} of {ticker} stood before rows of an earlier window: put in order"
        for ticker, rows in moved.items()
    )


def _add_counts(ours: dict[str, int], theirs: Mapping[str, int]) -> None:
    for name, count in theirs.items():
        ours[name] = ours.get(name, 0) + count
