"""Several graphs over the same data as one, in which the same expression exists once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from runner.signal.graph import Apply, Column, Graph, Node

__all__ = ["Union"]


class Union:
    """Nodes of several graphs, each once: a node is its own key, by what it reads."""

    def __init__(self) -> None:
        """Begin without any."""
        self._nodes: list[Node] = []
        self._clocks: list[str] = []
        self._found: dict[tuple[Node, str], int] = {}

    def __len__(self) -> int:
        """Return how many nodes there are."""
        return len(self._nodes)

    def add(self, graph: Graph, roots: Sequence[int]) -> Mapping[int, int]:
        """Add the nodes of a graph that some roots depend on.

        Returns:
            Number in the graph → number in the union, of each of them.
        """
        numbers: dict[int, int] = {}
        for index in graph.needed(*roots):
            node, clock = _renumbered(graph.nodes[index], numbers), graph.clocks[index]
            number = self._found.get((node, clock))
            if number is None:
                number = self._found[node, clock] = len(self._nodes)
                self._nodes.append(node)
                self._clocks.append(clock)
            numbers[index] = number
        return numbers

    def graph(self) -> Graph:
        """Return the nodes as a graph without names."""
        return Graph(tuple(self._nodes), tuple(self._clocks), {}, {}, ())


def _renumbered(node: Node, numbers: Mapping[int, int]) -> Node:
    if isinstance(node, Column):
        return node
    if isinstance(node, Apply):
        return replace(node, inputs=tuple(numbers[each] if isinstance(each, int) else each for each in node.inputs))
    return replace(node, input=numbers[node.input])
