"""The native engine over data larger than memory: the same run, one stretch of time after another.

    1. `feed.stretches` brings the windows of all streams together.
    2. The rules are evaluated over the rows that are new, by a graph that goes on from stretch to stretch (`Onward`).
    3. The compiled kernel goes on with the state it had (`Driver.onto`), and what is due before the next decision fills
       (`Driver.settle`).
    4. What it wrote becomes tables, which are those of the run over whole tapes to the bit.

Held are one stretch, the state, and what a run keeps: its orders, fills and the like, a line of equity per instant or per
length of `every`, and the values of named nodes where they are asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from runner.engine.clocks import fill_clock
from runner.engine.driver import Driver
from runner.engine.event_windows import event_windows
from runner.engine.feed import Stretch
from runner.engine.in_time import in_time
from runner.engine.native import named_nodes
from runner.engine.pipeline import Pipeline
from runner.engine.results import measured_from, tables_from
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.market.tape_parts import spread
from runner.signal.evaluate import Evaluated
from runner.signal.onward import Onward
from runner.signal.sheet import Sheet, Surroundings
from runner.tables import Table, Tables

__all__ = ["Beside", "Drive", "Passage", "Sessions", "backtest_onward"]

Values = NDArray[np.float64]
Rows = NDArray[np.int64]

ROOM = 65_536
"""Lines a driver holds before they are taken away."""


@dataclass(slots=True)
class Sessions:
    """Session dates of the instants of the deciding clock, as the few instants at which they change."""

    ts: list[int] = field(default_factory=list)
    session: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, tape: Tape) -> "Sessions":
        """Return those of a whole tape."""
        found = cls()
        found.add(tape)
        return found

    def add(self, tape: Tape) -> None:
        """Add the rows of a stretch."""
        order = in_time(tape)
        rows = order if order.size else np.arange(tape.rows)
        is_first = np.ones(rows.size, np.bool_)
        is_first[1:] = np.diff(tape.ts[rows]) != 0
        first = rows[is_first]
        is_change = np.ones(first.size, np.bool_)
        is_change[1:] = np.diff(tape.session[first]) != 0
        is_change[:1] = not self.session or tape.session[first[:1]] != self.session[-1]
        changes = np.flatnonzero(is_change)
        self.ts += tape.ts[first[changes]].tolist()
        self.session += tape.session[first[changes]].tolist()

    def at(self, instants: Rows) -> NDArray[np.int32]:
        """Return the session date of each of some instants of the clock."""
        found = np.searchsorted(np.array(self.ts, np.int64), instants, side="right") - 1
        return np.array(self.session, np.int32)[found]


@dataclass(slots=True)
class Drive:
    """A pipeline that is driven on over stretches."""

    pipeline: Pipeline
    every: str | None = None
    cost_scale: float = 1.0
    room: int = ROOM
    driver: Driver | None = None

    def over(self, stretch: Stretch, found: Evaluated, ready: Rows, around: Surroundings) -> None:
        """Go on over a stretch.

        Args:
            stretch: The rows.
            found: What the rules came to at those that are new.
            ready: [N] row of the deciding tape from which each symbol may decide.
            around: What surrounds the market; slippage may ask about events.
        """
        driver, own = self._moved(stretch, around), stretch.rows(self._stream(stretch))
        rows = driver.tape.rows
        driver.ready[:] = ready
        driver.conditions.update(
            {rule: spread(found.values[node], own, rows) for rule, node in self.pipeline.signals.nodes.items()}
        )
        for column, node in enumerate(self.pipeline.extras):
            driver.extras[own, column] = found.values[node]
        driver.advance(*stretch.places(self._stream(stretch)), lambda _: None)
        if stretch.goes_on:
            driver.settle(stretch.until)
        driver.leave()

    def _moved(self, stretch: Stretch, around: Surroundings) -> Driver:
        """Return the driver, on the tapes of a stretch."""
        tape, clock = stretch.tapes[self._stream(stretch)], fill_clock(self.pipeline, stretch.tapes)
        windows = event_windows(self.pipeline.slippage, clock, around)
        if self.driver is None:
            self.driver = Driver(
                self.pipeline,
                tape,
                clock,
                windows,
                every=self.every,
                cost_scale=self.cost_scale,
                room=self.room,
            )
        else:
            gone, clock_gone = stretch.gone[tape.stream], stretch.gone[clock.tape.stream]
            self.driver.onto(tape, clock, windows, gone=gone, clock_gone=clock_gone)
        return self.driver

    def _stream(self, stretch: Stretch) -> Stream:
        return next(stream for stream in stretch.tapes if stream == self.pipeline.clock)


@dataclass(frozen=True, slots=True)
class Passage:
    """What came of a run over stretches."""

    tables: Tables
    sessions: Sessions
    start: int | None
    """First instant at which a symbol may decide, in UTC nanoseconds; None if none ever may."""
    rows: Mapping[Stream, Rows]
    """Stream → [N] rows of each symbol."""
    undefined: Mapping[int, int]
    """Node that never had a value → how many rows it had."""


class Beside(Protocol):
    """What is done at each stretch beside the run."""

    def __call__(
        self,
        stretch: Stretch,
        found: Evaluated,
        ready: Rows,
        around: Surroundings,
        sessions: Sessions,
        start: int | None,
        /,
    ) -> None:
        """Go on over a stretch; arguments as those of `Drive.over`, and the sessions and first decision so far."""


def backtest_onward(  # noqa: PLR0913 - keywords, each a choice of the run
    pipeline: Pipeline,
    stretches: Iterable[Stretch],
    around: Callable[[], Surroundings],
    *,
    signals: bool,
    on_progress: Callable[[], None],
    every: str | None = None,
    beside: Beside | None = None,
) -> Passage:
    """Run a pipeline over stretches.

    Args:
        pipeline: What decides.
        stretches: See `feed.stretches`; there must be one.
        around: Returns what the signal reads besides the market, as far as the stretch in hand.
        signals: Whether to keep every named node's values.
        on_progress: Called after each stretch.
        every: Length of time whose instants share a line of equity; None for a line per instant.
        beside: Called behind the run's own decisions at each stretch.
    """
    named = named_nodes(pipeline, signals=signals)
    drive, following = Drive(pipeline, every), _Following(pipeline, named)
    waiting = iter(stretches)
    while (stretch := next(waiting, None)) is not None:
        surroundings = around()
        found, ready = following.evaluated(stretch, surroundings)
        drive.over(stretch, found, ready, surroundings)
        if beside is not None:
            beside(stretch, found, ready, surroundings, following.sessions, following.start)
        del stretch, found
        on_progress()
    return following.passage(drive)


class _Following:
    """What goes on from stretch to stretch beside the kernel."""

    def __init__(self, pipeline: Pipeline, named: Sequence[int]) -> None:
        self._pipeline = pipeline
        self._named = named
        self._onward: Onward | None = None
        self._symbols: tuple[str, ...] = ()
        self._streams: tuple[Stream, ...] = ()
        self.sessions = Sessions()
        self.start: int | None = None
        self._kept: list[tuple[Rows, NDArray[np.int32], dict[int, Values]]] = []

    def evaluated(self, stretch: Stretch, around: Surroundings) -> tuple[Evaluated, Rows]:
        """Return what the rules come to at the new rows, and from which row of its tape each symbol may decide."""
        roots = self._pipeline.roots
        if self._onward is None:
            self._symbols = next(iter(stretch.tapes.values())).symbols
            self._streams = tuple(stretch.tapes)
            self._onward = Onward(self._pipeline.graph, len(self._symbols), [*roots, *self._named])
        deciding = next(stream for stream in self._streams if stream == self._pipeline.clock)
        new = {stream: stretch.new(stream) for stream in self._streams}
        before = self._onward.passed(deciding)
        found = self._onward.evaluate({stream: Sheet.of(stream, tape, around) for stream, tape in new.items()})
        own, tape = new[deciding], stretch.tapes[deciding]
        ready = np.max([found.ready[root] for root in roots], axis=0)
        self.start = measured_from(own, ready, self._pipeline.not_before) if self.start is None else self.start
        self.sessions.add(own)
        if self._named:
            self._kept.append((own.ts, own.symbol, {node: found.values[node] for node in self._named}))
        numbers = self._onward.ready(*roots) - (before - stretch.done[deciding])
        return found, tape.offsets[:-1] + np.clip(numbers, 0, np.diff(tape.offsets))

    def passage(self, drive: Drive) -> Passage:
        """Return what came of the run."""
        if self._onward is None or drive.driver is None:
            raise ValueError("a run needs at least one stretch")
        tables = tables_from(self._pipeline, drive.driver.written, self._symbols, start=self.start, signals=self._signals())
        rows = {stream: self._onward.passed(stream) for stream in self._streams}
        return Passage(tables, self.sessions, self.start, rows, dict(self._onward.undefined))

    def _signals(self) -> Table:
        """Return the table of named nodes' values, symbol after symbol."""
        if not self._named:
            return {}
        code = np.concatenate([symbol for _, symbol, _ in self._kept])
        order = np.argsort(code, kind="stable")
        shown = sorted(self._pipeline.graph.shown.items())
        values = {name: np.concatenate([kept[node] for _, _, kept in self._kept])[order] for name, node in shown}
        ts = np.concatenate([ts for ts, _, _ in self._kept])[order]
        return {"ts": ts, "symbol": np.array(self._symbols)[code[order]], **values}
