"""Rows that arrive, decided on where they lie: everything is laid out once, and an instant costs one compiled call.

A driver that is put onto a new tape for every instant spends a hundred times longer on the tape than on the decision. But
where what decides are events of one stream, and orders fill at the same rows or at a venue, nothing of the tape need change
but its rows:

1. The kernel holds some places for each symbol, the latest row in the last of them, and there is room for rows at hand
   (`_lay_out`).
2. Rows at hand are written side by side (`_write`), and what the fill clock makes of them is looked up (`_fill_in`).
3. Compiled code lets one instant after the other go by (`in_turn`), and tells how many lines each led to.

`InPlace.of` says where that can be done. What it gives is what the way over tapes gives, to the bit.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.compiler import address_of, places, slots
from runner.engine.clocks import unchecked_clock
from runner.engine.driver import Driver, price_columns
from runner.engine.onto_tapes import Columns, Rows, nowhere
from runner.engine.pipeline import Pipeline
from runner.market.streams import STREAMS, Stream
from runner.market.tape import Tape
from runner.signal.cells import block_of
from runner.signal.row_table import RowTable
from runner.trading.fill import FillClock
from runner.trading.kernel.advance import compiled_advance
from runner.trading.kernel.in_turn import (
    DECIDES_AFTER,
    KERNEL,
    NOT_YET,
    OUT_FIELDS,
    OWN_FIELDS,
    STARTED,
    TAKEN,
    WIDE,
    Hand,
    compiled_in_turn,
)
from runner.trading.marks import marks

__all__ = ["InPlace"]

Wholes = NDArray[np.int64]
Values = NDArray[np.float64]
Filling = Callable[[Tape], FillClock]

ROOM = 256
"""Rows at hand at most, at first."""
PLACES = 2
"""Places per symbol, at first."""


class _Rows:
    """Rows of a stream that stay where they are while what they say changes, and what a fill clock makes of them."""

    def __init__(self, stream: Stream, symbols: tuple[str, ...], names: Sequence[str], wide: int, filling: Filling) -> None:
        """Make so many rows of each symbol, of which nothing is known."""
        count = len(symbols) * wide
        self.ts = np.zeros(count, np.int64)
        self.session = np.zeros(count, np.int32)
        self.symbol = np.repeat(np.arange(len(symbols), dtype=np.int32), wide)
        self.cells = np.full((len(names), count), np.nan)
        self.tape = Tape(
            symbols=symbols,
            ts=self.ts,
            opened=self.ts,
            session=self.session,
            symbol=self.symbol,
            columns=dict(zip(names, self.cells, strict=True)),
            offsets=np.arange(len(symbols) + 1) * wide,
            stream=stream,
        )
        self.clock = filling(self.tape)
        self.mark = np.full(count, np.nan)
        self.columns = price_columns(self.clock)
        """Of the fill clock: some of them are columns of the stream, others are made of these."""


class InPlace:
    """One pipeline over the events of one stream."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it is made of
        self,
        pipeline: Pipeline,
        symbols: tuple[str, ...],
        names: Sequence[str],
        table: RowTable,
        named: Sequence[int],
        filling: Filling,
        driver: Driver,
    ) -> None:
        """Lay everything out; use `of`."""
        self.shown: list[tuple[Wholes, Wholes, Values]] = []
        """Instants, symbols, and values of the named nodes, of the rows so far."""
        self._pipeline = pipeline
        self._stream = next(stream for stream in STREAMS if stream == pipeline.clock)
        self._symbols = symbols
        self._names = tuple(names)
        self._table = table
        self._named = [table.sources[node] for node in named]
        self._filling = filling
        self._driver = driver
        self._call = compiled_in_turn()
        self._passed = np.zeros(len(symbols), np.int64)
        self._own = np.zeros(OWN_FIELDS, np.int64)
        self._own[[DECIDES_AFTER, KERNEL, STARTED]] = table.warm_after, address_of(compiled_advance()), NOT_YET
        self._held: _Rows | None = None
        self._wide = 0
        self._lay_out(PLACES, ROOM)

    @classmethod
    def of(
        cls,
        pipeline: Pipeline,
        symbols: tuple[str, ...],
        columns: Columns,
        driver: Driver,
        *,
        reported: bool,
        named: Sequence[int],
    ) -> "InPlace | None":
        """Lay a pipeline out, None if it asks for more than one stream's events, or its graph for more than a table has.

        Args:
            pipeline: What decides.
            symbols: The universe.
            columns: Stream → the columns of its rows.
            driver: Has left its tape, and has seen no row.
            reported: Whether a venue fills the orders.
            named: Nodes whose values are kept.
        """
        stream = next(stream for stream in STREAMS if stream == pipeline.clock)
        filling = _same_rows(pipeline, columns)
        if stream == "bars" or filling is None or pipeline.slippage.windows():
            return None
        # Whoever fills the orders, a run goes one way, so that what history has left in one engine warms the others.
        filling = nowhere if reported else filling
        clock = _Rows(stream, symbols, columns[stream], 1, filling).clock
        if clock.first is not clock.tape.ts or clock.since is not None:
            return None
        table = RowTable.of(pipeline.graph, len(symbols), pipeline.roots, named, tuple(columns[stream]))
        return None if table is None else cls(pipeline, symbols, columns[stream], table, named, filling, driver)

    @property
    def started(self) -> int | None:
        """First instant at which a symbol might decide; None before that."""
        found = int(self._own[STARTED])
        return None if found == NOT_YET else found

    def warm(self, rows: Rows) -> None:
        """Take the rows of an instant for the signals alone."""
        own = [self._deciding(rows)]
        self._write(own)
        self._call(0, len(own), 0, self._place)

    def warmth(self) -> tuple[Any, tuple[int, ...]]:
        """Return a copy of the state of the signals, and the rows that each symbol has had."""
        return tuple(array.copy() for array in self._table.held), tuple(self._passed.tolist())

    def warm_as(self, signals: Any, passed: Sequence[int]) -> None:
        """Go on from the warmth of an engine of the same run; this one is fresh."""
        for array, warm in zip(self._table.held, signals, strict=True):
            array[...] = warm
        self._passed[:] = passed

    def over(self, instants: Sequence[Rows]) -> list[int]:
        """Let instants go by; return how many lines the kernel has written after each.

        Raises:
            KindError: If a row function of the user's own breaks.
        """
        clock = self._stream
        own = [rows if len(rows) == 1 and rows[0].clock == clock else self._deciding(rows) for rows in instants]
        found: list[int] = []
        while len(found) < len(own):
            at = len(found)
            found += self._decided(own[at : self._fitting(own, at)])
        return found

    def _deciding(self, rows: Rows) -> Rows:
        """Return the rows of the deciding stream, in the order of the universe."""
        return sorted((row for row in rows if row.clock == self._stream), key=attrgetter("symbol"))

    def _fitting(self, instants: Sequence[Rows], at: int) -> int:
        """Return the end of the instants from one on, itself included, for whose rows there is room at once."""
        room, rows, end = self._hand.ts.size, len(instants[at]), at + 1
        if len(instants) - at <= room and sum(map(len, instants)) <= room:
            return len(instants)
        while end < len(instants) and end - at < room and rows + len(instants[end]) <= room:
            rows += len(instants[end])
            end += 1
        return end

    def _decided(self, instants: Sequence[Rows]) -> list[int]:
        """Decide on instants that there is room for; return the lines after each."""
        self._write(instants)
        self._fill_in()
        at, driver = 0, self._driver
        while at < len(instants):
            self._own[TAKEN] = driver.written.taken
            at = self._call(at, len(instants), self._where, self._place)
            driver.check()
            if at < len(instants):
                driver.written.drain()
        self._show()
        found: list[int] = self._lines[: len(instants)].tolist()
        return found

    def _write(self, instants: Sequence[Rows]) -> None:
        """Write the rows of instants side by side, after making room for them."""
        rows = instants[0] if len(instants) == 1 else [row for own in instants for row in own]
        most = 1 if max(map(len, instants)) <= 1 else max(map(_most_of_one, instants))
        if len(rows) > self._hand.ts.size or most >= self._wide:
            self._lay_out(max(self._wide, most + 1), max(self._hand.ts.size, len(rows)))
        hand, count = self._hand, len(rows)
        self._begins[: len(instants) + 1] = [0, *accumulate(map(len, instants))]
        hand.ts[:count] = [row.ts for row in rows]
        hand.symbol[:count] = [row.symbol for row in rows]
        hand.session[:count] = [row.session for row in rows]
        if count:
            hand.cells[:, :count] = block_of([row.columns for row in rows], self._names).T
        self._at_hand = count

    def _fill_in(self) -> None:
        """Look up what the rows at hand are worth, and what the fill clock makes of them."""
        hand = self._hand
        hand.mark[:] = marks(hand.tape)
        if self._made and self._filling is not nowhere:
            columns = price_columns(self._pipeline.fill.of(hand.tape))
            for place, kept in self._made:
                kept[:] = columns[place]

    def _show(self) -> None:
        """Keep the values of the named nodes."""
        if self._named:
            hand, count = self._hand, self._at_hand
            found = [(self._values if each.is_node else hand.cells)[each.index, :count] for each in self._named]
            self.shown.append((hand.ts[:count].copy(), hand.symbol[:count].astype(np.int64), np.array(found).T))

    # --- laying out ---------------------------------------------------------------------------------------------------

    def _lay_out(self, wide: int, room: int) -> None:
        """Make so many places for each symbol, and room for so many rows at hand; what is held goes on."""
        driver, before, count = self._driver, self._held, len(self._symbols)
        gone = np.full(count, self._wide - wide)
        if before is not None:
            driver.leave()
        held = _Rows(self._stream, self._symbols, self._names, wide, self._filling)
        if before is not None:
            _take_over(held, before, count)
        for rule in self._pipeline.signals.nodes:
            driver.conditions[rule] = np.full(held.ts.size, np.nan)
        order = np.zeros(held.ts.size, np.int64)
        driver.onto(held.tape, held.clock, (), gone=gone, clock_gone=gone, order=order, mark=held.mark)
        self._held, self._wide, self._own[WIDE] = held, wide, wide
        self._make_room(room, held)

    def _make_room(self, room: int, held: _Rows) -> None:
        """Make room for rows at hand, and write down where everything lies."""
        driver, table = self._driver, self._table
        hand = self._hand = _Rows(self._stream, ("",), self._names, room, self._filling)
        self._begins, self._lines = np.zeros(room + 1, np.int64), np.zeros(room, np.int64)
        self._values = np.full((len(table.lines), room), np.nan)
        given = [None if column is None else np.ascontiguousarray(column) for column in hand.columns]
        own = {id(column) for column in hand.tape.columns.values()}
        self._made = [(k, column) for k, column in enumerate(given) if column is not None and id(column) not in own]
        lies_at, seen = places(held.columns), set[int]()
        given_at = places(given)
        for k, at in enumerate(lies_at.tolist()):
            # A column that stands for several is moved once.
            given_at[k] = 0 if at in seen else given_at[k]
            seen.add(at)
        fields = Hand(
            self._begins, hand.symbol, hand.ts, hand.session, hand.cells, hand.mark, self._values, self._lines,
            table.lines, table.reads, self._passed, self._outs(), given_at, lies_at, self._own,
            held.ts, held.session, held.mark, driver.order, driver.ready, driver.extras,
        )  # fmt: skip
        self._fields = fields, slots(fields)
        self._place = int(self._fields[1].__array_interface__["data"][0])
        self._where = driver.where()

    def _outs(self) -> Wholes:
        """Return which values the kernel reads, and where they are to be written."""
        driver, found = self._driver, []
        for rule, node in self._pipeline.signals.nodes.items():
            found.append((node, driver.conditions[rule], 1, 0))
        for column, node in enumerate(self._pipeline.extras):
            found.append((node, driver.extras, driver.extras.shape[1], column))
        sources = self._table.sources
        lines = [
            [int(sources[node].is_node), sources[node].index, int(places([array])[0]) + array.itemsize * column, stride]
            for node, array, stride, column in found
        ]
        return np.array(lines, np.int64).reshape(-1, OUT_FIELDS)


def _same_rows(pipeline: Pipeline, columns: Columns) -> Filling | None:
    """Return what gives the fill clock of the deciding rows, None where orders fill at others or at their own instants."""
    walks = pipeline.slippage.walks
    deciding = next(stream for stream in STREAMS if stream == pipeline.clock)
    found = next(
        (each for each in pipeline.fill.streams(deciding) if each in columns and (each == "depth" or not walks)), None
    )
    if found != deciding:
        return None

    def filling(tape: Tape) -> FillClock:
        clock = unchecked_clock(pipeline, {deciding: tape})
        assert clock is not None  # noqa: S101 - the stream was found to have one
        return clock

    return filling


def _most_of_one(rows: Rows) -> int:
    """Return how many rows of an instant one symbol has at most."""
    counts = Counter(row.symbol for row in rows)
    return max(counts.values(), default=0)


def _take_over(held: _Rows, before: _Rows, symbols: int) -> None:
    """Write what was held into the last places of each symbol."""
    pairs: list[tuple[Any, Any]] = [(held.ts, before.ts), (held.session, before.session), (held.mark, before.mark)]
    pairs += [pair for pair in zip(held.columns, before.columns, strict=True) if pair[0] is not None]
    wide = before.ts.size // symbols
    for now, was in pairs:
        now.reshape(symbols, -1)[:, -wide:] = was.reshape(symbols, -1)
