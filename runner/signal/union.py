"""Several graphs over the same data as one, in which the same expression exists once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from runner.signal.graph import Apply, Column, Graph, Node, inputs_of

__all__ = ["Union"]


class Union:
    """Nodes of several graphs, each once: a node is known by what it does to which nodes."""

    def __init__(self) -> None:
        """Begin without any."""
        self._nodes: list[Node] = []
        self._clocks: list[str] = []
        self._found: dict[Any, int] = {}

    def __len__(self) -> int:
        """Return how many nodes there are."""
        return len(self._nodes)

    def add(self, graph: Graph, roots: Sequence[int]) -> Mapping[int, int]:
        """Add the nodes of a graph that some roots depend on.

        Returns:
            Number in the graph → number in the union, of each of them.
        """
        numbers: dict[int, int] = {}
        for root in roots:
            self._add(graph, root, numbers)
        return numbers

    def _add(self, graph: Graph, index: int, numbers: dict[int, int]) -> None:
        """Add a node, those that it reads first; a graph is no deeper than the expressions that were written."""
        if index in numbers:
            return
        node = graph.nodes[index]
        for read in inputs_of(node):
            self._add(graph, read, numbers)
        key = _key(node, graph.clocks[index], numbers)
        number = self._found.get(key)
        if number is None:
            number = self._found[key] = len(self._nodes)
            self._nodes.append(_renumbered(node, numbers))
            self._clocks.append(graph.clocks[index])
        numbers[index] = number

    def graph(self) -> Graph:
        """Return the nodes as a graph without names."""
        return Graph(tuple(self._nodes), tuple(self._clocks), {}, {}, ())


def _key(node: Node, clock: str, numbers: Mapping[int, int]) -> Any:
    """Return what tells a node from others: cheaper than the node itself, whose operator has much to hash."""
    if not isinstance(node, Apply):
        return node if isinstance(node, Column) else _renumbered(node, numbers), clock
    inputs = tuple(numbers[each] if isinstance(each, int) else each for each in node.inputs)
    return id(node.operator), node.form, inputs, node.parameters, clock


def _renumbered(node: Node, numbers: Mapping[int, int]) -> Node:
    if isinstance(node, Column):
        return node
    if isinstance(node, Apply):
        return replace(node, inputs=tuple(numbers[each] if isinstance(each, int) else each for each in node.inputs))
    return replace(node, input=numbers[node.input])
