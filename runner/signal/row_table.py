"""A graph as a table that compiled code goes through row by row, without any Python between two nodes.

A live session that calls one function per node spends most of its time between the calls. So a graph whose nodes all step
over the rows of one stream is written down once (`RowTable.of`): where each node's `step` lies in memory, its state, what it
reads and writes. `runner.trading.kernel.in_turn` takes rows through it.

The values are those of `Push` to the bit, as both call the same `step`. What `Push` finds out row by row, since other clocks
may come in between, is a number here: on one clock a node's warm-up is over after so many rows of a symbol.

Not written down are graphs that need more than that: other clocks, buckets, windows of time, which grow, operators on all
symbols, columns that aren't the stream's, and operators of the user's own, whose errors have to be told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.compiler import address_of
from runner.signal.graph import Apply, Column, Constant, Graph, inputs_of
from runner.signal.kernel import kernel
from runner.signal.operator import Cross

__all__ = ["RowTable", "Source"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]

# a line per node
STEP_AT = 0
"""Where its `step` lies."""
STATE_AT = 1
"""Where the state of the first symbol lies; that of the next one follows it."""
STATE_SIZE = 2
X_AT = 3
X_SIZE = 4
P_AT = 5
P_SIZE = 6
WARM_AFTER = 7
"""Rows of a symbol before its first value."""
FIRST_READ = 8
"""First of the lines that say what it reads, and the one after the last."""
END_READ = 9
FIELDS = 10

# a line per input that isn't a constant
PLACE = 0
"""Where in x it belongs."""
IS_NODE = 1
"""1 if it is a node's value, 0 if a column of the row."""
INDEX = 2
"""Line of that node, or number of that column."""
READ_FIELDS = 3


@dataclass(frozen=True, slots=True)
class Source:
    """Where a node's value of a row is found."""

    is_node: bool
    """Whether it is made, or a column of the row."""
    index: int


@dataclass(frozen=True, slots=True)
class RowTable:
    """A graph, written down, and its state."""

    lines: Wholes
    """[nodes, FIELDS]."""
    reads: Wholes
    """[inputs, READ_FIELDS]."""
    sources: dict[int, Source]
    """Node of the graph → where its value is found."""
    warm_after: int
    """Rows of a symbol before all roots have their first values."""
    held: tuple[NDArray[Any], ...]
    """What lies where the lines say."""

    @classmethod
    def of(
        cls, graph: Graph, symbols: int, roots: Sequence[int], named: Sequence[int], columns: Sequence[str]
    ) -> "RowTable | None":
        """Write a graph down with fresh state; None if it needs more than a table has.

        Args:
            graph: What is computed.
            symbols: How many there are.
            roots: Nodes that decide.
            named: Nodes that are shown.
            columns: What a row of the stream has, in its order.
        """
        needed, clock = graph.needed(*roots, *named), graph.clocks[roots[0]]
        if not all(graph.clocks[index] == clock and _is_plain(graph, index, columns) for index in needed):
            return None
        lines, reads, held = list[list[int]](), list[list[int]](), list[NDArray[Any]]()
        sources, warm = dict[int, Source](), dict[int, int]()
        for index in needed:
            node = graph.nodes[index]
            warm[index] = max((warm[each] for each in inputs_of(node)), default=0)
            if isinstance(node, Column):
                sources[index] = Source(is_node=False, index=columns.index(node.name))
                continue
            assert isinstance(node, Apply)  # noqa: S101 - plain nodes are columns or operators
            warm[index] += node.rows_before()
            sources[index] = Source(is_node=True, index=len(lines))
            read = [[k, int(sources[i].is_node), sources[i].index] for k, i in enumerate(node.inputs) if isinstance(i, int)]
            own = _arrays(node, symbols)
            lines.append([*_places(node, own), warm[index], len(reads), len(reads) + len(read)])
            reads += read
            held += own
        return cls(
            np.array(lines, np.int64).reshape(-1, FIELDS),
            np.array(reads, np.int64).reshape(-1, READ_FIELDS),
            sources,
            max(warm[root] for root in roots),
            tuple(held),
        )


def _is_plain(graph: Graph, index: int, columns: Sequence[str]) -> bool:
    """Tell whether a node is a column of the stream, or steps over rows by an operator that never raises."""
    node = graph.nodes[index]
    if isinstance(node, Column):
        return node.name in columns
    if not isinstance(node, Apply):
        return False
    return node.form != "span" and node.operator.own is None and not isinstance(node.operator.body, Cross)


def _arrays(node: Apply, symbols: int) -> list[Values]:
    """Return a node's state of every symbol, its row with the constants in place, and its parameters."""
    state = kernel(node.operator, node.form, len(node.inputs)).fresh(symbols, node.parameters, 0)
    x = np.array([each.value if isinstance(each, Constant) else np.nan for each in node.inputs])
    return [state, x, np.array(node.parameters, np.float64)]


def _places(node: Apply, own: Sequence[Values]) -> list[int]:
    state, x, p = own
    step = address_of(kernel(node.operator, node.form, len(node.inputs)).step)
    at = [int(each.__array_interface__["data"][0]) for each in own]
    return [step, at[0], state.shape[1], at[1], x.size, at[2], p.size]
