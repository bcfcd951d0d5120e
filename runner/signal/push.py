"""A graph that takes the market one instant at a time, as a live session does.

An instant is every row of every stream that became known at the same nanosecond. Nodes are visited in their order, and each
takes all of its rows of the instant, so that a node of one clock can read what another clock learnt at the same instant.
State is arrays and numbers: `snapshot` copies it, `restore` puts it back.

The values are those of `evaluate` to the bit: both drive the same compiled functions, and count the same rows as warm-up.
A symbol may have several rows at one instant, and a node may become ready between them. So each counts the rows it let pass
before it was ready, and a reader of its clock, which counts the same rows, can tell whether it was at the row in hand.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from runner.compiler import Compiled
from runner.duration import DAY
from runner.signal.bucket import NONE, bucket_at, merge
from runner.signal.graph import Apply, Asof, Bucket, Column, Constant, Graph, inputs_of, stream_of
from runner.signal.kernel import Kernel, kernel
from runner.signal.operator import SESSION, Cross
from runner.signal.sheet import Surroundings
from runner.signal.vocabulary import EACH_ONCE

__all__ = ["Push", "Pushed", "PushedRow", "State"]

Values = NDArray[np.float64]

ROOM = 16
"""Rows a window of time has room for at first; it grows."""


class PushedRow(NamedTuple):
    """One row of one stream; a tuple, because a session makes thousands a second."""

    clock: str
    """The stream."""
    symbol: int
    """Number of the symbol in the universe."""
    ts: int
    """When the row is known, UTC nanoseconds."""
    session: int
    """Its session date, days since 1970-01-01."""
    columns: Mapping[str, float]
    """The stream's values."""
    opened: int | None = None
    """When it opened, UTC nanoseconds, of a bar; None of what happens at one instant. No rule reads it, fills do."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What an instant came to."""

    rows: Mapping[str, Sequence[PushedRow]]
    """Clock → its rows of this instant, in the order of the symbols as they were given; buckets that closed among them."""
    values: Mapping[int, Sequence[float]]
    """Node → one value per row of its clock."""


@dataclass(slots=True)
class _Cell:
    """One node of one symbol: its state, and how far its warm-up is."""

    state: Values
    ready: bool = False
    passed: int = 0
    """Rows of its clock that came before it was ready."""
    begun: bool = False
    """Whether a row has come at which everything it reads was there; of a bucket, whether such a row began the open one."""
    rows: int = 0
    """Rows since then, that one included; of a bucket, all rows that were put into buckets."""
    since: int = 0
    """Microseconds, or the session date, of that row."""
    before: int | None = None
    """Session date of the latest row that came before it had begun."""
    latest: float = np.nan
    """The value that other clocks read, if any does."""
    count: int = 0
    """Rows in the open bucket."""
    so_far: float = 0.0
    """What the open bucket comes to."""


@dataclass(slots=True)
class _Open:
    """The open bucket of one clock and symbol."""

    number: int | None = None
    is_first: bool = True
    """Whether it is the symbol's first, whose beginning nobody saw."""
    session: int = 0


@dataclass(frozen=True, slots=True)
class _Event:
    """A bucket that closed."""

    row: PushedRow
    is_first: bool


_Closing = tuple[_Event | None, _Event | None]
"""The bucket that a row shows to be over, and the one that it ends itself."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A node and what pushing it needs, looked up once."""

    index: int
    node: Column | Apply | Asof | Bucket
    clock: str
    inputs: tuple[int, ...]
    is_carried: bool
    """Whether a node of another clock reads its latest value."""
    compiled: Kernel | None
    p: Values
    x: Values
    column: str = ""
    """Name of a column of the market; what is read elsewhere has none here."""
    step: Compiled | None = None
    is_stepped: bool = False
    """Whether it is an operator of one symbol, pushed row by row."""
    is_span: bool = False
    sources: tuple[tuple[int, int], ...] = ()
    """Place in x, node."""
    cells: list[_Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class State:
    """All that a pushed graph remembers."""

    cells: list[list[_Cell]]
    """Per node, per symbol."""
    opened: dict[tuple[str, int], _Open]
    """(clock, symbol) → the bucket that is being filled."""


class Push:
    """A graph, fed instant after instant."""

    def __init__(self, graph: Graph, symbols: int, roots: Sequence[int], surroundings: Surroundings) -> None:
        """Prepare fresh state for a number of symbols."""
        self._graph = graph
        self._around = surroundings
        needed = graph.needed(*roots)
        carried = {node.input for index in needed if isinstance(node := graph.nodes[index], Asof)}
        self._nodes = [self._prepared(index, symbols, is_carried=index in carried) for index in needed]
        self._by_index = {each.index: each for each in self._nodes}
        spans = {node.clock: node.span for each in self._nodes if isinstance(node := each.node, Bucket)}
        self._open = {(clock, symbol): _Open() for clock in spans for symbol in range(symbols)}
        self._spans = spans
        self._plans: dict[frozenset[str], list[_Node]] = {}

    def _prepared(self, index: int, symbols: int, *, is_carried: bool) -> _Node:
        node = self._graph.nodes[index]
        clock = self._graph.clocks[index]
        if not isinstance(node, Apply):
            cells = [_Cell(np.empty(0)) for _ in range(symbols)]
            column = node.name if isinstance(node, Column) and node.name[0] != "@" else ""
            nothing = np.empty(0)
            return _Node(index, node, clock, inputs_of(node), is_carried, None, nothing, nothing, column, cells=cells)
        compiled = kernel(node.operator, node.form, len(node.inputs))
        x = np.array([i.value if isinstance(i, Constant) else np.nan for i in node.inputs])
        sources = tuple((k, i) for k, i in enumerate(node.inputs) if isinstance(i, int))
        states = compiled.fresh(symbols, node.parameters, ROOM)
        cells = [_Cell(states[symbol].copy()) for symbol in range(symbols)]
        p = np.array(node.parameters, dtype=np.float64)
        is_span = node.form == "span"
        is_stepped = not isinstance(node.operator.body, Cross)
        step = compiled.step
        return _Node(
            index, node, clock, inputs_of(node), is_carried, compiled, p, x, "", step, is_stepped, is_span, sources, cells
        )

    def snapshot(self) -> State:
        """Return a copy of all state."""
        return copy.deepcopy(State([each.cells for each in self._nodes], self._open))

    def restore(self, state: State) -> None:
        """Go on from a snapshot of the same graph."""
        copied = copy.deepcopy(state)
        for each, own in zip(self._nodes, copied.cells, strict=True):
            each.cells[:] = own
        self._open = copied.opened

    def push(self, rows: Sequence[PushedRow]) -> Pushed:
        """Take every row of one instant and return the value of every node that is needed."""
        known: dict[str, list[PushedRow]] = {}
        for row in rows:
            known.setdefault(row.clock, []).append(row)
        streams = {clock: stream_of(clock) for clock in self._spans}
        closed = {clock: self._closed(clock, known[stream]) for clock, stream in streams.items() if stream in known}
        for clock, closings in closed.items():
            known[clock] = [event.row for closing in closings for event in closing if event is not None]
        values: dict[int, list[float]] = {}
        for each in self._plan(frozenset(known)):
            if each.column:
                name = each.column
                values[each.index] = [row.columns[name] for row in known[each.clock]]
            elif each.is_stepped:
                values[each.index] = self._stepped(each, known[each.clock], values)
            else:
                values[each.index] = self._pushed(each, known, closed, values)
            if each.is_carried:
                self._carry(each, known[each.clock], values[each.index])
        return Pushed(known, values)

    def was_ready(self, node: int, symbol: int, passed: int) -> bool:
        """Tell whether a node's warm-up was over at a symbol's row, of its clock, before which so many rows had come."""
        found = self._by_index[node]
        cell = found.cells[symbol]
        return isinstance(found.node, Column) or (cell.ready and cell.passed <= passed)

    def _plan(self, clocks: frozenset[str]) -> list[_Node]:
        """Return the nodes that have rows when these clocks do."""
        if clocks not in self._plans:
            self._plans[clocks] = [each for each in self._nodes if each.clock in clocks]
        return self._plans[clocks]

    def _pushed(
        self,
        each: _Node,
        known: Mapping[str, list[PushedRow]],
        closed: Mapping[str, list[_Closing]],
        values: Mapping[int, list[float]],
    ) -> list[float]:
        """Return the values of a node that isn't an operator of one symbol, at the rows of its clock."""
        node, rows = each.node, known[each.clock]
        if isinstance(node, Column):
            return [self._around.at(node.name, node.clock, row.symbol, row.ts, row.session) for row in rows]
        if isinstance(node, Asof):
            return [self._asof(each, node.input, row.symbol) for row in rows]
        if isinstance(node, Bucket):
            source = self._by_index[node.input].clock
            return self._bucketed(each, node, known[source], closed[each.clock], values[node.input])
        return self._across(each, rows, values) if rows else []

    @staticmethod
    def _carry(each: _Node, rows: Sequence[PushedRow], values: Sequence[float]) -> None:
        """Keep the latest values of a node for the nodes of other clocks; a column is ready from its first row on."""
        for row, value in zip(rows, values, strict=True):
            cell = each.cells[row.symbol]
            cell.latest = value
            if isinstance(each.node, Column):
                cell.ready = True

    def _asof(self, each: _Node, source: int, symbol: int) -> float:
        cell, other = each.cells[symbol], self._by_index[source].cells[symbol]
        if not other.ready:
            cell.passed += 1
            return np.nan
        cell.ready = True
        return other.latest

    def _stepped(self, each: _Node, rows: Sequence[PushedRow], values: Mapping[int, Sequence[float]]) -> list[float]:
        """Push rows through an operator of one symbol each."""
        assert each.step is not None  # noqa: S101 - operators are compiled
        step, x, p, cells, is_span = each.step, each.x, each.p, each.cells, each.is_span
        read = [(place, values[source]) for place, source in each.sources]
        found: list[float] = []
        for k, row in enumerate(rows):
            cell = cells[row.symbol]
            for place, given in read:
                x[place] = given[k]
            if is_span:
                self._make_room(each, cell)
            value: float = step(cell.state, x, p)
            if not (cell.ready or self._warmed(each, cell, row)):
                value = np.nan
            found.append(value)
        return found

    @staticmethod
    def _make_room(each: _Node, cell: _Cell) -> None:
        """Give a window of time room for one more row."""
        if each.compiled is not None and each.compiled.is_full(cell.state):
            cell.state = each.compiled.grown(cell.state, each.p.tolist())

    def _across(self, each: _Node, rows: Sequence[PushedRow], values: Mapping[int, list[float]]) -> list[float]:
        """Push one instant through an operator on all symbols."""
        assert each.compiled is not None  # noqa: S101 - operators are compiled
        order = sorted(range(len(rows)), key=lambda k: rows[k].symbol)
        x = np.empty((len(rows), each.x.size))
        x[:] = each.x
        for place, source in each.sources:
            x[:, place] = [values[source][k] for k in order]
        out = np.empty(len(rows))
        each.compiled.step(x, each.p, out)
        found = [np.nan] * len(rows)
        for k, value in zip(order, out.tolist(), strict=True):
            cell = each.cells[rows[k].symbol]
            found[k] = value if cell.ready or self._warmed(each, cell, rows[k]) else np.nan
        return found

    def _warmed(self, each: _Node, cell: _Cell, row: PushedRow) -> bool:
        """Count a row of a node's warm-up and tell whether it is over; see `warm_up`."""
        node = each.node
        assert isinstance(node, Apply)  # noqa: S101 - only operators warm up by rows
        if not cell.begun and all(self.was_ready(i, row.symbol, cell.passed) for i in each.inputs):
            self._begin(cell, node, row)
        if cell.begun and not cell.ready:
            cell.rows += 1
            cell.ready = self._is_over(cell, node, row)
        cell.before = row.session
        cell.passed += not cell.ready
        return cell.ready

    @staticmethod
    def _begin(cell: _Cell, node: Apply, row: PushedRow) -> None:
        """Begin a warm-up at a row; a window since the open is full at once where the row before was another session's."""
        cell.begun = True
        if node.form == "span" and node.parameters[0] == SESSION:
            cell.since = row.session
            cell.ready = cell.before is not None and cell.before != row.session
        else:
            cell.since = row.ts // 1_000

    @staticmethod
    def _is_over(cell: _Cell, node: Apply, row: PushedRow) -> bool:
        if node.form != "span":
            return cell.rows > node.rows_before()
        if node.parameters[0] == SESSION:
            return row.session != cell.since
        return row.ts // 1_000 >= cell.since + int(node.parameters[0])

    # --- buckets -----------------------------------------------------------------------------------------------------

    def _closed(self, clock: str, rows: Sequence[PushedRow]) -> list[_Closing]:
        """Return, per row of the stream, the bucket that it shows to be over and the one that it ends."""
        return [self._closing(clock, row) for row in rows]

    def _closing(self, clock: str, row: PushedRow) -> _Closing:
        opened = self._open[clock, row.symbol]
        number, end = self._numbered(clock, row)
        late = None
        if opened.number is not None and opened.number != number:
            late = _Event(PushedRow(clock, row.symbol, row.ts, opened.session, {}), opened.is_first)
            opened.number, opened.is_first = None, False
        if opened.number is None:
            opened.number = number
        opened.session = row.session
        exact = None
        if row.clock in EACH_ONCE and end == row.ts:
            exact = _Event(PushedRow(clock, row.symbol, row.ts, row.session, {}), opened.is_first)
            opened.number, opened.is_first = None, False
        return late, exact

    def _numbered(self, clock: str, row: PushedRow) -> tuple[int, int]:
        span = self._spans[clock]
        hours = self._around.hours(clock, row.symbol, row.session)
        if hours is None:
            return bucket_at(span, row.session, row.ts, 0, 0) if span >= DAY else (NONE, 0)
        return bucket_at(span, row.session, row.ts, *hours)

    def _bucketed(
        self, each: _Node, node: Bucket, rows: Sequence[PushedRow], closings: Sequence[_Closing], x: Sequence[float]
    ) -> list[float]:
        """Put an instant's rows into buckets and return what those that closed come to."""
        found: list[float] = []
        for row, (late, exact), value in zip(rows, closings, x, strict=True):
            cell = each.cells[row.symbol]
            if late is not None:
                found.append(self._emptied(cell, node, late))
            if cell.count == 0:
                cell.begun = self.was_ready(node.input, row.symbol, cell.rows)
            cell.rows += 1
            cell.so_far = merge(node.how, cell.so_far, cell.count, value)
            cell.count += 1
            if exact is not None:
                found.append(self._emptied(cell, node, exact))
        return found

    @staticmethod
    def _emptied(cell: _Cell, node: Bucket, event: _Event) -> float:
        value = cell.so_far / cell.count if node.how == "mean" else cell.so_far
        cell.ready = cell.ready or (cell.begun and not event.is_first)
        cell.passed += not cell.ready
        cell.count, cell.so_far = 0, 0.0
        return value if cell.ready else np.nan
