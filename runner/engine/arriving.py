"""The native engine over rows as they arrive: what a session drives, one instant at a time.

    1. Rows that are known at the same instant are pushed through the graph together (`Push`).
    2. At an instant of the deciding clock the compiled kernel goes on over it with the state it had (`Driver`).
    3. Orders fill in one of two ways. `simulated`: at the rows that arrive, by the fill clock, costs and scenario of the
       run, as in a backtest. `reported`: the kernel only decides, and is told what a venue did (`filled`, `ended`).

Where no bar is known only after a decision that it opened before, as among bars of one length, the simulated way gives the
tables of the backtest over the whole to the bit: `tests/laws/test_arriving.py`. A bar that is longer than
others is known only at its end, so an order that waits for its open fills in the books when the bar is over, not before
decisions in between; a backtest, which sees the whole, fills it first.

Held are the last row of each symbol, rows that came since the last decision, and what the kernel wrote.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from runner.engine.clocks import fill_clock
from runner.engine.driver import Driver
from runner.engine.event_windows import event_windows
from runner.engine.pipeline import Pipeline
from runner.engine.results import tables_from
from runner.market.streams import STREAMS, Stream
from runner.market.tape import Tape
from runner.signal.push import Push, Pushed, PushedRow, State
from runner.signal.sheet import Surroundings
from runner.tables import Table, Tables
from runner.trading.fill import FillClock, Prices
from runner.trading.kernel import layout
from runner.trading.kernel.reported import compiled_ended, compiled_filled

__all__ = ["Arriving", "Columns", "Report", "Warmth", "Working"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]

Columns = Mapping[Stream, Sequence[str]]
"""Stream → the columns that its rows have."""

ROOM = 4_096
"""Lines a driver holds before they are taken away."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a venue did with an order."""

    ts: int
    """UTC nanoseconds."""
    session: int
    """Session date of the symbol then, days since 1970-01-01."""
    symbol: int
    order: int
    """Number of the order; 0 of one that was never sent from here."""
    quantity: float = 0.0
    """Signed units that filled; 0 of the end of an order."""
    price: float = np.nan
    fee: float = 0.0
    maker: bool = False
    how: int = layout.CANCELLED
    """How an order ended, of `layout.ENDS`."""


class Working(NamedTuple):
    """An order that the kernel has at work."""

    symbol: int
    order: int
    quantity: float
    """Signed units that are still wanted."""
    limit: float | None
    """None of a market order."""


class Warmth(NamedTuple):
    """What history has left in an engine: engines of the same run are warm by it at once."""

    signals: State
    passed: tuple[int, ...]
    """Rows of the deciding clock that each symbol has had."""


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


class Arriving:
    """One pipeline over rows that arrive."""

    def __init__(  # noqa: PLR0913 - keywords, each a choice of the run
        self,
        pipeline: Pipeline,
        symbols: tuple[str, ...],
        columns: Columns,
        around: Surroundings,
        *,
        reported: bool = False,
        signals: bool = False,
        every: str | None = None,
    ) -> None:
        """Begin with the capital in cash and fresh signals.

        Args:
            pipeline: What decides.
            symbols: The universe.
            columns: Stream → the columns of its rows: every stream that is read, or at whose rows orders fill.
            around: What the signal reads besides the market.
            reported: Whether a venue fills the orders, and tells of it.
            signals: Whether to keep every named node's values.
            every: Length of time whose instants share a line of equity; None for a line per instant.
        """
        self._pipeline = pipeline
        self._symbols = symbols
        self._around = around
        self._is_reported = reported
        self._every = every
        self._roots = pipeline.roots
        self._named = sorted(set(pipeline.graph.shown.values())) if signals else []
        self._push = Push(pipeline.graph, len(symbols), [*self._roots, *self._named], around)
        self._clock = next(stream for stream in STREAMS if stream == pipeline.clock)
        self._held = {stream: _Held(stream, names, symbols) for stream, names in columns.items()}
        self._passed = [0] * len(symbols)
        """Rows of the deciding clock that each symbol has had."""
        self._start: int | None = None
        self._kept: list[tuple[int, int, tuple[float, ...]]] = []
        self._read = 0
        """Batches of lines that `lines` has handed out."""
        self.driver = self._begun()

    def warm(self, rows: Sequence[PushedRow]) -> None:
        """Take the rows of an instant for the signals alone: nothing is decided, marked or filled."""
        self._count(self._push.push(rows))

    def warmth(self) -> Warmth:
        """Return what the rows so far have left in the signals."""
        return Warmth(self._push.snapshot(), tuple(self._passed))

    def warm_as(self, warmth: Warmth) -> None:
        """Be as warm as an engine of the same run was that keeps the same signals; this one is fresh."""
        self._push.restore(warmth.signals)
        self._passed = list(warmth.passed)

    def over(self, rows: Sequence[PushedRow]) -> bool:
        """Take the rows of an instant; return whether it was one at which something may be decided.

        Args:
            rows: Every row of every stream that is known now, later than those of the instant before.
        """
        came = self._push.push(rows)
        for row in rows:
            if row.clock in self._held:
                self._held[row.clock].waiting.append(row)
        deciding = came.rows.get(self._clock, ())
        if not deciding:
            return False
        ready = self._count(came)
        self._decide(came, deciding, ready)
        return True

    def filled(self, report: Report) -> None:
        """Book a fill that the venue reports."""
        self._booked(
            lambda where: compiled_filled()(
                report.symbol,
                report.order,
                report.ts,
                report.session,
                report.quantity,
                report.price,
                report.fee,
                int(report.maker),
                where,
            )
        )

    def ended(self, report: Report) -> None:
        """Book the end of an order that the venue reports, if it is still at work here."""
        self._booked(lambda where: compiled_ended()(report.symbol, report.order, report.ts, report.how, where))

    def position(self, symbol: int) -> float:
        """Return the signed units held."""
        return float(self.driver.book[layout.POSITION, symbol])

    def working(self) -> list[Working]:
        """Return the orders at work, in the order of the universe."""
        book = self.driver.book
        return [
            Working(
                symbol,
                int(book[layout.ORDER, symbol]),
                float(book[layout.WANTED, symbol]),
                float(book[layout.PRICE, symbol]) if book[layout.KIND, symbol] == layout.LIMIT else None,
            )
            for symbol in np.flatnonzero(book[layout.KIND] != layout.NONE).tolist()
        ]

    @property
    def equity(self) -> float:
        """What everything is worth at the last prices."""
        return float(self.driver.account[layout.EQUITY])

    def lines(self) -> tuple[Wholes, Values]:
        """Return what the kernel wrote since it was last asked, line by line; see `runner.trading.kernel.log`."""
        found = self.driver.written.batches(self._read)
        self._read += len(found)
        none = (np.empty((0, layout.LINE_N), np.int64), np.empty((0, layout.LINE_X)))
        return np.concatenate([none[0], *(n for n, _ in found)]), np.concatenate([none[1], *(x for _, x in found)])

    def tables(self) -> Tables:
        """Return the tables of everything so far."""
        return tables_from(self._pipeline, self.driver.written, self._symbols, start=self._start, signals=self._signals())

    def _begun(self) -> Driver:
        found = {stream: held.stretch() for stream, held in self._held.items()}
        tapes = {stream: each.tape for stream, each in found.items()}
        clock = self._fill_clock(tapes)
        windows = event_windows(self._pipeline.slippage, clock, self._around)
        driver = Driver(self._pipeline, tapes[self._clock], clock, windows, every=self._every, room=ROOM)
        driver.leave()
        return driver

    def _fill_clock(self, tapes: Mapping[Stream, Tape]) -> FillClock:
        """Return the rows at which orders fill: none where a venue fills them."""
        if not self._is_reported:
            return fill_clock(self._pipeline, tapes)
        tape = tapes[self._clock]
        none = Prices.at(np.full(tape.rows, np.nan))
        # No row has a price, so that an order waits until the venue has spoken.
        return FillClock(tape, tape.ts, none, none)

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
        tapes = {stream: each.tape for stream, each in found.items()}
        own, clock = found[self._clock], self._fill_clock(tapes)
        windows = event_windows(self._pipeline.slippage, clock, self._around)
        driver, clock_gone = self.driver, found[clock.tape.stream].gone
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
                self._start = self._started(row.ts)
        first = int(own.known.sum())
        driver.advance(first, own.tape.rows, lambda _: None)
        driver.leave()
        for k, row in enumerate(deciding if self._named else ()):
            self._kept.append((row.ts, row.symbol, tuple(came.values[node][k] for node in self._named)))

    def _started(self, ts: int) -> int | None:
        """Return the first instant that counts, given one at which a symbol may decide."""
        return max(ts, self._pipeline.not_before) if self._start is None else self._start

    @staticmethod
    def _places(own: _Stretch, deciding: Sequence[PushedRow]) -> list[int]:
        """Return the rows of the tape that are those of the instant."""
        following = (own.tape.offsets[:-1] + own.known).tolist()
        found = []
        for row in deciding:
            found.append(following[row.symbol])
            following[row.symbol] += 1
        return found

    def _booked(self, book: Callable[[int], int]) -> None:
        """Have a report booked; the buffer of lines is emptied if it is full."""
        while not book(self.driver.where()):
            self.driver.written.drain()

    def _signals(self) -> Table:
        """Return the table of named nodes' values, symbol after symbol."""
        if not self._named:
            return {}
        code = np.array([symbol for _, symbol, _ in self._kept], np.int64)
        order = np.argsort(code, kind="stable")
        values = np.array([each for _, _, each in self._kept], np.float64).reshape(-1, len(self._named))[order]
        shown = sorted(self._pipeline.graph.shown.items())
        ts = np.array([ts for ts, _, _ in self._kept], np.int64)[order]
        columns = {name: np.ascontiguousarray(values[:, self._named.index(node)]) for name, node in shown}
        return {"ts": ts, "symbol": np.array(self._symbols)[code[order]], **columns}
