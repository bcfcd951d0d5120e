"""A graph evaluated over whole columns.

Nodes are evaluated in their order. A node's values are let go as soon as its last reader is done. What lies before a node's
warm-up is NaN: `Ready` follows, per symbol, from which row on everything a node reads is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.signal.bucket import Buckets, bucket_values, buckets_of
from runner.signal.graph import Apply, Asof, Bucket, Column, Constant, Graph, inputs_of
from runner.signal.kernel import kernel
from runner.signal.operator import SESSION, Cross
from runner.signal.scan import scanned
from runner.signal.sheet import Sheet

__all__ = ["Evaluated", "evaluate"]

Values = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """What the roots came to."""

    values: Mapping[int, Values]
    """Root → [R] values on its clock's rows; NaN where undefined."""
    ready: Mapping[int, Rows]
    """Root → [N] first row of each symbol at which it may be defined; the end of the symbol's rows if there is none."""
    sheets: Mapping[str, Sheet]
    """The rows of every clock."""


def evaluate(graph: Graph, sheets: Mapping[str, Sheet], roots: Sequence[int]) -> Evaluated:
    """Evaluate the roots over every symbol's rows; each symbol starts with fresh state.

    Args:
        graph: The compiled graph.
        sheets: Stream → its rows.
        roots: Nodes whose values are wanted.
    """
    return _Evaluation(graph, sheets).run(tuple(dict.fromkeys(roots)))


class _Evaluation:
    """One pass over a graph's nodes."""

    def __init__(self, graph: Graph, sheets: Mapping[str, Sheet]) -> None:
        self.graph = graph
        self.sheets = dict(sheets)
        self.buckets: dict[str, Buckets] = {}
        self.instants: dict[str, tuple[Rows, Rows]] = {}
        self.values: dict[int, Values] = {}
        self.ready: dict[int, Rows] = {}

    def run(self, roots: Sequence[int]) -> Evaluated:
        """Evaluate what the roots need, in order."""
        needed = self.graph.needed(*roots)
        readers = dict.fromkeys(needed, 0)
        for index in needed:
            for read in inputs_of(self.graph.nodes[index]):
                readers[read] += 1
        for index in needed:
            self.values[index], self.ready[index] = self.node(index)
            for read in inputs_of(self.graph.nodes[index]):
                readers[read] -= 1
                if readers[read] == 0 and read not in roots:
                    del self.values[read]
        found = {root: self.values[root] for root in roots}
        return Evaluated(found, {root: self.ready[root] for root in roots}, self.sheets)

    def node(self, index: int) -> tuple[Values, Rows]:
        """Return a node's values and from which rows on they count."""
        node = self.graph.nodes[index]
        if isinstance(node, Column):
            sheet = self.sheets[node.clock]
            return sheet.column(node.name), sheet.offsets[:-1]
        if isinstance(node, Asof):
            values, ready = self.asof(node)
        elif isinstance(node, Bucket):
            values, ready = self.bucket(node)
        else:
            values, ready = self.apply(node, self.sheets[self.graph.clocks[index]])
        offsets = self.sheets[self.graph.clocks[index]].offsets
        for start, first in zip(offsets[:-1].tolist(), ready.tolist(), strict=True):
            values[start:first] = np.nan
        return values, ready

    # --- operators ---------------------------------------------------------------------------------------------------

    def apply(self, node: Apply, sheet: Sheet) -> tuple[Values, Rows]:
        """Evaluate an operator."""
        columns = [np.array([i.value]) if isinstance(i, Constant) else self.values[i] for i in node.inputs]
        if isinstance(node.operator.body, Cross):
            values = self.across(node, columns, sheet)
        else:
            values, _ = scanned(node.operator, columns, node.parameters, offsets=sheet.offsets, form=node.form)
        return values, self.warmed(node, sheet)

    def across(self, node: Apply, columns: list[Values], sheet: Sheet) -> Values:
        """Evaluate an operator on all symbols of each instant."""
        if sheet.clock not in self.instants:
            self.instants[sheet.clock] = sheet.instants()
        strides = np.array([0 if column.size == 1 else 1 for column in columns], dtype=np.int64)
        out = np.empty(sheet.rows)
        compiled = kernel(node.operator, "cross", len(columns))
        p = np.array(node.parameters, dtype=np.float64)
        compiled.scan(*self.instants[sheet.clock], *columns, strides, p, out)
        return out

    def warmed(self, node: Apply, sheet: Sheet) -> Rows:
        """Return the first row of each symbol at which an operator may be defined."""
        begin = np.max([sheet.offsets[:-1], *(self.ready[i] for i in inputs_of(node))], axis=0)
        stop = sheet.offsets[1:]
        if node.form == "span":
            waits = [self.waited(node.parameters[0], sheet, *each) for each in zip(begin, sheet.offsets[:-1], stop, strict=True)]
            return np.array(waits, dtype=np.int64)
        return np.minimum(begin + node.rows_before(), stop)

    @staticmethod
    def waited(span: float, sheet: Sheet, begin: int, start: int, stop: int) -> int:
        """Return the first row of one symbol at which a window of time is full."""
        if begin >= stop:
            return int(stop)
        if span == SESSION:
            if begin > start and sheet.session[begin - 1] != sheet.session[begin]:
                return int(begin)
            return int(begin + np.searchsorted(sheet.session[begin:stop], sheet.session[begin], side="right"))
        known = sheet.ts[begin:stop] // 1_000
        return int(begin + np.searchsorted(known, known[0] + int(span), side="left"))

    # --- other clocks ------------------------------------------------------------------------------------------------

    def asof(self, node: Asof) -> tuple[Values, Rows]:
        """Carry a node's latest value, at or before each instant, to the rows of another clock."""
        target, source = self.sheets[node.clock], self.sheets[self.graph.clocks[node.input]]
        x, ready = self.values[node.input], self.ready[node.input]
        out = np.full(target.rows, np.nan)
        first = target.offsets[1:].copy()
        for symbol in range(target.offsets.size - 1):
            rows = slice(int(target.offsets[symbol]), int(target.offsets[symbol + 1]))
            given = slice(int(source.offsets[symbol]), int(source.offsets[symbol + 1]))
            last = np.searchsorted(source.ts[given], target.ts[rows], side="right") - 1
            had = last >= 0
            out[rows][had] = x[given][last[had]]
            first[symbol] = rows.start + np.searchsorted(last, int(ready[symbol]) - given.start, side="left")
        return out, first

    def bucket(self, node: Bucket) -> tuple[Values, Rows]:
        """Gather a node's rows into buckets."""
        base = self.sheets[self.graph.clocks[node.input]]
        if node.clock not in self.buckets:
            self.buckets[node.clock] = buckets_of(base, node.clock, node.span)
            self.sheets[node.clock] = self.buckets[node.clock].sheet
        buckets = self.buckets[node.clock]
        offsets, ready = buckets.sheet.offsets, self.ready[node.input]
        first = np.empty(offsets.size - 1, dtype=np.int64)
        for symbol in range(first.size):
            own = slice(int(offsets[symbol]), int(offsets[symbol + 1]))
            whole = max(int(ready[symbol]), int(base.offsets[symbol]) + 1)
            first[symbol] = own.start + np.searchsorted(buckets.first[own], whole, side="left")
        return bucket_values(node.how, self.values[node.input], buckets), first
