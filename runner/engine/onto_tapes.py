"""Rows that arrive, decided on as a tape that is made anew for every instant, whatever streams, clocks and operators.

Held are the last row of each symbol and rows that came since the last decision. At an instant of the deciding clock they
become a tape (`_Held.stretch`), the driver is put onto it, goes on over the instant, and leaves it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from runner.engine.clocks import fill_clock
from runner.engine.driver import Driver
from runner.engine.event_windows import event_windows
from runner.engine.pipeline import Pipeline
from runner.market.streams import STREAMS, Stream
from runner.market.tape import Tape
from runner.signal.push import Push, Pushed, PushedRow
from runner.signal.sheet import Surroundings
from runner.trading.fill import FillClock, Prices

__all__ = ["Columns", "OntoTapes", "Rows", "begun", "nowhere"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]

Columns = Mapping[Stream, Sequence[str]]
"""Stream → the columns that its rows have."""

Rows = Sequence[PushedRow]
"""Every row of every stream that becomes known at an instant."""

ROOM = 4_096
"""Lines a driver holds before they are taken away."""


def nowhere(tape: Tape) -> FillClock:
    """Return the rows of a tape without a price, so that orders wait until a venue has spoken."""
    none = Prices.at(np.full(tape.rows, np.nan))
    return FillClock(tape, tape.ts, none, none)


class _Stretch(NamedTuple):
    """Rows of one stream that the kernel goes over: of each symbol the last one it knows already, and those that are new."""

    tape: Tape
    known: Wholes
    """[N] rows at the beginning of each symbol's that it knows: one or none."""
    gone: Wholes
    """[N] rows of the tape before that aren't held any more."""


class _Columns(Mapping[str, Values]):
    """The columns of some rows, each made when somebody reads it: few are, of a book of many levels."""

    __slots__ = ("_cells", "_places")

    def __init__(self, places: Mapping[str, int], cells: Values) -> None:
        self._places = places
        self._cells = cells

    def __getitem__(self, name: str) -> Values:
        return np.ascontiguousarray(self._cells[:, self._places[name]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class _Held:
    """Rows of one stream: the last of each symbol that the kernel went over, and those that came since."""

    def __init__(self, stream: Stream, names: Sequence[str], symbols: tuple[str, ...]) -> None:
        self.waiting: list[PushedRow] = []
        self._stream = stream
        self._names = tuple(names)
        self._places = {name: place for place, name in enumerate(names)}
        self._symbols = symbols
        self._last = np.full((len(symbols), len(self._names)), np.nan)
        self._moments = np.zeros((len(symbols), 3), np.int64)
        """[N, 3] when a row was known, when it opened, and its session date."""
        self._counts = np.zeros(len(symbols), np.int64)
        """[N] rows of each symbol on the tape before."""

    def stretch(self) -> _Stretch:
        """Return the rows to go over, and keep the last one of each symbol."""
        known = np.minimum(self._counts, 1)
        gone = self._counts - known
        code, moments, cells = self._rows(known.nonzero()[0])
        self._counts = np.bincount(code, minlength=len(self._symbols))
        offsets = np.zeros(len(self._symbols) + 1, np.int64)
        self._counts.cumsum(out=offsets[1:])
        has = self._counts.nonzero()[0]
        last = offsets[1:][has] - 1
        self._moments[has] = moments[last]
        self._last[has] = cells[last]
        self.waiting = []
        tape = Tape(
            symbols=self._symbols,
            ts=np.ascontiguousarray(moments[:, 0]),
            opened=np.ascontiguousarray(moments[:, 1]),
            session=moments[:, 2].astype(np.int32),
            symbol=code.astype(np.int32),
            columns=_Columns(self._places, cells),
            offsets=offsets,
            stream=self._stream,
        )
        return _Stretch(tape, known, gone)

    def _rows(self, held: Wholes) -> tuple[Wholes, Wholes, Values]:
        """Return the held rows of some symbols, and behind them what waits: of one symbol that came in the order of time.

        Returns:
            Symbols, [R, 3] moments, [R, K] values, symbol after symbol.
        """
        rows, names = self.waiting, self._names
        code = np.concatenate([held, np.array([row.symbol for row in rows], np.int64)])
        came = [(row.ts, row.ts if row.opened is None else row.opened, row.session) for row in rows]
        moments = np.concatenate([self._moments[held], np.array(came, np.int64).reshape(-1, 3)])
        values = np.array([[row.columns[name] for name in names] for row in rows], np.float64)
        cells = np.concatenate([self._last[held], values.reshape(-1, len(names))])
        if len(self._symbols) == 1:
            return code, moments, cells
        order = code.argsort(kind="stable")
        return code[order], moments[order], cells[order]


def begun(
    pipeline: Pipeline,
    symbols: tuple[str, ...],
    columns: Columns,
    around: Surroundings,
    *,
    reported: bool,
    every: str | None,
) -> Driver:
    """Return a driver with the capital in cash that has left a tape without rows; see `Arriving`."""
    found = {stream: _Held(stream, names, symbols).stretch() for stream, names in columns.items()}
    clock = _clock(pipeline, found, reported=reported)
    windows = event_windows(pipeline.slippage, clock, around)
    tape = next(each.tape for stream, each in found.items() if stream == pipeline.clock)
    driver = Driver(pipeline, tape, clock, windows, every=every, room=ROOM)
    driver.leave()
    return driver


def _clock(pipeline: Pipeline, found: Mapping[Stream, _Stretch], *, reported: bool) -> FillClock:
    """Return the rows at which orders fill: none where a venue fills them."""
    tapes = {stream: each.tape for stream, each in found.items()}
    return (
        nowhere(next(tape for stream, tape in tapes.items() if stream == pipeline.clock))
        if reported
        else fill_clock(pipeline, tapes)
    )


class OntoTapes:
    """One pipeline over the rows of any streams."""

    def __init__(  # noqa: PLR0913 - what it is made of
        self,
        pipeline: Pipeline,
        symbols: tuple[str, ...],
        columns: Columns,
        around: Surroundings,
        driver: Driver,
        *,
        reported: bool,
        named: Sequence[int],
    ) -> None:
        """Begin with fresh signals; see `Arriving`.

        Args:
            pipeline: What decides.
            symbols: The universe.
            columns: Stream → the columns of its rows.
            around: What the signal reads besides the market.
            driver: As `begun` gives it.
            reported: Whether a venue fills the orders.
            named: Nodes whose values are kept.
        """
        self.started: int | None = None
        """First instant at which a symbol might decide; None before that."""
        self.shown: list[tuple[Wholes, Wholes, Values]] = []
        """Instants, symbols, and values of the named nodes, of the rows so far."""
        self._pipeline = pipeline
        self._around = around
        self._is_reported = reported
        self._driver = driver
        self._roots = pipeline.roots
        self._named = named
        self._clock = next(stream for stream in STREAMS if stream == pipeline.clock)
        self._held = {stream: _Held(stream, names, symbols) for stream, names in columns.items()}
        self._passed = [0] * len(symbols)
        """Rows of the deciding clock that each symbol has had."""
        self._push = Push(pipeline.graph, len(symbols), [*self._roots, *named], around)

    def warm(self, rows: Rows) -> None:
        """Take the rows of an instant for the signals alone."""
        self._count(self._push.push(rows))

    def warmth(self) -> tuple[Any, tuple[int, ...]]:
        """Return a copy of the state of the signals, and the rows that each symbol has had."""
        return self._push.snapshot(), tuple(self._passed)

    def warm_as(self, signals: Any, passed: Sequence[int]) -> None:
        """Go on from the warmth of an engine of the same run; this one is fresh."""
        self._push.restore(signals)
        self._passed = list(passed)

    def over(self, instants: Sequence[Rows]) -> list[int]:
        """Let instants go by; return how many lines the kernel has written after each."""
        found = []
        for rows in instants:
            self._over(rows)
            found.append(self._driver.written.count)
        return found

    def _over(self, rows: Rows) -> None:
        came = self._push.push(rows)
        for row in rows:
            if row.clock in self._held:
                self._held[row.clock].waiting.append(row)
        deciding = came.rows.get(self._clock, ())
        if deciding:
            self._decide(came, deciding, self._count(came))

    def _count(self, came: Pushed) -> list[bool]:
        """Count the rows of the deciding clock; return of each whether its symbol may decide at it."""
        found = []
        for row in came.rows.get(self._clock, ()):
            passed = self._passed[row.symbol]
            found.append(all(self._push.was_ready(root, row.symbol, passed) for root in self._roots))
            self._passed[row.symbol] = passed + 1
        return found

    def _decide(self, came: Pushed, deciding: Sequence[PushedRow], ready: Sequence[bool]) -> None:
        """Let the kernel go on over an instant."""
        found = {stream: held.stretch() for stream, held in self._held.items()}
        own, clock = found[self._clock], _clock(self._pipeline, found, reported=self._is_reported)
        windows = event_windows(self._pipeline.slippage, clock, self._around)
        driver, clock_gone = self._driver, found[clock.tape.stream].gone
        driver.onto(own.tape, clock, windows, gone=own.gone, clock_gone=clock_gone)
        places = self._places(own, deciding)
        for rule, node in self._pipeline.signals.nodes.items():
            driver.conditions[rule] = np.full(own.tape.rows, np.nan)
            driver.conditions[rule][places] = came.values[node]
        for column, node in enumerate(self._pipeline.extras):
            driver.extras[places, column] = came.values[node]
        for row, place, may_decide in zip(deciding, places, ready, strict=True):
            if may_decide:
                driver.ready[row.symbol] = min(driver.ready[row.symbol], place)
                self.started = row.ts if self.started is None else self.started
        first = int(own.known.sum())
        driver.advance(first, own.tape.rows, lambda _: None)
        driver.leave()
        if self._named:
            moments = np.array([(row.ts, row.symbol) for row in deciding], np.int64)
            self.shown.append((*moments.T, np.array([came.values[node] for node in self._named]).T))

    @staticmethod
    def _places(own: _Stretch, deciding: Sequence[PushedRow]) -> list[int]:
        """Return the rows of the tape that are those of the instant."""
        following = (own.tape.offsets[:-1] + own.known).tolist()
        found = []
        for row in deciding:
            found.append(following[row.symbol])
            following[row.symbol] += 1
        return found
