"""Drives the compiled kernel over a tape and collects what it writes.

Backtest and replay share this class: a backtest advances over all instants at once, a replay instant by instant, with the
values of the rules written just before.

A run over stretches goes on with one driver from tape to tape (`leave`, `onto`). Everything the kernel knows goes on with it
as it is, but for numbers of rows, which are counted on from the first row that the next tape holds of a symbol, and symbols
that waited for a row when there was none, which are queued again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.compiler import SLOT, places, slots
from runner.duration import nanoseconds
from runner.engine.in_time import in_time
from runner.engine.panel import NO_PANEL, Panel, panel_of, seats_of, wakes_of, worth_of
from runner.engine.pipeline import Pipeline
from runner.engine.written import Written
from runner.market.tape import Tape
from runner.signal.rules import ENTERS, EXITS
from runner.trading import models
from runner.trading.fees import FEE
from runner.trading.fill import FillClock
from runner.trading.kernel import layout
from runner.trading.kernel.advance import compiled_advance
from runner.trading.kernel.settle import compiled_settle
from runner.trading.kernel.world import world_of
from runner.trading.marks import marks
from runner.trading.own import OwnCalls, place_of
from runner.trading.sizing import SIZE
from runner.trading.slippage import PRICE

__all__ = ["Decided", "Driver", "Placed", "Shared", "Written", "clock_columns", "price_columns", "rules_in_order"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]

NO_RULE = np.empty(0)
NO_WAKES = (np.empty((0, 0), np.int64),) * 4
"""Bits of four rules on no panel."""
TRADED = layout.Venue._fields.index("traded") - 1
"""Where that is among the venue's fields after its columns."""
FIELDS = [(part, name) for part in (layout.Market, layout.Panel, layout.Rules, layout.Venue) for name in part._fields]
WAKES = SLOT * FIELDS.index((layout.Panel, "long_enter"))
READY = SLOT * FIELDS.index((layout.Rules, "ready"))
EXTRAS = SLOT * FIELDS.index((layout.Venue, "extras"))
"""Where the table of all that the kernel reads has what differs from lane to lane."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What drivers over one tape have in common that run by turns."""

    order: Wholes
    """As `in_time` gives it."""
    marks: Values
    """[R] in one piece."""
    panel: Panel
    written: Written


class Placed:
    """An array, and where it lies, looked up once for all lanes that have it."""

    __slots__ = ("array", "slot")

    def __init__(self, array: NDArray[Any]) -> None:
        """Look up where an array lies, and hold it."""
        self.array = array
        self.slot = slots([array])


@dataclass(frozen=True, slots=True)
class Decided:
    """What the rules came to."""

    ready: Placed
    """[N] first row of each symbol at which something may be decided."""
    signals: tuple[Placed, ...]
    """The rules' values in the kernel's order; what the signal doesn't have is empty."""
    wakes: tuple[Placed, ...]
    """Their bits on the panel, in the same order; as `wakes_of` gives them."""
    extras: Placed
    """[R, J] values of what sizing, orders and slippage read besides."""


class Driver:
    """One pipeline over one tape."""

    def __init__(  # noqa: PLR0913 - keywords, each a choice of the run
        self,
        pipeline: Pipeline,
        tape: Tape,
        clock: FillClock,
        windows: Sequence[Values] = (),
        *,
        every: str | None = None,
        cost_scale: float = 1.0,
        room: int | None = None,
        shared: Shared | None = None,
    ) -> None:
        """Compile the kernel's parts for the pipeline and start with the capital in cash.

        Args:
            pipeline: What decides.
            tape: The rows that decide.
            clock: The rows at which orders fill.
            windows: [F] per window of the slippage two columns of the clock's rows, as `event_windows` gives them.
            every: Length of time whose instants share a line of equity; None for a line per instant.
            cost_scale: Slippage, fees and financing are multiplied with it.
            room: Lines that are held before they are taken away; None for many.
            shared: What it has in common with others; None where there are none.
        """
        symbols, rules = len(tape.symbols), [rule for _, rule in pipeline.rules]
        self.not_before = pipeline.not_before
        self.tape = tape
        self.order = in_time(tape) if shared is None else shared.order
        self.ready = tape.offsets[1:].copy()
        """[N] first row of each symbol at which something may be decided; its end at first."""
        self.conditions: dict[str, Values] = {}
        """Rule → its values by row; there before the first instant, an instant's values before it is advanced over."""
        self.extras = np.empty((tape.rows, len(pipeline.extras)))
        """[R, J] values of what sizing, orders and slippage read besides."""
        rows = tape.rows if room is None else room
        self.written = (
            Written(rows, symbols, len(rules), shares_lines=every is not None, room=room)
            if shared is None
            else shared.written
        )
        self.account, self.book, self.times = _start(pipeline, tape, clock)
        self._offsets, self._clock_offsets = tape.offsets, clock.tape.offsets
        self._last = np.empty((symbols, len(pipeline.extras)))
        self._queue = np.zeros((3, max(symbols, 1)), np.int64)
        self._has_target = pipeline.signals.has_target
        self._marks = np.ascontiguousarray(marks(tape)) if shared is None else shared.marks
        self.columns = clock_columns(clock, windows)
        """Where the columns of the fill clock lie, and the columns."""
        self._own = OwnCalls()
        self._rules = _rules(pipeline, rules, symbols, self._own)
        self._venue = _venue(pipeline, self.extras, _switches(pipeline, tape, clock, every), cost_scale, self._own)
        self._kernel = compiled_advance()
        self._seats = seats_of(symbols)
        self._worth = worth_of(symbols)
        self._panel: tuple[Any, ...] = _panelled(NO_PANEL, NO_WAKES, self._seats)
        self._shared = shared
        self._held: tuple[Any, ...] = ()
        self._decided: Decided | None = None
        self._world: Wholes | None = None
        self._before: tuple[Wholes, list[Any]] | None = None
        """The table on the tape before, and its fields; None for those that belonged to that tape."""
        begins = (self.account, self.book, self.times, self._queue, self._rules[-1], self._venue[TRADED])
        self._begun = tuple((array, array.copy()) for array in begins)

    def advance(self, start: int, stop: int, on_progress: Callable[[int], None]) -> None:
        """Advance from one place in the order of time to another, telling `on_progress` how far it is.

        Both must lie between instants.

        Raises:
            KindError: If a row function of the user's own breaks.
        """
        at = start
        while at < stop:
            at = int(self._kernel(at, stop, self.where()))
            self.check()
            if at < stop:
                self.written.drain()
            on_progress(at)

    @property
    def may_break(self) -> bool:
        """Whether row functions of the user's own are called, which may break."""
        return self._own.are_any

    def check(self) -> None:
        """Raise KindError if a row function of the user's own broke since the kernel began."""
        self._own.check()

    @property
    def goes_by_panel(self) -> bool:
        """Whether the kernel can go by a panel: not where every row decides anyway."""
        return not self._has_target and not self._venue[-1][layout.MAX_HOLDING]

    def lay_out(self) -> None:
        """Lay the rows out as a panel, where the kernel can go by it; the rules' values must all be there."""
        if not self.goes_by_panel:
            return
        tape = self.tape
        panel = panel_of(tape.ts, tape.symbol, tape.session, self._marks, self.order, len(tape.symbols))
        signals = rules_in_order(self.conditions, has_target=False)
        self._panel = _panelled(panel, tuple(wakes_of(each, panel) for each in signals), self._seats)
        self._world = None

    def begin_with(self, decided: Decided) -> None:
        """Go back to the beginning, with a pipeline that differs in what its rules come to alone; it must have `shared`."""
        if self._shared is None:
            raise TypeError("a driver without `shared` begins once")
        for array, begun in self._begun:
            array[...] = begun
        self.written.clear()
        self.ready, self.extras, self._decided = decided.ready.array, decided.extras.array, decided
        if self._world is None:
            panel = self._shared.panel if self.goes_by_panel else NO_PANEL
            self._panel = _panelled(panel, tuple(each.array for each in decided.wakes), self._seats)
            self._held = self._fields(tuple(each.array for each in decided.signals))
            self._world = world_of(self._held)
        changed = [each.slot for each in decided.wakes]
        self._world[WAKES : WAKES + SLOT * len(changed)] = np.concatenate(changed)
        changed = [decided.ready.slot, *(each.slot for each in decided.signals)]
        self._world[READY : READY + SLOT * len(changed)] = np.concatenate(changed)
        self._world[EXTRAS : EXTRAS + SLOT] = decided.extras.slot

    def settle(self, until: int) -> None:
        """Let fills happen that are due up to an instant; there must be a later one at which something may be decided.

        Raises:
            KindError: If a row function of the user's own breaks.
        """
        where, is_settled = self.where(), False
        while not is_settled:
            is_settled = bool(compiled_settle()(until, where))
            self.check()
            if not is_settled:
                self.written.drain()

    def leave(self) -> None:
        """Let go of the tape; `onto` must be called before anything else."""
        seen = self.times[layout.SEEN]
        had = seen >= 0
        self._last[had] = self.extras[seen[had]]
        seen[had] -= self._offsets[:-1][had]
        self.times[[layout.ROW, layout.TAKEN_ROW]] -= self._clock_offsets[:-1]
        self.written.drain()
        self._keep_steady()
        self.conditions.clear()
        self.extras = np.empty((0, self.extras.shape[1]))
        self.order, self._marks = np.empty(0, np.int64), np.empty(0)
        self._panel = _panelled(NO_PANEL, NO_WAKES, self._seats)
        self._held, self._world, self.columns = (), None, (np.empty(0, np.int64), [])

    def onto(  # noqa: PLR0913 - keywords, what a tape has
        self,
        tape: Tape,
        clock: FillClock,
        windows: Sequence[Values],
        *,
        gone: Wholes,
        clock_gone: Wholes,
        order: Wholes | None = None,
        mark: Values | None = None,
    ) -> None:
        """Go on with another tape, which begins with the last row of each symbol that was done.

        Args:
            tape: The rows that decide.
            clock: The rows at which orders fill; the row that a symbol waits for must be among them.
            windows: As at the start.
            gone: [N] rows at the beginning of each symbol's that the tape before had and this one hasn't.
            clock_gone: [N] the same of the clock's rows.
            order: Where the rows' order in time will be written; None for what it is now.
            mark: Where their worth will be written; None for what it is now.
        """
        self.tape, self.order = tape, in_time(tape) if order is None else order
        self._marks = np.ascontiguousarray(marks(tape)) if mark is None else mark
        self.columns, self._world = clock_columns(clock, windows), None
        self._offsets, self._clock_offsets = tape.offsets, clock.tape.offsets
        self.ready = tape.offsets[1:].copy()
        seen = self.times[layout.SEEN]
        had = seen >= 0
        seen[had] += (self._offsets[:-1] - gone)[had]
        self.times[layout.ROW] = self._clock_offsets[:-1] + np.maximum(self.times[layout.ROW] - clock_gone, 0)
        # A row that isn't held any more gets the number of none that the symbol has.
        self.times[layout.TAKEN_ROW] += self._clock_offsets[:-1] - clock_gone
        self.extras = np.full((tape.rows, self.extras.shape[1]), np.nan)
        self.extras[seen[had]] = self._last[had]
        self._venue = (self._venue[0], self.extras, *self._venue[2:])
        self._queue_again(clock)

    def _queue_again(self, clock: FillClock) -> None:
        """Put symbols into the queue that waited for a row and now have one."""
        times = self.times
        waits = times[layout.QUEUED] == layout.BEYOND
        found = np.flatnonzero(waits & (times[layout.ROW] < self._clock_offsets[1:]))
        if found.size == 0:
            return
        count = int(self.written.counters[layout.QUEUED_NOW])
        times[layout.QUEUED, found] = 1
        moments = 2 * clock.first[times[layout.ROW, found]] + clock.has_ranges
        queue = np.concatenate([self._queue[:2, :count], np.array([moments, found])], axis=1)
        # Sorted, it is a heap.
        self._queue[:2, : queue.shape[1]] = queue[:, np.lexsort((queue[1], queue[0]))]
        self.written.counters[layout.QUEUED_NOW] = queue.shape[1]

    def where(self) -> int:
        """Return where the table of all that the kernel reads and writes lies; it is put together once."""
        if self._world is None:
            self._held = self._fields(rules_in_order(self.conditions, has_target=self._has_target))
            self._world = world_of(self._held) if self._before is None else self._world_again(*self._before)
        return int(self._world.__array_interface__["data"][0])

    def _keep_steady(self) -> None:
        """Keep where everything lies that doesn't belong to the tape: most of it, which is looked up once."""
        if self._world is None:
            return
        tape = self.tape
        own = [self.order, tape.ts, tape.session, tape.symbol, self._marks, self.ready, self.extras, self.columns[0]]
        panel = () if self._panel[0] is NO_PANEL.at else self._panel
        changing = {id(each) for each in (*own, *panel, *self.conditions.values())}
        self._before = self._world, [None if id(each) in changing else each for each in self._held]

    def _world_again(self, world: Wholes, steady: Sequence[Any]) -> Wholes:
        """Return the table with what lies elsewhere than on the tape before."""
        changed = [k for k, (was, now) in enumerate(zip(steady, self._held, strict=True)) if was is not now]
        found = world.reshape(-1, SLOT).copy()
        found[changed] = world_of([self._held[k] for k in changed]).reshape(-1, SLOT)
        return found.reshape(-1)

    def _fields(self, signals: tuple[Values, ...]) -> tuple[Any, ...]:
        """Return all that the kernel reads and writes, in the order of `world`."""
        return (
            self.order, self.tape.ts, self.tape.session, self.tape.symbol, self._marks,
            *self._panel,
            self.ready, *signals, *self._rules,
            self.columns[0], *self._venue,
            self.account, self.book, self.times, self._queue, self.written.counters, *self.written.buffers,
            *self._worth,
        )  # fmt: skip


def rules_in_order(conditions: Mapping[str, Values], *, has_target: bool) -> tuple[Values, ...]:
    """Return the columns of the rules in the kernel's order; what the signal doesn't have is empty."""
    if has_target:
        return conditions.get("target", NO_RULE), NO_RULE, NO_RULE, NO_RULE
    sides = zip(ENTERS, EXITS, strict=True)
    return tuple(conditions.get(rule, NO_RULE) for side in sides for rule in side)


def _panelled(panel: Panel, wakes: tuple[Wholes, ...], seats: Wholes) -> tuple[Any, ...]:
    """Return what the kernel is handed of a panel and the bits of the rules on it."""
    return panel.at, panel.ts, panel.session, panel.row, panel.priced, panel.mark, panel.last, *wakes, seats


def _start(pipeline: Pipeline, tape: Tape, clock: FillClock) -> tuple[Values, Values, Wholes]:
    symbols = len(tape.symbols)
    account = np.zeros(layout.ACCOUNT_FIELDS)
    account[layout.CASH] = account[layout.EQUITY] = account[layout.PEAK] = pipeline.capital
    account[layout.SESSION] = -1
    book = np.zeros((layout.BOOK_FIELDS, symbols))
    book[[layout.LAST, layout.AVERAGE, layout.STOP_AT, layout.TAKE_AT, layout.OUTCOME]] = np.nan
    times = np.zeros((layout.TIME_FIELDS, symbols), np.int64)
    times[layout.SEEN] = -1
    times[[layout.MARKED, layout.LEFT]] = layout.LONG_AGO
    times[layout.ROW] = clock.tape.offsets[:-1]
    times[layout.KEY] = models.keys(pipeline.seed, tape.symbols)
    return account, book, times


def clock_columns(clock: FillClock, windows: Sequence[Values]) -> tuple[Wholes, list[Any]]:
    """Return where the columns of a fill clock lie, and the columns themselves, which must be held as long."""
    since = clock.first if clock.since is None else clock.since
    whole: list[NDArray[Any]] = [clock.tape.offsets, clock.first, clock.tape.ts, clock.tape.session, since]
    columns = [*price_columns(clock), *windows]
    held: list[NDArray[Any] | None] = [
        *whole,
        *(None if column is None else np.ascontiguousarray(column) for column in columns),
    ]
    return places(held), held


def price_columns(clock: FillClock) -> list[Values | None]:
    """Return the columns of a fill clock that are numbers, in the kernel's order, but for windows after events."""
    buy, sell = clock.buy, clock.sell
    prices = [buy.first, sell.first, buy.low, buy.high, sell.low, sell.high, clock.size, clock.bid, clock.ask]
    return [*prices, *clock.levels]


def _rules(pipeline: Pipeline, rules: list[Any], symbols: int, calls: OwnCalls) -> tuple[Any, ...]:
    allowed, watch = models.rule_functions(rules)
    at = models.rule_places(rules, symbols)
    sizing, columns = pipeline.sizing, len(pipeline.extras)
    numbers = calls.numbers([sizing], sizing.numbers(symbols), {"size": SIZE}, reach=columns)
    own = np.full(int(at[-1]), np.nan)
    return place_of(sizing, "size", SIZE), numbers, allowed, watch, models.rule_numbers(rules, symbols, calls), at, own


def _venue(
    pipeline: Pipeline, extras: Values, switches: Wholes, cost_scale: float, calls: OwnCalls
) -> tuple[Any, ...]:  # fmt: skip
    slippage, fees = pipeline.slippage, pipeline.fees
    given = np.full(layout.GIVEN + int(switches[layout.COST_COLUMNS]) + len(slippage.windows()), np.nan)
    traded = np.array([0.0, -1.0])
    settings = models.settings(pipeline.order, pipeline.exits, pipeline.financing, pipeline.scenario, cost_scale=cost_scale)
    outages = models.outages(pipeline.scenario)
    switches[layout.SIMPLE] = _is_simple(settings, switches) and outages.shape[1] == 0
    return (
        outages,
        extras,
        place_of(slippage, "price", PRICE),
        calls.numbers(slippage.chain, slippage.numbers(), {"price": PRICE}, reach=given.size),
        place_of(fees, "fee", FEE),
        calls.numbers([fees], fees.numbers(), {"fee": FEE}, reach=traded.size),
        traded,
        given,
        settings,
        switches,
    )


def _switches(pipeline: Pipeline, tape: Tape, clock: FillClock, every: str | None) -> Wholes:
    found = np.zeros(layout.SWITCHES, np.int64)
    found[layout.SAME_CLOCK] = clock.tape is tape
    found[layout.AT_ONCE] = clock.at_once
    found[layout.RANGES] = clock.has_ranges
    found[layout.POINTS] = clock.tape.stream != "bars"
    found[layout.PRICE_COLUMN] = -1 if pipeline.order.price is None else pipeline.column_of("order")
    found[layout.LIFE] = models.life_of(pipeline.order)
    found[layout.LATENCY] = _length(pipeline.scenario.latency)
    found[layout.JITTER] = _length(pipeline.scenario.jitter)
    found[layout.MAX_HOLDING] = _length(pipeline.exits.max_holding)
    found[layout.EVERY] = _length(every)
    found[layout.HAS_TARGET] = pipeline.signals.has_target
    found[layout.RULES] = len(pipeline.rules)
    watches = [rule for _, rule in pipeline.rules if rule.watch is not None]
    found[layout.WATCHES] = len(watches)
    found[layout.STEADY] = all(rule.is_steady for rule in watches)
    found[layout.SIZE_COLUMNS] = len(pipeline.sizing.expressions())
    found[layout.COST_COLUMN] = pipeline.column_of("slippage")
    found[layout.COST_COLUMNS] = len(pipeline.extras) - found[layout.COST_COLUMN]
    found[layout.BOOK_LEVELS] = len(clock.levels) // 4
    found[layout.WINDOWS] = len(pipeline.slippage.windows())
    return found


def _is_simple(settings: Values, switches: Wholes) -> bool:
    """Return whether nothing but an outage may stand in the way of an order; see `layout.SIMPLE`."""
    hinders = [layout.AT_ONCE, layout.LATENCY, layout.JITTER, layout.MAX_HOLDING, layout.HAS_TARGET, layout.BOOK_LEVELS]
    limits = [layout.STOP_LOSS_AT, layout.TAKE_PROFIT_AT, layout.TRAIL_AT, layout.SHARE]
    is_market = settings[layout.ORDER_KIND] == layout.MARKET and settings[layout.REJECTION] == 0.0
    is_free = bool(np.isnan(settings[limits]).all()) and not switches[hinders].any()
    return bool(is_market and is_free and switches[layout.SAME_CLOCK])


def _length(duration: str | None) -> int:
    return 0 if duration is None else min(nanoseconds(duration), models.LONGEST)
