"""A graph evaluated over whole columns.

Nodes are evaluated in their order. A node's values are let go as soon as its last reader is done. What lies before a node's
warm-up is NaN; `WarmUp` says, per symbol, from which row on everything a node reads is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.signal.bucket import bucket_values
from runner.signal.graph import Apply, Asof, Bucket, Column, Constant, Graph, inputs_of
from runner.signal.kernel import kernel
from runner.signal.operator import Cross
from runner.signal.scan import scanned, strides_of
from runner.signal.sheet import Sheet
from runner.signal.spare import Spare
from runner.signal.warm_up import WarmUp

__all__ = ["Evaluated", "across", "evaluate"]

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


def evaluate(
    graph: Graph, sheets: Mapping[str, Sheet], roots: Sequence[int], spare: Spare | None = None
) -> Evaluated:  # fmt: skip
    """Evaluate the roots over every symbol's rows; each symbol starts with fresh state.

    Args:
        graph: The compiled graph.
        sheets: Stream → its rows.
        roots: Nodes whose values are wanted.
        spare: Where columns come from; the values belong to it and are good until they are taken back.
    """
    roots = tuple(dict.fromkeys(roots))
    evaluation = _Evaluation(graph, WarmUp(graph, sheets), spare or Spare())
    values = evaluation.run(roots)
    return Evaluated(values, {root: evaluation.warm_up.first(root) for root in roots}, evaluation.warm_up.sheets)


def across(node: Apply, columns: Sequence[Values], instants: tuple[Rows, Rows], rows: int) -> Values:
    """Return the values of an operator on all symbols of each instant.

    Args:
        node: The operator, applied.
        columns: [R] values per input; [1] for a constant.
        instants: What `Sheet.instants` says of the rows.
        rows: R.
    """
    out = np.empty(rows)
    compiled = kernel(node.operator, "cross", len(columns))
    compiled.scan(*instants, *columns, strides_of(columns), np.array(node.parameters, dtype=np.float64), out)
    return out


class _Evaluation:
    """One pass over a graph's nodes."""

    def __init__(self, graph: Graph, warm_up: WarmUp, spare: Spare) -> None:
        self.graph = graph
        self.spare = spare
        self.warm_up = warm_up
        self.instants: dict[str, tuple[Rows, Rows]] = {}
        self.values: dict[int, Values] = {}
        self.blank: dict[tuple[str, bytes], Rows] = {}

    def run(self, roots: Sequence[int]) -> dict[int, Values]:
        """Evaluate what the roots need, in order."""
        needed = self.graph.needed(*roots)
        readers = dict.fromkeys(needed, 0)
        for index in needed:
            for read in inputs_of(self.graph.nodes[index]):
                readers[read] += 1
        for index in needed:
            self.values[index] = self.node(index)
            for read in inputs_of(self.graph.nodes[index]):
                readers[read] -= 1
                if readers[read] == 0 and read not in roots:
                    self.spare.back(self.values.pop(read))
        return {root: self.values[root] for root in roots}

    def node(self, index: int) -> Values:
        """Return a node's values."""
        node = self.graph.nodes[index]
        first = self.warm_up.first(index)
        sheet = self.warm_up.sheets[self.graph.clocks[index]]
        if isinstance(node, Column):
            return sheet.column(node.name)
        if isinstance(node, Asof):
            values = self.asof(node, sheet)
        elif isinstance(node, Bucket):
            values = bucket_values(node.how, self.values[node.input], self.warm_up.buckets[node.clock])
        else:
            values = self.apply(node, sheet)
        values[self.before(first, sheet)] = np.nan
        return values

    def before(self, first: Rows, sheet: Sheet) -> Rows:
        """Return the rows of every symbol before its first one; nodes with the same warm-up have the same."""
        key = sheet.clock, first.tobytes()
        found = self.blank.get(key)
        if found is None:
            spans = zip(sheet.offsets[:-1].tolist(), first.tolist(), strict=True)
            found = self.blank[key] = np.concatenate([np.arange(*span) for span in spans])
        return found

    def apply(self, node: Apply, sheet: Sheet) -> Values:
        """Evaluate an operator."""
        columns = [np.array([i.value]) if isinstance(i, Constant) else self.values[i] for i in node.inputs]
        if isinstance(node.operator.body, Cross):
            return self.across(node, columns, sheet)
        out = self.spare.column(int(sheet.offsets[-1]))
        values, _ = scanned(node.operator, columns, node.parameters, offsets=sheet.offsets, form=node.form, out=out)
        return values

    def across(self, node: Apply, columns: list[Values], sheet: Sheet) -> Values:
        """Evaluate an operator on all symbols of each instant."""
        if sheet.clock not in self.instants:
            self.instants[sheet.clock] = sheet.instants()
        return across(node, columns, self.instants[sheet.clock], sheet.rows)

    def asof(self, node: Asof, target: Sheet) -> Values:
        """Carry a node's latest value, at or before each instant, to the rows of another clock."""
        source, x = self.warm_up.sheets[self.graph.clocks[node.input]], self.values[node.input]
        out = np.full(target.rows, np.nan)
        for symbol in range(target.offsets.size - 1):
            rows, given = target.of_symbol(symbol), source.of_symbol(symbol)
            last = np.searchsorted(source.ts[given], target.ts[rows], side="right") - 1
            had = last >= 0
            out[rows][had] = x[given][last[had]]
        return out
