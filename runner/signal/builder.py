"""The graph under construction: nodes that are interned, and the values an expression may come to."""

from collections.abc import Sequence
from dataclasses import dataclass

from runner.signal.graph import Apply, Asof, Bucket, Column, Constant, How, Node, bucketed, type_of, type_of_column
from runner.signal.kernel import Form
from runner.signal.operator import Operator, ValueType

__all__ = ["Ambient", "Builder", "Constant", "Floating", "PoisonedError", "Value", "Words"]


class PoisonedError(Exception):
    """An expression can't be resolved; the fault is noted already."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text, such as a duration."""

    text: str


@dataclass(frozen=True, slots=True)
class Floating:
    """The latest value of a node, on whichever clock its neighbours in the expression have."""

    node: int


@dataclass(frozen=True, slots=True)
class Ambient:
    """A column that every clock has, on whichever clock its neighbours have."""

    name: str


Value = int | Constant | Words | Floating | Ambient
"""A node, or something that isn't one yet."""


class Builder:
    """Nodes found so far; equal ones exist once."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.clocks: list[str] = []
        self._index: dict[Node, int] = {}

    def copy(self) -> "Builder":
        """Return a builder that goes on from here, and leaves this one as it is."""
        found = Builder()
        found.nodes, found.clocks, found._index = self.nodes.copy(), self.clocks.copy(), self._index.copy()
        return found

    def intern(self, node: Node, clock: str) -> int:
        """Return the index of a node, adding it if it is new."""
        if node not in self._index:
            self._index[node] = len(self.nodes)
            self.nodes.append(node)
            self.clocks.append(clock)
        return self._index[node]

    def column(self, clock: str, name: str) -> int:
        """Return the node of a column."""
        return self.intern(Column(clock, name), clock)

    def apply(
        self, operator: Operator, form: Form, inputs: Sequence[int | Constant], parameters: Sequence[float], clock: str
    ) -> int:
        """Return the node of a checked call."""
        return self.intern(Apply(operator, form, tuple(inputs), tuple(parameters)), clock)

    def on_clock(self, value: Floating | Ambient, clock: str) -> int:
        """Return a node's latest value on a clock; on its own clock that is the node itself."""
        if isinstance(value, Ambient):
            return self.column(clock, value.name)
        if self.clocks[value.node] == clock:
            return value.node
        return self.intern(Asof(value.node, clock), clock)

    def bucket(self, node: int, span: int, how: How) -> int:
        """Return the node of a node's buckets."""
        clock = bucketed(self.clocks[node], span)
        return self.intern(Bucket(node, how, span, clock), clock)

    def gives(self, node: int) -> ValueType:
        """Return the type of a node's values."""
        return type_of(self.nodes, node)

    def type_of(self, value: Value) -> ValueType:
        """Return the type of a value; a constant is a number."""
        if isinstance(value, Ambient):
            return type_of_column(value.name)
        node = value.node if isinstance(value, Floating) else value
        return self.gives(node) if isinstance(node, int) else "number"
