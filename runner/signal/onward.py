"""A graph evaluated over rows that come stretch by stretch, so that the whole needn't be held.

    1. Nodes are evaluated in their order over the rows of a stretch, by the functions `evaluate` calls.
    2. What a node remembers goes on to the next stretch: an operator's state, the latest value that another clock reads,
       what an open bucket has come to (`OpenBuckets`), and how far each warm-up is (`OnwardWarmUp`).
    3. The values of all stretches, one after another, are those of `evaluate` to the bit.

A stretch may end anywhere between two instants: every row of every stream that is known by then is in it or in one before.
Operators on all symbols of an instant remember nothing, and no instant is cut in two.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from runner.signal.evaluate import Evaluated, across
from runner.signal.graph import Apply, Asof, Bucket, Column, Constant, Graph, inputs_of
from runner.signal.kernel import Kernel, kernel
from runner.signal.onward_warm_up import OnwardWarmUp
from runner.signal.open_buckets import OpenBuckets, Parts
from runner.signal.operator import Cross
from runner.signal.scan import room_for, scanned
from runner.signal.sheet import Sheet

__all__ = ["Onward"]

Values = NDArray[np.float64]
Rows = NDArray[np.int64]


class Onward:
    """A graph that goes on from one stretch of rows to the next."""

    def __init__(self, graph: Graph, symbols: int, roots: Sequence[int]) -> None:
        """Begin before the first row.

        Args:
            graph: The compiled graph.
            symbols: How many there are.
            roots: Nodes whose values are wanted.
        """
        self._graph = graph
        self._symbols = symbols
        self._roots = tuple(dict.fromkeys(roots))
        self._needed = graph.needed(*self._roots)
        self._warm_up = OnwardWarmUp(graph, symbols)
        self._states: dict[int, Values] = {}
        self._latest = {
            node.input: np.full(symbols, np.nan) for index in self._needed if isinstance(node := graph.nodes[index], Asof)
        }
        self._open = {
            node.clock: OpenBuckets.none(node.clock, node.span, symbols)
            for index in self._needed
            if isinstance(node := graph.nodes[index], Bucket)
        }
        self.undefined: dict[int, int] = dict.fromkeys(self._needed, 0)
        """Node that never had a value so far → how many rows it had."""

    def passed(self, clock: str) -> Rows:
        """Return [N] how many rows of a clock each symbol has had."""
        return self._warm_up.before(clock)

    def ready(self, *nodes: int) -> Rows:
        """Return [N] how many rows of each symbol come before the first at which all nodes may be defined."""
        first: Rows = np.max([self._warm_up.first[node] for node in nodes], axis=0)
        return first

    def evaluate(self, streams: Mapping[str, Sheet]) -> Evaluated:
        """Evaluate the roots over a stretch and go on behind it; rows and first rows are those of the stretch."""
        sheets = dict(streams)
        parts = {clock: self._parted(opened, sheets) for clock, opened in self._open.items()}
        values: dict[int, Values] = {}
        latest: dict[int, Values] = {}
        readers = dict.fromkeys(self._needed, 0)
        for index in self._needed:
            for read in inputs_of(self._graph.nodes[index]):
                readers[read] += 1
        for index in self._needed:
            values[index] = self._node(index, sheets, parts, values)
            if index in self._latest:
                latest[index] = _last(self._latest[index], values[index], sheets[self._graph.clocks[index]])
            for read in inputs_of(self._graph.nodes[index]):
                readers[read] -= 1
                if readers[read] == 0 and read not in self._roots:
                    del values[read]
        own = {root: sheets[self._graph.clocks[root]] for root in self._roots}
        ready = {root: self._warm_up.place(root, sheet) for root, sheet in own.items()}
        self._latest |= latest
        for sheet in sheets.values():
            self._warm_up.leave(sheet)
        return Evaluated({root: values[root] for root in self._roots}, ready, sheets)

    def _parted(self, opened: OpenBuckets, sheets: dict[str, Sheet]) -> Parts:
        """Part a stream's rows into buckets; those that closed become the rows of their clock."""
        base = sheets[opened.clock.partition(" ")[0]]
        found = opened.parted(base, self._warm_up.before(base.clock))
        sheets[opened.clock] = found.sheet
        return found

    def _node(
        self, index: int, sheets: Mapping[str, Sheet], parts: Mapping[str, Parts], read: Mapping[int, Values]
    ) -> Values:
        node, sheet = self._graph.nodes[index], sheets[self._graph.clocks[index]]
        self._warm_up.take(index, sheet, parts.get(sheet.clock))
        if isinstance(node, Column):
            values = sheet.column(node.name)
        elif isinstance(node, Asof):
            values = self._asof(node, sheets, read[node.input])
        elif isinstance(node, Bucket):
            values = self._open[node.clock].valued(index, node.how, read[node.input], parts[node.clock])
        else:
            values = self._apply(index, node, sheet, read)
        if not isinstance(node, Column):
            place = self._warm_up.place(index, sheet)
            for symbol in np.flatnonzero(place > sheet.offsets[:-1]).tolist():
                values[sheet.offsets[symbol] : place[symbol]] = np.nan
        if index in self._latest:
            self._warm_up.tell(index, sheet)
        self._note(index, values)
        return values

    def _note(self, index: int, values: Values) -> None:
        """Count the rows of a node that never had a value."""
        if index in self.undefined:
            if np.isnan(values).all():
                self.undefined[index] += values.size
            else:
                del self.undefined[index]

    def _apply(self, index: int, node: Apply, sheet: Sheet, read: Mapping[int, Values]) -> Values:
        columns = [np.array([i.value]) if isinstance(i, Constant) else read[i] for i in node.inputs]
        if isinstance(node.operator.body, Cross):
            return across(node, columns, sheet.instants(), sheet.rows)
        if node.form == "span":
            self._make_room(index, node, columns, sheet.offsets)
        values, self._states[index] = scanned(
            node.operator,
            columns,
            node.parameters,
            offsets=sheet.offsets,
            form=node.form,
            states=self._states.get(index),
        )
        return values

    def _make_room(self, index: int, node: Apply, columns: Sequence[Values], offsets: Rows) -> None:
        """Give every symbol's window of time room for the most rows it will hold in a stretch."""
        compiled, span = kernel(node.operator, "span", len(columns)), node.parameters[0]
        states = self._states.get(index)
        if states is None:
            return
        room = _room(compiled, states, columns[-2:], offsets, span)
        while compiled.room(states[0]) < room:
            states = np.array([compiled.grown(state, node.parameters) for state in states])
        self._states[index] = states

    def _asof(self, node: Asof, sheets: Mapping[str, Sheet], x: Values) -> Values:
        """Carry a node's latest value, at or before each instant, to the rows of another clock."""
        source, target = sheets[self._graph.clocks[node.input]], sheets[node.clock]
        out = np.empty(target.rows)
        latest = self._latest[node.input]
        for symbol in range(self._symbols):
            rows, given = target.of_symbol(symbol), source.of_symbol(symbol)
            known = np.append(latest[symbol], x[given])
            out[rows] = known[np.searchsorted(source.ts[given], target.ts[rows], side="right")]
        return out


def _last(before: Values, values: Values, sheet: Sheet) -> Values:
    """Return [N] the latest value of each symbol: of the stretch, or before it of a symbol without rows."""
    found = before.copy()
    held = np.flatnonzero(np.diff(sheet.offsets) > 0)
    found[held] = values[sheet.offsets[held + 1] - 1]
    return found


def _room(compiled: Kernel, states: Values, columns: Sequence[Values], offsets: Rows, span: float) -> int:
    """Return the most rows that a window of time ever holds over a stretch, those included that it holds before it."""
    known, session = columns
    pieces: tuple[list[Values], list[Values]] = ([], [])
    for symbol, state in enumerate(states):
        rows = slice(int(offsets[symbol]), int(offsets[symbol + 1]))
        for found, held, new in zip(pieces, compiled.held(state), (known[rows], session[rows]), strict=True):
            found += [held, new]
    sizes = [one.size + other.size for one, other in zip(pieces[0][::2], pieces[0][1::2], strict=True)]
    edges = np.append(0, np.cumsum(sizes)).astype(np.int64)
    return room_for(np.concatenate(pieces[0]), np.concatenate(pieces[1]), span, edges)
