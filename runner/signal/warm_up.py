"""From which row on a node may be defined, per symbol: warm-up counted on the rows themselves.

A node's warm-up begins at the first row at which everything that it reads is past its own, and takes

| node | until |
|---|---|
| column | at once |
| operator of rows, window of rows, cross-section | so many rows have come |
| window of time | so much time has gone by |
| window since the open | the first session of which the data hold what comes before it |
| bucket | the first that was begun after the data had begun |
| latest value of another clock | the first row at or after the other's first |

`Push` counts the same, row by row.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from runner.signal.bucket import Buckets, buckets_of
from runner.signal.graph import Apply, Asof, Bucket, Column, Graph, inputs_of
from runner.signal.operator import SESSION
from runner.signal.sheet import Sheet

__all__ = ["WarmUp"]

Rows = NDArray[np.int64]

MICROSECOND = 1_000


class WarmUp:
    """The first rows of a graph's nodes, and the sheets of all its clocks."""

    def __init__(self, graph: Graph, sheets: Mapping[str, Sheet]) -> None:
        """Begin with the sheets of the streams; those of buckets are made when they are needed."""
        self._graph = graph
        self.sheets = dict(sheets)
        self.buckets: dict[str, Buckets] = {}
        self._first: dict[int, Rows] = {}

    def first(self, *roots: int) -> Rows:
        """Return [N] the first row of each symbol at which all roots may be defined, or the end of its rows."""
        left = [root for root in roots if root not in self._first]
        are_next = all(read in self._first for root in left for read in inputs_of(self._graph.nodes[root]))
        for index in left if are_next else self._graph.needed(*left):
            if index not in self._first:
                self._first[index] = self._of(index)
        if len(roots) == 1:
            return self._first[roots[0]]
        first: Rows = np.max([self._first[root] for root in roots], axis=0)
        return first

    def _of(self, index: int) -> Rows:
        node = self._graph.nodes[index]
        if isinstance(node, Bucket):
            return self._bucket(node)
        sheet = self.sheets[self._graph.clocks[index]]
        if isinstance(node, Column):
            return sheet.offsets[:-1]
        return self._asof(node, sheet) if isinstance(node, Asof) else self._apply(node, sheet)

    def _apply(self, node: Apply, sheet: Sheet) -> Rows:
        begin = np.max([sheet.offsets[:-1], *(self._first[i] for i in inputs_of(node))], axis=0)
        if node.form == "span":
            waits = [self._waited(node.parameters[0], sheet, symbol, int(row)) for symbol, row in enumerate(begin)]
            return np.array(waits, dtype=np.int64)
        first: Rows = np.minimum(begin + node.rows_before(), sheet.offsets[1:])
        return first

    @staticmethod
    def _waited(span: float, sheet: Sheet, symbol: int, begin: int) -> int:
        """Return the first row of one symbol at which a window of time that begins at a row is full."""
        own = sheet.of_symbol(symbol)
        if begin >= own.stop:
            return int(own.stop)
        if span == SESSION:
            if begin > own.start and sheet.session[begin - 1] != sheet.session[begin]:
                return begin
            return begin + int(np.searchsorted(sheet.session[begin : own.stop], sheet.session[begin], side="right"))
        known = sheet.ts[begin : own.stop] // MICROSECOND
        return begin + int(np.searchsorted(known, known[0] + int(span), side="left"))

    def _asof(self, node: Asof, target: Sheet) -> Rows:
        source = self.sheets[self._graph.clocks[node.input]]
        first = target.offsets[1:].copy()
        for symbol, row in enumerate(self._first[node.input].tolist()):
            if row < source.offsets[symbol + 1]:
                own = target.of_symbol(symbol)
                first[symbol] = own.start + np.searchsorted(target.ts[own], source.ts[row], side="left")
        return first

    def _bucket(self, node: Bucket) -> Rows:
        base = self.sheets[self._graph.clocks[node.input]]
        if node.clock not in self.buckets:
            self.buckets[node.clock] = buckets_of(base, node.clock, node.span)
            self.sheets[node.clock] = self.buckets[node.clock].sheet
        buckets = self.buckets[node.clock]
        first = np.empty(base.offsets.size - 1, dtype=np.int64)
        for symbol, row in enumerate(self._first[node.input].tolist()):
            own = buckets.sheet.of_symbol(symbol)
            begun = max(row, int(base.offsets[symbol]) + 1)
            first[symbol] = own.start + np.searchsorted(buckets.first[own], begun, side="left")
        return first
