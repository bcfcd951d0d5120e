"""What a lane has to be looked at for before it runs, and the few words that are kept of every lane that was made.

Lanes of a sweep differ in numbers that change neither which rows they read nor how many they take to warm up: of a grid of
lookbacks and thresholds the lanes of one lookback look alike, and one of them is looked at for all. So a million lanes are
kept as their `Look`, of which there are few, and the 32 bytes of what each tries.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runner.engine.pipeline import Pipeline
from runner.once import Once
from runner.prepare import Prepared
from runner.signal.graph import Apply, Column, Graph, inputs_of
from runner.sweeps.assumed import assumed_by
from runner.sweeps.markets import SECTIONS, market_key

__all__ = ["Look", "Looks", "look_of"]

Shape = tuple[object, ...]
FIRST_ROOM = 1_024


@dataclass(frozen=True, slots=True)
class Look:
    """What lanes have in common that needn't be looked at one by one."""

    market: tuple[str, ...]
    """What tells its market from others; see `Markets`."""
    clock: str
    every: str | None
    """Length of time whose instants share a line of equity."""
    shares: bool
    """Whether it can share what it has in common with others: a backtest of the native engine."""
    is_windowed: bool
    """Whether it asks for its data window by window, which no lane can have."""
    not_before: int
    assumed: str
    """What it assumes of fills and costs; see `assumed.py`."""
    plugins: tuple[str, ...]
    """Digests of the user's own files that it runs."""
    reads: Shape
    """Columns and waits of its nodes: everything that `WarmUp` and `check_columns` ask a graph."""


def look_of(prepared: Prepared, sections: tuple[str, ...], once: Once) -> Look:
    """Return what a lane is looked at by.

    Args:
        prepared: The run.
        sections: Canonical JSON of each section of its spec, with its name.
        once: What lanes have in common.
    """
    spec, pipeline = prepared.spec, prepared.pipeline
    read = [getattr(spec, name) for name in SECTIONS]
    assumed = assumed_by(sections)
    return Look(
        once("market key", lambda: market_key(spec), *read),
        pipeline.clock,
        spec.report.equity_every,
        spec.mode.kind == "backtest" and spec.engine.kind == "native",
        spec.engine.window is not None,
        pipeline.not_before,
        once("assumed", lambda: assumed, also=assumed),  # one text for all lanes that have it
        tuple(file.digest for file in prepared.plugins),
        _reads_of(pipeline),
    )


def _reads_of(pipeline: Pipeline) -> Shape:
    graph = pipeline.graph
    nodes = tuple([_shape_of(graph, index) for index in range(len(graph.nodes))])
    return nodes, graph.clocks, pipeline.roots, tuple(sorted(set(graph.shown.values())))


def _shape_of(graph: Graph, index: int) -> object:
    """Return a node without what it does to its inputs: what it reads, and what it waits for."""
    node = graph.nodes[index]
    if not isinstance(node, Apply):
        return node if isinstance(node, Column) else (type(node).__name__, node)
    waits = node.parameters[0] if node.form == "span" else node.rows_before()
    return node.form, waits, inputs_of(node)


@dataclass(slots=True)
class Looks:
    """What is kept of every lane that was made, by its number."""

    _known: dict[Look, int] = field(default_factory=dict)
    _all: list[Look] = field(default_factory=list)
    _places: NDArray[np.int32] = field(default_factory=lambda: np.full(FIRST_ROOM, -1, dtype=np.int32))
    _tried: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((FIRST_ROOM, 32), dtype=np.uint8))

    def keep(self, number: int, look: Look, strategy: str) -> None:
        """Keep a lane's look and what it tries, 64 hex digits."""
        place = self._known.setdefault(look, len(self._all))
        if place == len(self._all):
            self._all.append(look)
        if number >= self._places.size:
            more = max(number + 1 - self._places.size, self._places.size)
            self._places = np.append(self._places, np.full(more, -1, dtype=np.int32))
            self._tried = np.append(self._tried, np.zeros((more, 32), dtype=np.uint8), axis=0)
        self._places[number] = place
        self._tried[number] = np.frombuffer(bytes.fromhex(strategy), dtype=np.uint8)

    def of(self, number: int) -> tuple[Look, str] | None:
        """Return a lane's look and what it tries; None if it wasn't made yet."""
        place = int(self._places[number]) if number < self._places.size else -1
        return None if place < 0 else (self._all[place], self._tried[number].tobytes().hex())
