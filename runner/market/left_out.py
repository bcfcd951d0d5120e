"""Rows that were read and aren't used: how many, and why. Every row is accounted for.

1. `Door.of` counts, for one source or window, what comes in, and what time-zone policy, lives and window leave of it.
2. `accounted` completes what the quality gate says of the rows it was shown: those read are those kept and those left out,
   reason by reason.
3. `hours_faults` refuses data of which the hours leave little: a wrong zone looks like rows outside the hours.

Why most rows alone is no fault: whoever trades the regular hours of data that hold early and late ones as well leaves out
more than half of them. But then the hours are full.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from runner.errors import Fault
from runner.market.arrange import bounds
from runner.market.gaps import Gaps
from runner.spec.timezone import Timezone

__all__ = ["Door", "accounted", "hours_faults", "outside_notes", "share"]

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Door:
    """Rows before the quality gate."""

    read: Mapping[str, int] = field(default_factory=dict)
    """Ticker → rows that came."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Reason → rows that go no further: `out_of_session`, `lives` (nobody's), `window` (not asked for)."""

    @classmethod
    def of(cls, read: Mapping[str, int], *, placed: int, lived: int, inside: int) -> "Door":
        """Return what was left out, given how many rows were left behind each step."""
        left = {"out_of_session": sum(read.values()) - placed, "lives": placed - lived, "window": lived - inside}
        return cls(read, left)

    def __add__(self, other: "Door") -> "Door":
        """Return both counted together."""
        return Door(_sum(self.read, other.read), _sum(self.left_out, other.left_out))

    @staticmethod
    def counted(frame: pl.DataFrame) -> dict[str, int]:
        """Return ticker → rows of an arranged frame; tickers without any are not named."""
        symbols = frame["symbol"].dtype
        names = symbols.categories.to_list() if isinstance(symbols, pl.Enum) else []
        return {name: int(rows) for name, rows in zip(names, np.diff(bounds(frame)), strict=True) if rows}


def accounted(report: Mapping[str, object], door: Door) -> dict[str, object]:
    """Return the gate's report with `rows_read` from the door on, and `left_out`: reason → rows, `quality` the gate's."""
    shown, kept = report["rows_read"], report["rows_kept"]
    if not isinstance(shown, int) or not isinstance(kept, int):
        raise TypeError("rows are counted as whole numbers")
    left = {reason: rows for reason, rows in {**door.left_out, "quality": shown - kept}.items() if rows}
    return {**report, "rows_read": kept + sum(left.values()), "left_out": left}


def outside_notes(outside: Mapping[str, int], read: Mapping[str, int], timezone: Timezone) -> tuple[str, ...]:
    """Return what was done to how many rows of which ticker outside the hours, of how many, in plain words."""
    done = "left out" if timezone.out_of_session == "drop" else "kept"
    return tuple(
        f"{rows:,} of {read[ticker]:,} row{'' if read[ticker] == 1 else 's'} ({share(rows, read[ticker])}) of {ticker}"
        f" {'lies' if rows == 1 else 'lie'} outside the hours and {'was' if rows == 1 else 'were'} {done}"
        for ticker, rows in outside.items()
    )


def hours_faults(door: Door, gaps: Gaps, timezone: Timezone) -> list[Fault]:
    """Return a fault where hours leave out more than half of the rows, and those left are less than half of the hours."""
    outside, read = door.left_out.get("out_of_session", 0), sum(door.read.values())
    if outside <= HALF * read or not gaps.judged or gaps.missing <= HALF * gaps.expected:
        return []
    where = f"timezone.{'calendar' if timezone.calendar is not None else 'session'}"
    held = f"{gaps.expected - gaps.missing:,} of {gaps.expected:,} bars expected in the hours are there"
    was = f"{outside:,} of {read:,} outside, while {held}"
    write = (
        f"The market's hours and the rows' don't meet: correct timezone.zone, timezone.stamp or {where}. If so few trades"
        " are right, leave the other rows out of the source."
    )
    return [Fault("timezone.out_of_session", "drop must leave out the lesser part of the rows", was, write)]


def share(rows: int, of: int) -> str:
    """Return rows as a share, in whole hundredths unless that would say none or all."""
    hundredths = 100 * rows / of
    if rows and hundredths < 1:
        return "under 1 %"
    return "over 99 %" if hundredths > 99 and rows < of else f"{hundredths:.0f} %"


def _sum(ours: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    return {name: ours.get(name, 0) + theirs.get(name, 0) for name in {**ours, **theirs}}
