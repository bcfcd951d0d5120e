"""The native engine over rows as they arrive: what a session drives, one instant at a time.

    1. Rows that are known at the same instant go through the graph together.
    2. At an instant of the deciding clock the compiled kernel goes on over it with the state it had (`Driver`).
    3. Orders fill in one of two ways. `simulated`: at the rows that arrive, by the fill clock, costs and scenario of the
       run, as in a backtest. `reported`: the kernel only decides, and is told what a venue did (`filled`, `ended`).

Where no bar is known only after a decision that it opened before, as among bars of one length, the simulated way gives the
tables of the backtest over the whole to the bit: `tests/laws/test_arriving.py`. A bar that is longer than
others is known only at its end, so an order that waits for its open fills in the books when the bar is over, not before
decisions in between; a backtest, which sees the whole, fills it first.

There are two ways, which come to the same: `in_place`, a compiled call for as many instants as wait, where only the events
of one stream count, and `onto_tapes` for everything else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from runner.engine.in_place import InPlace
from runner.engine.onto_tapes import Columns, OntoTapes, Rows, begun
from runner.engine.pipeline import Pipeline
from runner.engine.results import tables_from
from runner.signal.sheet import Surroundings
from runner.tables import Table, Tables
from runner.trading.kernel import layout
from runner.trading.kernel.reported import compiled_ended, compiled_filled

__all__ = ["Arriving", "Columns", "Report", "Warmth", "Working"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]

NO_LINES = np.empty((0, layout.LINE_N), np.int64), np.empty((0, layout.LINE_X))


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

    signals: Any
    """State of the signals, of the way the engine goes."""
    passed: tuple[int, ...]
    """Rows of the deciding clock that each symbol has had."""


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
        self._named = sorted(set(pipeline.graph.shown.values())) if signals else []
        self._told = 0
        """Lines that `lines` has handed out."""
        self._read = 0
        """Batches that these were in."""
        self.driver = begun(pipeline, symbols, columns, around, reported=reported, every=every)
        if reported:
            # Now rather than at the first fill, when it would keep a whole session waiting for seconds.
            compiled_filled()
            compiled_ended()
        self._way: InPlace | OntoTapes = InPlace.of(
            pipeline, symbols, columns, self.driver, reported=reported, named=self._named
        ) or OntoTapes(pipeline, symbols, columns, around, self.driver, reported=reported, named=self._named)

    def warm(self, rows: Rows) -> None:
        """Take the rows of an instant for the signals alone: nothing is decided, marked or filled."""
        self._way.warm(rows)

    def warmth(self) -> Warmth:
        """Return what the rows so far have left in the signals."""
        return Warmth(*self._way.warmth())

    def warm_as(self, warmth: Warmth) -> None:
        """Be as warm as an engine of the same run was that keeps the same signals; this one is fresh."""
        self._way.warm_as(*warmth)

    def over(self, rows: Rows) -> None:
        """Take the rows of an instant.

        Args:
            rows: Every row of every stream that is known now, later than those of the instant before.
        """
        self._way.over([rows])

    @property
    def goes_through(self) -> bool:
        """Whether instants that are taken at once are all taken, as nothing of the user's own may break at one of them."""
        return isinstance(self._way, InPlace) and not self.driver.may_break

    def over_each(self, instants: Sequence[Rows]) -> list[tuple[Wholes, Values]]:
        """Take instants one after the other; return what the kernel wrote at each, as `lines` does."""
        before, ends = self._told, self._way.over(instants)
        n, x = self.lines()
        if not n.size:
            return [NO_LINES] * len(ends)
        # What was written before the first goes with it.
        return [
            (n[begin - before : end - before], x[begin - before : end - before]) for begin, end in pairwise([before, *ends])
        ]

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
        written = self.driver.written
        if written.count == self._told:
            return NO_LINES
        found = written.batches(self._read)
        self._read += len(found)
        self._told = written.count
        return np.concatenate([n for n, _ in found]), np.concatenate([x for _, x in found])

    def tables(self) -> Tables:
        """Return the tables of everything so far."""
        started = self._way.started
        start = None if started is None else max(started, self._pipeline.not_before)
        return tables_from(self._pipeline, self.driver.written, self._symbols, start=start, signals=self._signals())

    def _booked(self, book: Callable[[int], int]) -> None:
        """Have a report booked; the buffer of lines is emptied if it is full."""
        while not book(self.driver.where()):
            self.driver.written.drain()

    def _signals(self) -> Table:
        """Return the table of named nodes' values, symbol after symbol."""
        if not self._named:
            return {}
        shown = self._way.shown
        code = np.concatenate([np.empty(0, np.int64), *(symbol for _, symbol, _ in shown)])
        order = np.argsort(code, kind="stable")
        values = np.concatenate([np.empty((0, len(self._named))), *(each for _, _, each in shown)])[order]
        ts = np.concatenate([np.empty(0, np.int64), *(each for each, _, _ in shown)])[order]
        named = sorted(self._pipeline.graph.shown.items())
        columns = {name: np.ascontiguousarray(values[:, self._named.index(node)]) for name, node in named}
        return {"ts": ts, "symbol": np.array(self._symbols)[code[order]], **columns}
