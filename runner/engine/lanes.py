"""Lanes: pipelines that trade on the same market, run one after another on what they share.

    rows        tape, order of time, last prices, the panel: once for all lanes (`Ground`)
    nodes       the lanes' graphs are one graph (`Union`), in which the same expression is evaluated once per batch
    drivers     lanes that differ in nothing but what their rules come to run on one driver, which begins anew for each
    buffers     one set per thread, whatever the number of lanes

A lane's numbers don't depend on any of that: it is the run that its pipeline makes alone, to the bit. Batches may run in
several threads at once, since compiled code doesn't hold up other threads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.engine.clocks import fill_clock
from runner.engine.driver import Decided, Driver, Placed, Shared, Written
from runner.engine.event_windows import event_windows
from runner.engine.in_time import in_time
from runner.engine.panel import Panel, panel_of, wakes_of
from runner.engine.pipeline import Pipeline
from runner.errors import KindError
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.evaluate import Evaluated, evaluate
from runner.signal.graph import Graph
from runner.signal.rules import ENTERS, EXITS
from runner.signal.sheet import Sheet, Surroundings
from runner.signal.spare import Spare
from runner.signal.union import Union
from runner.signal.warm_up import WarmUp
from runner.trading.kernel.layout import MOST_RULES
from runner.trading.marks import marks

__all__ = ["Ground", "Laid", "Track", "batches", "warm_ups"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]

MOST_VALUES = 1 << 23
"""Values of nodes that a batch of lanes holds at once: 64 MB of them."""
MOST_DRIVERS = 64
"""Drivers that a thread keeps."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The market as all lanes have it whose decisions are on one clock."""

    tapes: Mapping[Stream, Tape]
    around: Surroundings
    tape: Tape
    """The rows that decide."""
    order: Wholes
    marks: Values
    panel: Panel
    sheets: Mapping[str, Sheet]

    @classmethod
    def of(cls, clock: str, tapes: Mapping[Stream, Tape], around: Surroundings) -> "Ground":
        """Lay a market out.

        Args:
            clock: The stream whose rows decide.
            tapes: Stream → its tape.
            around: What signals read besides the market.
        """
        tape = next(each for stream, each in tapes.items() if stream == clock)
        order, last = in_time(tape), np.ascontiguousarray(marks(tape))
        panel = panel_of(tape.ts, tape.symbol, tape.session, last, order, len(tape.symbols))
        sheets: dict[str, Sheet] = {stream: Sheet.of(stream, each, around) for stream, each in tapes.items()}
        return cls(tapes, around, tape, order, last, panel, sheets)


@dataclass(frozen=True, slots=True)
class Laid:
    """Lanes whose graphs were laid over one another, so that what they have in common is there once."""

    first: int
    """Place of the first of them among all lanes."""
    pipelines: Sequence[Pipeline]
    graph: Graph
    numbers: Sequence[Mapping[int, int]]
    """Nodes of each lane → those of the graph."""
    needs: Sequence[Sequence[int]]
    """Nodes of the graph that each lane decides by."""

    @property
    def roots(self) -> list[int]:
        """Every node of the graph that one of the lanes decides by."""
        return sorted({root for each in self.needs for root in each})


def batches(pipelines: Sequence[Pipeline], rows: int) -> Iterator[Laid]:
    """Yield runs of lanes, in their order, whose nodes' values can be held at once.

    Args:
        pipelines: The lanes.
        rows: Rows of the clock that decides.
    """
    most = max(MOST_VALUES // max(rows, 1), 1)
    first, union = 0, Union()
    numbers, needs = list[Mapping[int, int]](), list[Sequence[int]]()
    for place, pipeline in enumerate(pipelines):
        roots = pipeline.roots
        found = union.add(pipeline.graph, roots)
        if len(union) > most and place > first:
            yield Laid(first, pipelines[first:place], union.graph(), numbers, needs)
            first, union, numbers, needs = place, Union(), [], []
            found = union.add(pipeline.graph, roots)
        numbers.append(found)
        needs.append([found[root] for root in roots])
    if first < len(pipelines):
        yield Laid(first, pipelines[first:], union.graph(), numbers, needs)


NOTHING = Placed(np.empty(0))
NO_WAKES = Placed(np.empty((0, 0), np.int64))
NO_EXTRAS = Placed(np.empty((0, 0)))
ORDER = tuple(rule for side in zip(ENTERS, EXITS, strict=True) for rule in side)
"""The rules in the kernel's order."""


class _Batch:
    """What the rules of some lanes came to; whatever several lanes have is made once."""

    def __init__(self, ground: Ground, came: Evaluated) -> None:
        self._ground = ground
        self._came = came
        self._values: dict[int, Placed] = {}
        self._wakes: dict[int, Placed] = {}
        self._ready: dict[frozenset[bytes], Placed] = {}
        self._firsts = {node: ready.tobytes() for node, ready in came.ready.items()}
        """What many nodes have in common, told by its bytes."""

    def decided(self, pipeline: Pipeline, numbers: Mapping[int, int], needs: Sequence[int], *, by_panel: bool) -> Decided:
        """Return what the rules of one lane came to.

        Args:
            pipeline: The lane.
            numbers: Its nodes → those of the batch.
            needs: Those of the batch that it decides by.
            by_panel: Whether the kernel can go by the panel.
        """
        rules = pipeline.signals.nodes
        order = ("target", *ORDER[1:]) if pipeline.signals.has_target else ORDER
        nodes = [numbers[rules[rule]] if rule in rules else None for rule in order]
        signals = tuple(NOTHING if node is None else self._placed(node) for node in nodes)
        wakes = tuple(NO_WAKES if node is None or not by_panel else self._woken(node) for node in nodes)
        return Decided(self._first(needs), signals, wakes, self._extras(pipeline, numbers))

    def _placed(self, node: int) -> Placed:
        found = self._values.get(node)
        if found is None:
            found = self._values[node] = Placed(self._came.values[node])
        return found

    def _woken(self, node: int) -> Placed:
        found = self._wakes.get(node)
        if found is None:
            found = self._wakes[node] = Placed(wakes_of(self._came.values[node], self._ground.panel))
        return found

    def _first(self, nodes: Sequence[int]) -> Placed:
        key = frozenset([self._firsts[node] for node in nodes])
        found = self._ready.get(key)
        if found is None:
            found = self._ready[key] = Placed(np.max([self._came.ready[node] for node in nodes], axis=0))
        return found

    def _extras(self, pipeline: Pipeline, numbers: Mapping[int, int]) -> Placed:
        if not pipeline.extras:
            return NO_EXTRAS
        return Placed(np.column_stack([self._came.values[numbers[node]] for node in pipeline.extras]))


class Track:
    """Runs lanes one after another; one thread's."""

    def __init__(self, ground: Ground, *, every: str | None = None) -> None:
        """Make room for one lane at a time.

        Args:
            ground: The market.
            every: Length of time whose instants share a line of equity; None for a line per instant.
        """
        self._ground = ground
        self._every = every
        self._written: Written | None = None
        self._drivers: dict[tuple[object, ...], tuple[Pipeline, Driver]] = {}
        self._spare = Spare()
        """The nodes' values; those of a batch are let go of when the next one begins."""

    def run(self, laid: Laid, on_lane: Callable[[int, Driver | KindError], None]) -> None:
        """Run a batch of lanes.

        Args:
            laid: The lanes.
            on_lane: Handed the place of each lane that is done among all lanes, and the driver, whose lines are the lane's
                until it returns; or what the lane failed with, if a row function of the user's own broke.
        """
        self._spare.all_back()
        batch = _Batch(self._ground, evaluate(laid.graph, self._ground.sheets, laid.roots, self._spare))
        each = zip(laid.pipelines, laid.numbers, laid.needs, strict=True)
        for place, (pipeline, found, needs) in enumerate(each, start=laid.first):
            driver = self._driver(pipeline)
            driver.begin_with(batch.decided(pipeline, found, needs, by_panel=driver.goes_by_panel))
            try:
                driver.advance(0, driver.tape.rows, lambda _: None)
            except KindError as error:
                self._drivers.clear()  # what broke says so for good
                on_lane(place, error)
            else:
                on_lane(place, driver)

    def _driver(self, pipeline: Pipeline) -> Driver:
        """Return a driver for a pipeline; it may have served others that have the same parts."""
        parts = (
            pipeline.sizing, pipeline.order, pipeline.exits, pipeline.fill, pipeline.slippage, pipeline.fees,
            pipeline.financing, pipeline.scenario, *(rule for _, rule in pipeline.rules),
        )  # fmt: skip
        shape = (
            pipeline.signals.has_target,
            len(pipeline.extras),
            pipeline.column_of("slippage"),
            pipeline.column_of("order"),
        )
        key = (*map(id, parts), *shape, pipeline.capital, pipeline.seed)
        known = self._drivers.get(key)
        if known is not None:
            return known[1]
        if len(self._drivers) >= MOST_DRIVERS:
            del self._drivers[next(iter(self._drivers))]
        driver = self._made(pipeline)
        self._drivers[key] = pipeline, driver  # held, so that no other part can come to have its identity
        return driver

    def _made(self, pipeline: Pipeline) -> Driver:
        ground = self._ground
        clock = fill_clock(pipeline, ground.tapes)
        windows = event_windows(pipeline.slippage, clock, ground.around)
        if self._written is None:
            symbols = len(ground.tape.symbols)
            self._written = Written(ground.tape.rows, symbols, MOST_RULES, shares_lines=self._every is not None)
        shared = Shared(ground.order, ground.marks, ground.panel, self._written)
        return Driver(pipeline, ground.tape, clock, windows, every=self._every, shared=shared)


def warm_ups(pipelines: Sequence[Pipeline], ground: Ground) -> list[int | None]:
    """Return for each lane the first instant at which a symbol may decide, in UTC nanoseconds; None if none ever may."""
    union = Union()
    numbers = [union.add(each.graph, each.roots) for each in pipelines]
    first = WarmUp(union.graph(), ground.sheets)
    found: list[int | None] = []
    for pipeline, known in zip(pipelines, numbers, strict=True):
        ready = first.first(*(known[root] for root in pipeline.roots))
        warm = ready < ground.tape.offsets[1:]
        found.append(int(ground.tape.ts[ready[warm]].min()) if warm.any() else None)
    return found
