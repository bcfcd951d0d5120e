"""Two ways to evaluate a graph, one definition per formula.

`evaluate` runs every node over whole columns; `Push` takes one row of one symbol at a time, the way a live session does.
Both call the same compiled row functions with the same state, so they give the same bits.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from runner.compiler import STEP, compile_function, scan
from runner.signal.graph import Apply, Column, Constant, Graph

__all__ = ["Push", "evaluate"]

Values = NDArray[np.float64]


def evaluate(
    graph: Graph, columns: Mapping[str, Values], offsets: NDArray[np.int64], roots: Sequence[int]
) -> dict[int, Values]:
    """Evaluate the roots over every symbol's rows; each symbol starts with fresh state.

    A node's values are let go as soon as their last reader is done.

    Args:
        graph: The compiled graph.
        columns: [R] values per column of the tape.
        offsets: [N+1] rows `offsets[i]:offsets[i + 1]` belong to symbol i.
        roots: Nodes whose values are wanted.

    Returns:
        [R] values per root; NaN where undefined.
    """
    needed = graph.needed(*roots)
    readers = _count_readers(graph, needed)
    kept: dict[int, Values] = {}
    for index in needed:
        node = graph.nodes[index]
        kept[index] = columns[node.name] if isinstance(node, Column) else _evaluate_node(node, kept, offsets)
        for read in _inputs(graph, index):
            readers[read] -= 1
            if readers[read] == 0 and read not in roots:
                del kept[read]
    return {root: kept[root] for root in roots}


def _inputs(graph: Graph, index: int) -> set[int]:
    node = graph.nodes[index]
    return {i for i in node.inputs if isinstance(i, int)} if isinstance(node, Apply) else set()


def _count_readers(graph: Graph, needed: Sequence[int]) -> dict[int, int]:
    readers = dict.fromkeys(needed, 0)
    for index in needed:
        for read in _inputs(graph, index):
            readers[read] += 1
    return readers


def _evaluate_node(node: Apply, kept: Mapping[int, Values], offsets: NDArray[np.int64]) -> Values:
    columns = tuple(np.array([i.value]) if isinstance(i, Constant) else kept[i] for i in node.inputs)
    p = np.array(node.parameters, dtype=np.float64)
    out = np.empty(int(offsets[-1]))
    for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        state = np.zeros(node.operator.state(*node.parameters))
        scan(node.operator.step, state, columns, p, rows=range(start, stop), out=out)
    return out


class Push:
    """A graph that takes one row at a time; every symbol has its own state."""

    def __init__(self, graph: Graph, symbols: int, roots: Sequence[int]) -> None:
        """Prepare fresh state for a number of symbols."""
        self._needed = graph.needed(*roots)
        self._nodes = graph.nodes
        self._steps = {i: compile_function(n.operator.step, STEP) for i, n in self._applied()}
        self._p = {i: np.array(n.parameters, dtype=np.float64) for i, n in self._applied()}
        self._x = {i: np.empty(len(n.inputs)) for i, n in self._applied()}
        self.state: tuple[dict[int, Values], ...] = tuple(
            {i: np.zeros(n.operator.state(*n.parameters)) for i, n in self._applied()} for _ in range(symbols)
        )
        """Per symbol: node → state array; copying them is a snapshot, writing them back restores it."""

    def _applied(self) -> list[tuple[int, Apply]]:
        return [(i, node) for i in self._needed if isinstance(node := self._nodes[i], Apply)]

    def push(self, symbol: int, row: Mapping[str, float]) -> dict[int, float]:
        """Take one row of one symbol and return the value of every node that is needed."""
        values: dict[int, float] = {}
        state = self.state[symbol]
        for index in self._needed:
            node = self._nodes[index]
            if isinstance(node, Column):
                values[index] = row[node.name]
                continue
            x = self._x[index]
            for k, read in enumerate(node.inputs):
                x[k] = read.value if isinstance(read, Constant) else values[read]
            values[index] = self._steps[index](state[index], x, self._p[index])
        return values
