"""Buckets of time over rows that come stretch by stretch: those that close in one, and those that stay open behind it.

What `bucket` says of all rows at once is said here of each stretch: a bucket that was begun in one may go on through the
next and close in a third, at the first row after it. A bucket's value is a fold over its rows, so what it has come to so far
and how many rows that were is all there is to carry.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runner.compiler import FLAT, INT, INTS, ROWS, SERIES, compile_function
from runner.signal.bucket import fold, numbered
from runner.signal.graph import HOWS, How
from runner.signal.sheet import Sheet
from runner.signal.vocabulary import EACH_ONCE

__all__ = ["OpenBuckets", "Parts"]

Values = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The buckets that a stretch's rows belong to, by symbol and time; each symbol's last may stay open."""

    start: Rows
    """[B] first row of each in the stretch."""
    stop: Rows
    """[B] row after its last; that of a bucket which the stretch's first row shows to be over is its start."""
    symbol: Rows
    """[B] symbol of each."""
    goes_on: NDArray[np.bool_]
    """[B] whether it was begun in an earlier stretch."""
    is_closed: NDArray[np.bool_]
    """[B] whether it is over."""
    first: Rows
    """[B] rows of its symbol that came before its first one."""
    sheet: Sheet
    """One row per bucket that closed, known when it is."""


@dataclass(slots=True)
class OpenBuckets:
    """The open bucket of each symbol on one clock."""

    clock: str
    span: int
    is_open: NDArray[np.bool_]
    number: Rows
    session: NDArray[np.int32]
    first: Rows
    """[N] rows of the symbol that came before its first one."""
    values: dict[int, tuple[Values, Rows]] = field(default_factory=dict)
    """Node → [N] what the open bucket came to so far, and of how many rows."""

    @classmethod
    def none(cls, clock: str, span: int, symbols: int) -> "OpenBuckets":
        """Return the state before the first row."""
        whole = [np.zeros(symbols, np.int64) for _ in range(2)]
        return cls(clock, span, np.zeros(symbols, np.bool_), whole[0], np.zeros(symbols, np.int32), whole[1])

    def parted(self, sheet: Sheet, passed: Rows) -> Parts:
        """Return the buckets of a stretch and remember which stay open.

        Args:
            sheet: The stream's rows.
            passed: [N] rows of each symbol before them.
        """
        number, end = numbered(sheet, self.span)
        owner, begins = sheet.symbols, sheet.offsets[:-1]
        is_start = np.ones(sheet.rows, dtype=np.bool_)
        is_start[1:] = (number[1:] != number[:-1]) | (owner[1:] != owner[:-1])
        starts = np.flatnonzero(is_start).astype(np.int64)
        stops = np.append(starts[1:], sheet.rows)[: starts.size].astype(np.int64)
        has_rows = np.flatnonzero(np.diff(sheet.offsets) > 0)
        goes_on = np.zeros(starts.size, np.bool_)
        of_first = np.searchsorted(starts, begins[has_rows])
        goes_on[of_first] = self.is_open[has_rows] & (self.number[has_rows] == number[begins[has_rows]])
        # A bucket that no row of this stretch belongs to is over at the first of them.
        over = has_rows[self.is_open[has_rows] & ~goes_on[of_first]]
        order = np.argsort(np.concatenate([2 * begins[over], 2 * starts + 1]), kind="stable")
        start = np.concatenate([begins[over], starts])[order]
        stop = np.concatenate([begins[over], stops])[order]
        goes_on = np.concatenate([np.ones(over.size, np.bool_), goes_on])[order]
        symbol = owner[start].astype(np.int64)
        last = stop - 1
        is_exact = (stop > start) & (end[last] == sheet.ts[last]) & (sheet.clock in EACH_ONCE)
        is_closed = is_exact | (stop < sheet.offsets[symbol + 1])
        first = np.where(goes_on, self.first[symbol], passed[symbol] + start - begins[symbol])
        session = np.where(stop > start, sheet.session[last], self.session[symbol]).astype(np.int32)
        origin = np.where(is_exact, last, stop)[is_closed]
        offsets = np.searchsorted(symbol[is_closed], np.arange(begins.size + 1)).astype(np.int64)
        closed = Sheet(self.clock, sheet.ts[origin], session[is_closed], offsets, {}, sheet.surroundings)
        ends = np.searchsorted(symbol, has_rows, side="right") - 1
        self.is_open[has_rows] = ~is_closed[ends]
        self.number[has_rows], self.session[has_rows] = number[last[ends]], session[ends]
        self.first[has_rows] = first[ends]
        return Parts(start, stop, symbol, goes_on, is_closed, first, closed)

    def valued(self, node: int, how: How, x: Values, parts: Parts) -> Values:
        """Return what each bucket that closed comes to, and remember what the open ones have come to.

        Args:
            node: Whose values.
            how: What becomes of a bucket's rows.
            x: [R] values on the stream's rows.
            parts: What `parted` gave for the stretch.
        """
        symbols = self.is_open.size
        carried, rows = self.values.setdefault(node, (np.zeros(symbols), np.zeros(symbols, np.int64)))
        so_far = np.where(parts.goes_on, carried[parts.symbol], 0.0)
        count = np.where(parts.goes_on, rows[parts.symbol], 0)
        out = np.empty(parts.start.size)
        folded = compile_function(fold, (INT, SERIES, ROWS, ROWS, FLAT, INTS, FLAT))
        folded(HOWS.index(how), x, parts.start, parts.stop, so_far, count, out)
        left = ~parts.is_closed
        carried[parts.symbol[left]], rows[parts.symbol[left]] = so_far[left], count[left]
        return out[parts.is_closed]
