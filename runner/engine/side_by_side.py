"""Signal and trading of one symbol side by side: the next stretch is evaluated while the kernel walks over this one.

The graph goes on from stretch to stretch (`Onward`) and the kernel from place to place of one tape, so the values and the
tables are those of a run that does one after the other, to the bit. What it saves is time where there are two processors:
the longer of the two takes as long as both.

Several symbols, several streams and clocks of buckets are evaluated whole: their rows don't lie in the order of time.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from runner.engine.clocks import fill_clock
from runner.engine.driver import Driver
from runner.engine.event_windows import event_windows
from runner.engine.native import Tapes, evaluated, traded
from runner.engine.pipeline import Pipeline
from runner.market.tape import Tape
from runner.market.tape_parts import part_of
from runner.signal.evaluate import Evaluated
from runner.signal.onward import Onward
from runner.signal.sheet import Sheet, Surroundings

__all__ = ["side_by_side"]

STRETCH = 65_536
"""Rows of a stretch: few enough that their values stay in the processor's cache, enough that a stretch costs nothing."""


def side_by_side(  # noqa: PLR0913 - keywords, each a choice of the run
    pipeline: Pipeline,
    tapes: Tapes,
    around: Surroundings,
    named: list[int],
    *,
    on_progress: Callable[[float], None],
    every: str | None = None,
    stretch: int = STRETCH,
) -> tuple[Evaluated, Driver]:
    """Return what the rules came to, and the driver after the whole run; see `native.evaluated` and `native.traded`."""
    if not _is_plain(pipeline, tapes) or sum(tape.rows for tape in tapes.values()) < 2 * stretch:
        found = evaluated(pipeline, tapes, around, named)
        return found, traded(pipeline, tapes, found, on_progress=on_progress, every=every)
    return _Abreast(pipeline, tapes, around, named).run(on_progress, every, stretch)


def _is_plain(pipeline: Pipeline, tapes: Tapes) -> bool:
    """Return whether the rows lie in the order of time and everything is on their clock."""
    if len(tapes) != 1:
        return False
    (stream,) = tapes
    return len(tapes[stream].symbols) == 1 and set(pipeline.graph.clocks) == {stream}


class _Abreast:
    """One run."""

    def __init__(self, pipeline: Pipeline, tapes: Tapes, around: Surroundings, named: list[int]) -> None:
        ((self.stream, self.tape),) = tapes.items()
        self.pipeline = pipeline
        self.tapes = tapes
        self.around = around
        self.roots = list(dict.fromkeys([*pipeline.roots, *named]))
        self.graph = Onward(pipeline.graph, 1, self.roots)
        self.values = {root: np.empty(self.tape.rows) for root in self.roots}

    def run(self, on_progress: Callable[[float], None], every: str | None, stretch: int) -> tuple[Evaluated, Driver]:
        """Evaluate and trade; the thread is ahead, also while the driver is made."""
        rows, edges = self.tape.rows, _edges(self.tape, stretch)
        with ThreadPoolExecutor(1, "signal") as pool:
            ahead = [pool.submit(self._evaluate, *edge) for edge in edges]
            try:
                driver = self._driver(every)
                for (start, stop), coming in zip(edges, ahead, strict=True):
                    driver.ready[0] = min(coming.result(), rows)
                    for column, node in enumerate(self.pipeline.extras):
                        driver.extras[start:stop, column] = self.values[node][start:stop]
                    driver.advance(start, stop, lambda done: on_progress(done / rows))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        ready = {root: np.minimum(self.graph.ready(root), rows) for root in self.roots}
        sheet = Sheet.of(self.stream, self.tape, self.around)
        return Evaluated(self.values, ready, {self.stream: sheet}), driver

    def _driver(self, every: str | None) -> Driver:
        clock = fill_clock(self.pipeline, self.tapes)
        windows = event_windows(self.pipeline.slippage, clock, self.around)
        driver = Driver(self.pipeline, self.tape, clock, windows, every=every)
        driver.conditions.update({rule: self.values[node] for rule, node in self.pipeline.signals.nodes.items()})
        return driver

    def _evaluate(self, start: int, stop: int) -> int:
        """Evaluate a stretch; return the first row at which every rule is past its warm-up, as far as is known."""
        part = part_of(self.tape, np.array([start]), np.array([stop]))
        found = self.graph.evaluate({self.stream: Sheet.of(self.stream, part, self.around)})
        for root in self.roots:
            self.values[root][start:stop] = found.values[root]
        return int(self.graph.ready(*self.pipeline.roots)[0])


def _edges(tape: Tape, stretch: int) -> list[tuple[int, int]]:
    """Return the first row of each stretch and the row after its last; no instant is cut in two."""
    ts: NDArray[np.int64] = tape.ts
    found, start = [], 0
    while start < tape.rows:
        stop = min(start + stretch, tape.rows)
        while stop < tape.rows and ts[stop] == ts[stop - 1]:
            stop += 1
        found.append((start, stop))
        start = stop
    return found
