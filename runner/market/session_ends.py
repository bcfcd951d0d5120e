"""Bars that begin late in a symbol's first session or end early in its last one: what gaps and whole sessions don't show.

Bars are expected between a symbol's first and last row (`gaps`), and late or early symbols are judged by whole sessions
(`universe.late`, `universe.early`). A file that was cut at noon passes both. Whoever refuses gaps (`quality.gap: error`)
is told: a note, since a symbol may have begun or stopped to trade at noon.

1. `session_ends` finds each symbol's first and last bar and the session each belongs to; `later` adds up windows.
2. `end_notes` names the symbols of which at least one whole bar is missing there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from runner.duration import DAY, duration_text, nanoseconds
from runner.market.calendar import Calendar
from runner.market.session import Hours, Instants
from runner.spec.timezone import Timezone

__all__ = ["Ends", "end_notes", "later", "session_ends"]

NAMED = 10
"""Symbols named in a note."""
MINUTE = 60 * 10**9


@dataclass(frozen=True, slots=True)
class Ends:
    """One symbol's first and last bar, in UTC nanoseconds."""

    opened: int
    """When its first bar opens."""
    open: int
    """When the session of that bar opens."""
    known: int
    """When its last bar is known."""
    close: int
    """When the session of that bar closes."""


def session_ends(frame: pl.DataFrame, timezone: Timezone, calendar: Calendar | None) -> dict[str, Ends]:
    """Return symbol → its first and last bar in the hours; nothing where nothing says which bars a session has.

    Args:
        frame: `symbol`, `opened` and `known` of every bar.
        timezone: the policy they were placed with.
        calendar: the sessions they were placed in; None: nothing is expected.
    """
    if calendar is None or timezone.interval is None or nanoseconds(timezone.interval) >= DAY or frame.height == 0:
        return {}
    hours = Hours(calendar.open_ns, calendar.close_ns, calendar.days)
    rows = frame.select("symbol", "opened", "known")
    if timezone.out_of_session == "keep":
        _, inside = hours.of_bars(_array(rows["opened"]), _array(rows["known"]))
        rows = rows.filter(pl.Series(inside))
    found = rows.group_by("symbol").agg(
        pl.col("opened").min().alias("first"), pl.col("opened").max().alias("last"), pl.col("known").max()
    )
    first, last = (_array(found[name]) for name in ("first", "last"))
    begins, _ = hours.of_bars(first, first + 1)
    ends, _ = hours.of_bars(last, last + 1)
    symbols = found["symbol"].cast(pl.String).to_list()
    columns = first, hours.start[begins], _array(found["known"]), hours.end[ends]
    return {symbol: Ends(*each) for symbol, *each in zip(symbols, *(column.tolist() for column in columns), strict=True)}


def later(ours: Mapping[str, Ends], theirs: Mapping[str, Ends]) -> dict[str, Ends]:
    """Return what was found so far and in a window that follows."""
    both = {
        symbol: Ends(ours[symbol].opened, ours[symbol].open, ends.known, ends.close) if symbol in ours else ends
        for symbol, ends in theirs.items()
    }
    return {**ours, **both}


def end_notes(found: Mapping[str, Ends], timezone: Timezone) -> tuple[str, ...]:
    """Return which symbols' first or last session lacks a whole bar or more at its outer end, in plain words."""
    interval = nanoseconds(timezone.interval or "1d")
    begin = _lacking(found, interval, lambda each: each.opened - each.open)
    end = _lacking(found, interval, lambda each: each.close - each.known)
    notes = []
    if begin:
        notes.append(f"bars begin too late in the first session: {begin}; were earlier ones cut off?")
    if end:
        notes.append(f"bars end too early in the last session: {end}; were later ones cut off?")
    return tuple(notes)


def _lacking(found: Mapping[str, Ends], interval: int, missing: Callable[[Ends], int]) -> str:
    told = [
        f"{symbol} by {duration_text(missing(ends) // MINUTE * MINUTE or missing(ends))}"
        for symbol, ends in sorted(found.items())
        if missing(ends) >= interval
    ]
    more = len(told) - NAMED
    return ", ".join(told[:NAMED]) + (f" and {more} more symbols" if more > 0 else "")


def _array(column: pl.Series) -> Instants:
    return np.asarray(column.to_numpy(), dtype=np.int64)
