"""The graph: hash-consed nodes in topological order, each on the clock of its rows.

A clock says when a node has a value: once per row of a stream (`bars`, `quotes`, `trades`, `depth`), or once per bucket of
one (`bars every 30min`). Nodes of different clocks meet only through `Asof`. Two expressions that mean the same share one
node, within a run and across the lanes of a sweep, because a node is its own key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from runner.duration import duration_text
from runner.signal.kernel import Form
from runner.signal.operator import SESSION, Operator, Row, ValueType, Window

__all__ = [
    "HOWS",
    "WITHIN",
    "Apply",
    "Asof",
    "Bucket",
    "Column",
    "Constant",
    "Graph",
    "How",
    "Node",
    "bucketed",
    "inputs_of",
    "stream_of",
    "type_of",
]

How = Literal["first", "last", "max", "min", "sum", "mean"]
"""What becomes of a bucket's rows."""

HOWS: tuple[How, ...] = ("first", "last", "max", "min", "sum", "mean")

MICROSECOND = 1_000
WITHIN = "@within:"
"""Begins the name of a column that says whether an event lies so far back at most."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that every row reads."""

    value: float


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a clock's stream; names with `@` aren't market data, see `Sheet.column`."""

    clock: str
    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator applied to inputs of one clock: indices of earlier nodes, or constants."""

    operator: Operator
    form: Form
    inputs: tuple["int | Constant", ...]
    """The operator's inputs, then the columns that it reads by itself."""
    parameters: tuple[float, ...]

    def rows_before(self) -> int:
        """Return how many rows it needs before its first value, from where its inputs have theirs."""
        if isinstance(self.operator.body, Row):
            return self.operator.body.warm_up(*self.parameters)
        return int(self.parameters[0]) - 1 if self.form == "rows" else 0


@dataclass(frozen=True, slots=True)
class Asof:
    """The latest value of a node of another clock, at every row of this one: known at that instant or before."""

    input: int
    clock: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """One value per bucket of so many nanoseconds, counted from the session's open.

    Bucket k holds the rows known after `open + k·span` and up to `open + (k+1)·span`, or the session's close if that comes
    first. It has its value at the row that is known exactly at its end, where a symbol has one row per instant, else at the
    first row after it: never before it is over, and never by a clock that only a live session would have.
    """

    input: int
    how: How
    span: int
    clock: str
    """The bucket's own clock."""


Node = Column | Apply | Asof | Bucket


def bucketed(clock: str, span: int) -> str:
    """Return the clock of a clock's buckets of so many nanoseconds."""
    return f"{clock} every {duration_text(span)}"


def stream_of(clock: str) -> str:
    """Return the stream whose rows a clock counts, itself or in buckets."""
    return clock.partition(" ")[0]


def inputs_of(node: Node) -> tuple[int, ...]:
    """Return the nodes a node reads, each once."""
    if isinstance(node, Column):
        return ()
    if isinstance(node, Apply):
        return tuple(dict.fromkeys(i for i in node.inputs if isinstance(i, int)))
    return (node.input,)


def type_of(nodes: Sequence[Node], node: int) -> ValueType:
    """Return the type of a node's values."""
    found = nodes[node]
    if isinstance(found, Asof):
        return type_of(nodes, found.input)
    if isinstance(found, Column):
        return "boolean" if found.name.startswith(WITHIN) else "number"
    return found.operator.gives if isinstance(found, Apply) else "number"


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in topological order: every input comes before its reader."""

    nodes: tuple[Node, ...]
    clocks: tuple[str, ...]
    """Clock of each node."""
    names: Mapping[str, int]
    """User's node name → node; rules are under `long.enter`, `long.exit`, `short.enter`, `short.exit` and `target`."""
    shown: Mapping[str, int]
    """The same names → their values on the clock of the decisions: the node itself, or its latest value by then."""
    dead: tuple[str, ...]
    """Names of nodes that no rule reads, sorted."""
    beside: Mapping[str, int] = field(default_factory=dict)
    """Key path of an expression outside the signal section → its value on the clock of the decisions."""

    def gives(self, node: int) -> ValueType:
        """Return the type of a node's values."""
        return type_of(self.nodes, node)

    def needed(self, *roots: int) -> tuple[int, ...]:
        """Return the nodes that the roots depend on, themselves included, in topological order."""
        wanted = set(roots)
        for index in range(len(self.nodes) - 1, -1, -1):
            if index in wanted:
                wanted.update(inputs_of(self.nodes[index]))
        return tuple(sorted(wanted))

    def own_warm_up(self, node: int) -> int:
        """Return how many rows of its own clock a node needs before its first value, from where its inputs have theirs.

        A window of time waits for time and not for rows, see `waits`; a bucket for the first that is whole.
        """
        found = self.nodes[node]
        if isinstance(found, Bucket):
            return 1
        return found.rows_before() if isinstance(found, Apply) else 0

    def warm_up_rows(self, *nodes: int) -> int:
        """Return how many rows of their clock the nodes need before their first values, if nothing else is waited for."""
        rows: dict[int, int] = {}
        for index in self.needed(*nodes):
            same = [i for i in inputs_of(self.nodes[index]) if self.clocks[i] == self.clocks[index]]
            rows[index] = max((rows[i] for i in same), default=0) + self.own_warm_up(index)
        return max(rows[node] for node in nodes)

    def warm_up(self, *nodes: int) -> str:
        """Return in words what must have gone by before the nodes' first values, e.g. `19 rows and 30min`.

        Rows along the longest path of each clock, and what isn't counted in rows: time, sessions, other clocks' rows.
        """
        told: dict[int, frozenset[str]] = {}
        for index in self.needed(*nodes):
            found = self.nodes[index]
            told[index] = self._waits(found).union(*(self._told(i, index, told) for i in inputs_of(found)))
        rows = self.warm_up_rows(*nodes)
        others = sorted(frozenset().union(*(told[node] for node in nodes)))
        own = [f"{rows} row{'s' if rows != 1 else ''}"] if rows or not others else []
        return " and ".join([*own, *others])

    def _told(self, read: int, reader: int, told: Mapping[int, frozenset[str]]) -> frozenset[str]:
        """Return what a node waits for beyond its own rows because of one that it reads."""
        rows = self.warm_up_rows(read) if self.clocks[read] != self.clocks[reader] else 0
        return told[read] | ({f"{rows} row{'s' if rows != 1 else ''} of {self.clocks[read]}"} if rows else set())

    @staticmethod
    def _waits(node: Node) -> frozenset[str]:
        if isinstance(node, Apply) and node.form == "span":
            span = node.parameters[0]
            return frozenset({"a session from its open" if span == SESSION else duration_text(int(span) * MICROSECOND)})
        return frozenset()

    def describe(self, node: int) -> str:
        """Return a node as text, its inputs by their names where they have one, e.g. `mean(pressure, 20)`."""
        found = self.nodes[node]
        if isinstance(found, Column):
            return found.name if found.clock == "bars" else f"{found.clock}.{found.name}"
        if isinstance(found, Asof):
            return f'asof({self.name_of(found.input)}, "{found.clock}")'
        if isinstance(found, Bucket):
            return f'resample({self.name_of(found.input)}, "{duration_text(found.span)}", "{found.how}")'
        own = found.inputs[: len(found.operator.inputs)]
        words = [f"{i.value:g}" if isinstance(i, Constant) else self.name_of(i) for i in own]
        return f"{found.operator.name}({', '.join([*words, *self._parameters(found)])})"

    @staticmethod
    def _parameters(node: Apply) -> list[str]:
        words = [f"{value:g}" for value in node.parameters]
        if node.form == "span" and isinstance(node.operator.parameters[0], Window):
            span = node.parameters[0]
            words[0] = "since_open" if span == SESSION else f'"{duration_text(int(span) * MICROSECOND)}"'
        return words

    def name_of(self, node: int) -> str:
        """Return the name a user gave to a node, or its text."""
        named = (name for name, index in self.names.items() if index == node)
        return next(named, None) or self.describe(node)
