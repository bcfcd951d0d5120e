"""What a sweep will take, known before anything of it runs.

Nodes are counted as the whole sweep has them: two lanes that read the same expression of the same data read one node.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from runner.market.load import MarketData
from runner.prepare import Prepared
from runner.signal.graph import Apply, Column, Graph, Node, stream_of
from runner.sweeps.lanes import Lanes

__all__ = ["BYTES_PER_EVENT", "Outlook", "held_bytes", "outlook_of"]

BYTES_PER_EVENT = 32
"""Memory of the schedule: row, group bound, sort and instant of each of a row's two events, 8 bytes each."""

Data = tuple[object, ...]
"""What market data are read by: source, universe, window, time zone, quality and events, known by identity."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a sweep will take."""

    lanes: int
    """Lanes that can run."""
    nodes: int
    """Nodes over all lanes, each once."""
    nodes_alone: int
    """The same if each lane had nodes of its own."""
    nodes_of: Mapping[str, int]
    """Clock → distinct nodes on it, of the data that the first lane reads."""
    sample: Prepared
    """The first lane that can run."""
    markets: int
    """Different market data that lanes read."""

    def held(self, market: MarketData) -> int:
        """Return about how many bytes are held at once: the data of the first lane, the schedule, all nodes' values."""
        return held_bytes(market, self.nodes_of)


def outlook_of(lanes: Lanes, failed: Mapping[int, object]) -> Outlook | None:
    """Return the outlook of lanes, None if none can run.

    Args:
        lanes: All lanes, checked.
        failed: Numbers of those that can't run.
    """
    shared: dict[Data, _Shared] = {}
    sample, alone = None, 0
    for lane in lanes:
        if lane.number in failed:
            continue
        prepared = lanes.spec(lane).prepared
        sample = sample or prepared
        nodes = shared.setdefault(_data_of(prepared), _Shared({}, {}))
        alone += nodes.add(prepared.pipeline.graph, prepared.pipeline.roots)
    if sample is None:
        return None
    first = shared[_data_of(sample)]
    count = sum(len(each.found) for each in shared.values())
    return Outlook(len(lanes) - len(failed), count, alone, first.clocks, sample, len(shared))


def held_bytes(market: MarketData, nodes_of: Mapping[str, int]) -> int:
    """Return about how many bytes market data, the schedule and the values of so many nodes of each clock take."""
    rows = {str(stream): tape.rows for stream, tape in market.tapes.items()}
    kept = sum(rows[stream_of(clock)] * count for clock, count in nodes_of.items())
    return sum(tape.nbytes for tape in market.tapes.values()) + 2 * market.tape.rows * BYTES_PER_EVENT + kept * 8


def _data_of(prepared: Prepared) -> Data:
    spec = prepared.spec
    return tuple(repr(part) for part in (spec.data, spec.universe, spec.window, spec.timezone, spec.quality, spec.events))


@dataclass(frozen=True, slots=True)
class _Shared:
    """Nodes of several graphs over the same data, each once."""

    found: dict[tuple[Node, str], int]
    clocks: dict[str, int]

    def add(self, graph: Graph, roots: tuple[int, ...]) -> int:
        """Add what the roots of a graph need, and return how many nodes that is."""
        numbers: dict[int, int] = {}
        needed = graph.needed(*roots)
        for index in needed:
            node, clock = _renumbered(graph.nodes[index], numbers), graph.clocks[index]
            number = self.found.get((node, clock))
            if number is None:
                number = self.found[node, clock] = len(self.found)
                self.clocks[clock] = self.clocks.get(clock, 0) + 1
            numbers[index] = number
        return len(needed)


def _renumbered(node: Node, numbers: Mapping[int, int]) -> Node:
    if isinstance(node, Column):
        return node
    if isinstance(node, Apply):
        return replace(node, inputs=tuple(numbers[each] if isinstance(each, int) else each for each in node.inputs))
    return replace(node, input=numbers[node.input])
