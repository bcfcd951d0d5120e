"""The graph: hash-consed nodes in topological order, each on the clock of its rows.

A clock says when a node has a value: once per row of a stream (`bars`, `quotes`, `trades`, `depth`), or once per bucket of
one (`bars every 30min`). Nodes of different clocks meet only through `Asof`. Two expressions that mean the same share one
node, within a run and across the lanes of a sweep, because a node is its own key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf

from runner.duration import duration_text
from runner.signal.expression import Call, Literal, Name, Text, Tree
from runner.signal.kernel import Form
from runner.signal.operator import SESSION, Operator, Row, ValueType, Window
from runner.signal.written import is_sign, written

__all__ = [
    "AGE",
    "GROUP",
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
    "grouping_of",
    "inputs_of",
    "stream_of",
    "type_of",
    "type_of_column",
]

How = OneOf["first", "last", "max", "min", "sum", "mean"]
"""What becomes of a bucket's rows."""

HOWS: tuple[How, ...] = ("first", "last", "max", "min", "sum", "mean")

MICROSECOND = 1_000
WITHIN = "@within:"
"""Begins the name of a column that says whether an event lies so far back at most."""
AGE = "@event:"
"""Begins the name of a column of seconds since an event."""
GROUP = "@group:"
"""Begins the name of a column that says which group of a grouping a symbol belongs to."""
SECOND = 10**9


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
        return type_of_column(found.name)
    return found.operator.gives if isinstance(found, Apply) else "number"


def type_of_column(name: str) -> ValueType:
    """Return the type of a column's values."""
    return "boolean" if name.startswith(WITHIN) else "group" if name.startswith(GROUP) else "number"


def grouping_of(nodes: Sequence[Node], node: int) -> str | None:
    """Return the grouping of the universe that a node's values are the groups of, None if they aren't one's."""
    found = nodes[node]
    if isinstance(found, Asof):
        return grouping_of(nodes, found.input)
    is_grouping = isinstance(found, Column) and found.name.startswith(GROUP)
    return found.name.removeprefix(GROUP) if isinstance(found, Column) and is_grouping else None


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
        """Return a node as an expression has it, its inputs by their names where they have one: `mean(pressure, 20) > 3`."""
        return written(self._tree(node))

    def name_of(self, node: int) -> str:
        """Return the name a user gave to a node, or its text."""
        return self._named(node) or self.describe(node)

    def _named(self, node: int) -> str | None:
        return next((name for name, index in self.names.items() if index == node), None)

    def _tree(self, node: int) -> Tree:
        found = self.nodes[node]
        if isinstance(found, Column):
            return _column_tree(found)
        if isinstance(found, Asof):
            return _call("asof", self._input(found.input), Text(found.clock, 0))
        if isinstance(found, Bucket):
            span = Text(duration_text(found.span), 0)
            return _call("resample", self._input(found.input), span, Text(found.how, 0))
        own = [self._input(each) for each in found.inputs[: len(found.operator.inputs)]]
        name = found.operator.name
        return Call(name, (*own, *_parameters(found)), (), 0, symbol=name if is_sign(name) else "")

    def _input(self, read: "int | Constant") -> Tree:
        """Return an input as a tree: a number, a name, or what it is made of."""
        if isinstance(read, Constant):
            return Literal(read.value, 0)
        name = self._named(read)
        return Name(name, 0) if name else self._tree(read)


def _column_tree(column: Column) -> Tree:
    """Return a column as an expression would have it: `close`, `quotes.bid_price`, `since_open`, `event("x", "2d")`."""
    if column.name.startswith(WITHIN):
        _, event, seconds = column.name.split(":")
        return _call("event", Text(event, 0), Text(duration_text(round(float(seconds) * SECOND)), 0))
    if column.name.startswith(AGE):
        return _call("event_age", Text(column.name.removeprefix(AGE), 0))
    if column.name.startswith("@"):
        return Name(column.name.removeprefix(GROUP).removeprefix("@"), 0)
    return Name(column.name if column.clock == "bars" else f"{column.clock}.{column.name}", 0)


def _parameters(node: Apply) -> list[Tree]:
    """Return the parameters of a call; of a window of time its length."""
    words: list[Tree] = [Literal(value, 0) for value in node.parameters]
    if node.form == "span" and isinstance(node.operator.parameters[0], Window):
        span = node.parameters[0]
        words[0] = Name("since_open", 0) if span == SESSION else Text(duration_text(int(span) * MICROSECOND), 0)
    return words


def _call(name: str, *arguments: Tree) -> Call:
    return Call(name, arguments, (), 0)
