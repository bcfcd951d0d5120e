"""Warm-up counted over rows that come stretch by stretch.

It is what `WarmUp` says of all rows at once. Rows are numbered per symbol from its very first one, whatever stretch they
came in, and `passed` says how many came before the stretch in hand; a first row that hasn't come yet and can't be told in
advance is `FAR`.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runner.signal.graph import Apply, Asof, Bucket, Column, Graph, inputs_of
from runner.signal.open_buckets import Parts
from runner.signal.operator import SESSION
from runner.signal.sheet import Sheet

__all__ = ["FAR", "OnwardWarmUp"]

Rows = NDArray[np.int64]

FAR = 2**62
"""The number of a row nobody can tell yet."""
MICROSECOND = 1_000


@dataclass(slots=True)
class OnwardWarmUp:
    """The first rows of a graph's nodes, as far as they are known."""

    graph: Graph
    symbols: int
    first: dict[int, Rows] = field(default_factory=dict)
    """Node → [N] number of each symbol's first row at which it may be defined."""
    passed: dict[str, Rows] = field(default_factory=dict)
    """Clock → [N] rows of each symbol before the stretch in hand."""
    known_at: dict[int, Rows] = field(default_factory=dict)
    """Node that another clock reads → [N] instant of its first row."""
    _since: dict[int, Rows] = field(default_factory=dict)
    """Window of time → [N] microsecond, or session date, at which its warm-up began."""
    _session: dict[str, Rows] = field(default_factory=dict)
    """Clock → [N] session date of the latest row of each symbol before the stretch."""

    def before(self, clock: str) -> Rows:
        """Return [N] rows of a clock before the stretch in hand."""
        return self.passed.setdefault(clock, np.zeros(self.symbols, np.int64))

    def place(self, index: int, sheet: Sheet) -> Rows:
        """Return [N] from which row of the stretch a node may be defined: its first if it was before, its end if not yet."""
        numbers = self.first[index] - self.before(sheet.clock)
        place: Rows = sheet.offsets[:-1] + np.clip(numbers, 0, np.diff(sheet.offsets))
        return place

    def take(self, index: int, sheet: Sheet, parts: Parts | None = None) -> None:
        """Look for a node's first row among those of the stretch; what it reads must have been taken before.

        Args:
            index: The node.
            sheet: The rows of its clock.
            parts: The buckets of the stretch, of a bucket.
        """
        node = self.graph.nodes[index]
        if index not in self.first:
            is_there = isinstance(node, Column)
            self.first[index] = np.full(self.symbols, 0 if is_there else FAR, np.int64)
        if isinstance(node, Bucket):
            assert parts is not None  # noqa: S101 - a bucket's stretch is parted
            self._bucket(index, node, parts)
        elif isinstance(node, Asof):
            self._asof(index, node, sheet)
        elif isinstance(node, Apply):
            self._apply(index, node, sheet)

    def tell(self, index: int, sheet: Sheet) -> None:
        """Note at which instant a node became ready, for the nodes of other clocks that read it."""
        known = self.known_at.setdefault(index, np.full(self.symbols, FAR, np.int64))
        place = self.place(index, sheet)
        came = np.flatnonzero((known == FAR) & (place < sheet.offsets[1:]))
        known[came] = sheet.ts[place[came]]

    def leave(self, sheet: Sheet) -> None:
        """Count the rows of a clock's stretch as gone by."""
        held = np.flatnonzero(np.diff(sheet.offsets) > 0)
        session = self._session.setdefault(sheet.clock, np.full(self.symbols, -FAR, np.int64))
        session[held] = sheet.session[sheet.offsets[held + 1] - 1]
        self.passed[sheet.clock] = self.before(sheet.clock) + np.diff(sheet.offsets)

    def _begin(self, node: Apply) -> Rows:
        """Return [N] the first row at which everything a node reads is past its own warm-up."""
        begin: Rows = np.max([np.zeros(self.symbols, np.int64), *(self.first[i] for i in inputs_of(node))], axis=0)
        return begin

    def _apply(self, index: int, node: Apply, sheet: Sheet) -> None:
        begin = self._begin(node)
        if node.form != "span":
            self.first[index] = np.where(begin < FAR, begin + node.rows_before(), FAR)
            return
        first, passed = self.first[index], self.before(sheet.clock)
        since = self._since.setdefault(index, np.full(self.symbols, FAR, np.int64))
        for symbol in np.flatnonzero((first == FAR) & (begin < passed + np.diff(sheet.offsets))).tolist():
            first[symbol] = self._waited(node, sheet, symbol, int(begin[symbol] - passed[symbol]), since)

    def _waited(self, node: Apply, sheet: Sheet, symbol: int, begin: int, since: Rows) -> int:
        """Return the number of the first row at which a window of time that began at a place of the stretch is full."""
        own, passed = sheet.of_symbol(symbol), int(self.before(sheet.clock)[symbol])
        start, stop = int(own.start), int(own.stop)
        row = start + max(begin, 0)
        is_session = node.parameters[0] == SESSION
        if since[symbol] == FAR:
            since[symbol] = int(sheet.session[row]) if is_session else int(sheet.ts[row]) // MICROSECOND
            if is_session and passed + row > start and self._session_before(sheet, symbol, row) != sheet.session[row]:
                return passed + row - start
        if is_session:
            found = row + int(np.searchsorted(sheet.session[row:stop], since[symbol], side="right"))
        else:
            known = sheet.ts[row:stop] // MICROSECOND
            found = row + int(np.searchsorted(known, int(since[symbol]) + int(node.parameters[0]), side="left"))
        return passed + found - start if found < stop else FAR

    def _session_before(self, sheet: Sheet, symbol: int, row: int) -> int:
        """Return the session date of the row before one, which may be in an earlier stretch."""
        return int(sheet.session[row - 1] if row > sheet.offsets[symbol] else self._session[sheet.clock][symbol])

    def _asof(self, index: int, node: Asof, sheet: Sheet) -> None:
        first, known, passed = self.first[index], self.known_at[node.input], self.before(sheet.clock)
        for symbol in np.flatnonzero((first == FAR) & (known < FAR)).tolist():
            own = sheet.of_symbol(symbol)
            found = int(np.searchsorted(sheet.ts[own], known[symbol], side="left"))
            if own.start + found < own.stop:
                first[symbol] = passed[symbol] + found

    def _bucket(self, index: int, node: Bucket, parts: Parts) -> None:
        first, passed = self.first[index], self.before(node.clock)
        begun = np.maximum(self.first[node.input], 1)
        numbers = parts.first[parts.is_closed]
        for symbol in np.flatnonzero(first == FAR).tolist():
            own = parts.sheet.of_symbol(symbol)
            found = int(np.searchsorted(numbers[own], begun[symbol], side="left"))
            if own.start + found < own.stop:
                first[symbol] = passed[symbol] + found
