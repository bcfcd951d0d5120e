"""The graph: hash-consed nodes in topological order.

A node is a column of the data or an operator applied to earlier nodes and constants. Two expressions that mean the same
share one node, within a run and across the lanes of a sweep, because a node is its own key.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from runner.signal.operator import Operator, ValueType

__all__ = ["Apply", "Column", "Constant", "Graph", "Node"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that every row reads."""

    value: float


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the tape."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator applied to inputs: indices of earlier nodes, or constants."""

    operator: Operator
    inputs: tuple["int | Constant", ...]
    parameters: tuple[float, ...]


Node = Column | Apply


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in topological order: every input comes before its reader."""

    nodes: tuple[Node, ...]
    warm_up: tuple[int, ...]
    """Rows of a symbol before each node's first defined value."""
    names: Mapping[str, int]
    """User's node name → node; rules are under `long.enter` and `long.exit`."""
    dead: tuple[str, ...]
    """Names of nodes that no rule reads, sorted."""

    def gives(self, node: int) -> ValueType:
        """Return the type of a node's values."""
        found = self.nodes[node]
        return "number" if isinstance(found, Column) else found.operator.gives

    def needed(self, *roots: int) -> tuple[int, ...]:
        """Return the nodes that the roots depend on, themselves included, in topological order."""
        wanted = set(roots)
        for index in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[index]
            if index in wanted and isinstance(node, Apply):
                wanted.update(i for i in node.inputs if isinstance(i, int))
        return tuple(sorted(wanted))

    def describe(self, node: int) -> str:
        """Return a node as text, its inputs by their names where they have one, e.g. `mean(pressure, 20)`."""
        found = self.nodes[node]
        if isinstance(found, Column):
            return found.name
        inputs = [f"{i.value:g}" if isinstance(i, Constant) else self.name_of(i) for i in found.inputs]
        return f"{found.operator.name}({', '.join([*inputs, *(f'{p:g}' for p in found.parameters)])})"

    def name_of(self, node: int) -> str:
        """Return the name a user gave to a node, or its text."""
        named = (name for name, index in self.names.items() if index == node)
        return next(named, None) or self.describe(node)
