"""From the kernel's orders to orders at a venue, and from what the venue did to reports for the kernel.

The kernel has at most one order per symbol at work. As long as it has, the router sees to it that one order of that decision
is at the venue: a limit rests there; a market order is sent as a limit that fills at once or not at all, `reach` beyond the
best price, and what is left of it is sent anew at the next instant. What the kernel has withdrawn is cancelled, and nothing
is sent for a symbol while an order of an earlier decision may still fill there.

Reports come from the session's books, which the venue alone moves: every execution once, in the order in which it was
booked, and the end of an order when nothing of it can fill any more. What the gate refuses ends an order that opens a
position; one that closes is asked for again at the next instant.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import islice

from runner.engine.arriving import Report, Working
from runner.live.desk import Cancel, Instruction, OrderView, View
from runner.live.gate import Denied, Wanted
from runner.live.model import BUY, SELL, Execution, Instrument, Quote, State, Status
from runner.live.money import ATTO
from runner.live.trading.trader import KernelLine
from runner.trading.kernel import layout

__all__ = ["Router", "Wish"]

BUST = "bust:"
"""Before the id of an execution that was taken back."""
ROUNDING = Fraction(1, 1_000_000)
"""Of a lot: what may be missing of a whole one because binary numbers were subtracted, and less than anybody can trade."""


def always() -> bool:
    """Return that a market never closes."""
    return True


@dataclass(slots=True)
class Wish:
    """The kernel's order at work for one symbol."""

    order: int
    quantity: float
    """Signed units that are still wanted."""
    limit: float | None
    """None of a market order."""
    is_closing: bool
    was_tried: bool = False
    """Whether an order was asked for since the last instant."""
    coid: str | None = None
    """The latest order at the venue that serves it."""


class Router:
    """The desk of a session whose orders a pipeline decides."""

    def __init__(
        self,
        symbols: Sequence[str],
        instruments: Mapping[str, Instrument],
        *,
        reach: float,
    ) -> None:
        """Begin with nothing wanted.

        Args:
            symbols: The universe.
            instruments: Their steps.
            reach: How far beyond the best price a market order may fill, as a fraction.
        """
        self.wishes: dict[str, Wish] = {}
        self.is_open: Callable[[], bool] = always
        """Whether orders may leave now, by the hours of the market; cancels always may."""
        self.refused: Counter[str] = Counter()
        """Why the gate refused orders, and how often."""
        self._refused: list[tuple[int, int]] = []
        """Symbol and order that it refused, and the kernel isn't told of yet."""
        self._symbols = tuple(symbols)
        self._numbers = {symbol: number for number, symbol in enumerate(symbols)}
        self._instruments = instruments
        self._reach = Fraction(str(reach))
        self._resumed: list[Wish] = []
        """Taken over from a process before, and not yet looked for among the venue's orders."""
        self._known = 0
        """Executions that were looked at."""
        self._busted = 0
        """Executions that were reported as taken back."""

    def go_on(self, working: Sequence[Working], held: Callable[[int], float]) -> None:
        """Take over what the kernel of a process before has at work."""
        for each in working:
            is_closing = held(each.symbol) * each.quantity < 0.0
            self.wishes[self._symbols[each.symbol]] = Wish(each.order, each.quantity, each.limit, is_closing)
        self._resumed = list(self.wishes.values())

    def answered(self, lines: Sequence[KernelLine], held: Callable[[int], float]) -> None:
        """Take what the kernel answered.

        Args:
            lines: Its lines.
            held: Symbol's number → signed units the kernel holds.
        """
        for line in lines:
            if line.sort == layout.ORDER_LINE:
                quantity, price = line.numbers
                position = held(line.symbol)
                is_closing = position * quantity < 0.0
                limit = price if line.kind == int(layout.LIMIT) else None
                self.wishes[self._symbols[line.symbol]] = Wish(line.order, quantity, limit, is_closing)
            elif line.sort == layout.END_LINE:
                self._drop(self._symbols[line.symbol], line.order)
            elif line.sort == layout.FILL_LINE:
                self._fill(self._symbols[line.symbol], line.order, line.numbers[0])

    def begin_instant(self) -> None:
        """Let what was not filled at once be tried again."""
        for wish in self.wishes.values():
            wish.was_tried = False

    def decide(self, view: View) -> Sequence[Instruction]:
        """Return what has to be sent and cancelled so that the venue has what the kernel wants."""
        found: list[Instruction] = []
        for symbol in view.symbols:
            working = view.working(symbol)
            wish = self.wishes.get(symbol)
            kept = [each for each in working if wish is not None and self._serves(each, wish)]
            found += [Cancel(each.coid) for each in working if each not in kept[:1] and not each.is_cancel_asked]
            if wish is None or working or wish.was_tried or not self.is_open():
                continue
            wanted = self.wanted(symbol, wish, view.quote(symbol))
            if wanted is not None:
                wish.was_tried = True
                found.append(wanted)
        return found

    def told(self, wanted: Wanted, outcome: str | Denied) -> None:
        """Take the gate's answer; its no ends an order that opens a position."""
        wish = self.wishes.get(wanted.symbol)
        if isinstance(outcome, Denied):
            self.refused[f"{outcome.code}: {outcome.detail}"] += 1
            if wish is not None and not wish.is_closing:
                self._refused.append((self._numbers[wanted.symbol], wish.order))
        elif wish is not None:
            wish.coid = outcome

    def reports(self, state: State, known: Collection[str], now: int, session: int) -> list[tuple[Report, str]]:
        """Return what the venue did since it was last asked, in the order in which it was booked, with each execution's id.

        Args:
            state: The session's.
            known: Executions that the trader knows already.
            now: UTC nanoseconds of the market.
            session: Symbol's number → its session date.
        """
        found: list[tuple[Report, str]] = []
        self._find(state)
        if len(state.executions) > self._known:
            new = list(islice(state.executions.items(), self._known, None))
            self._known += len(new)
            found += [(self._filled(each, state, now, session), name) for name, each in new if name not in known]
        if len(state.busted) > self._busted:
            taken_back = [f"{BUST}{name}" for name in sorted(state.busted) if name in state.executions]
            self._busted = len(state.busted)
            for name in taken_back:
                if name not in known:
                    execution = state.executions[name.removeprefix(BUST)]
                    found.append((self._filled(execution, state, now, session, sign=-1), name))
        refused, self._refused = self._refused, []
        ends = [Report(now, session, symbol, order, how=layout.REJECTED) for symbol, order in refused]
        return [*found, *((report, "") for report in [*ends, *self._ends(state, now, session)])]

    def _find(self, state: State) -> None:
        """Find the latest order of each wish that a process before asked for: what became of it has to be reported, too."""
        wanted = {wish.order: wish for wish in self._resumed}
        self._resumed = []
        for order in state.orders.values() if wanted else ():
            if order.signal in wanted:
                wanted[order.signal].coid = order.coid

    def _filled(self, execution: Execution, state: State, now: int, session: int, sign: int = 1) -> Report:
        """Return the report of an execution, or of its being taken back."""
        instrument = self._instruments[execution.symbol]
        units = float(execution.quantity * instrument.lot)
        price = float(Decimal(execution.each) / ATTO / instrument.lot)
        number, order = self._numbers[execution.symbol], state.orders.get(execution.coid or "")
        return Report(
            now,
            session,
            number,
            0 if order is None else order.signal,
            sign * execution.side * units,
            price,
            sign * float(Decimal(execution.fee) / ATTO),
        )

    def _ends(self, state: State, now: int, session: int) -> list[Report]:
        """Return the ends of kernel's orders whose order at the venue was rejected or ended by somebody else."""
        found = []
        for symbol, wish in self.wishes.items():
            order = None if wish.coid is None else state.orders.get(wish.coid)
            if order is None or order.status.is_live or wish.is_closing:
                continue
            is_over = order.status in {Status.REJECTED, Status.NOT_PLACED} or (
                wish.limit is not None and order.status in {Status.CANCELED, Status.EXPIRED}
            )
            if is_over:
                how = layout.REJECTED if order.status is Status.REJECTED else layout.CANCELLED
                number = self._numbers[symbol]
                found.append(Report(now, session, number, wish.order, how=how))
        return found

    def _serves(self, order: OrderView, wish: Wish) -> bool:
        is_same_side = order.side * wish.quantity > 0
        return order.signal == wish.order and is_same_side and not order.is_cancel_asked

    def wanted(self, symbol: str, wish: Wish, quote: Quote | None) -> Wanted | None:
        """Return the order that serves a wish; None where there is no price to send it at, or not a whole lot of it."""
        instrument = self._instruments[symbol]
        lots = math.floor(Fraction(str(abs(wish.quantity))) / Fraction(instrument.lot) + ROUNDING)
        side = BUY if wish.quantity > 0 else SELL
        price = self._price(wish, side, quote, instrument)
        if lots <= 0 or price is None:
            return None
        return Wanted(symbol, side, lots, price, rests=wish.limit is not None, signal=wish.order)

    def _price(self, wish: Wish, side: int, quote: Quote | None, instrument: Instrument) -> int | None:
        """Return ticks: of a limit its own price, rounded so that it fills later; of a market order one that is in reach."""
        if wish.limit is not None:
            steps = Decimal(str(wish.limit)) / instrument.tick
            return int(steps.to_integral_value(ROUND_FLOOR if side == BUY else ROUND_CEILING))
        best = None if quote is None else (quote.ask if side == BUY else quote.bid)
        if best is None:
            return None
        reached = best * (1 + side * self._reach)
        return max(math.floor(reached) if side == BUY else math.ceil(reached), 1)

    def _drop(self, symbol: str, order: int) -> None:
        wish = self.wishes.get(symbol)
        if wish is not None and wish.order == order:
            del self.wishes[symbol]

    def _fill(self, symbol: str, order: int, quantity: float) -> None:
        """Count a fill of a wish; the kernel has ended its order when nothing is left."""
        wish = self.wishes.get(symbol)
        if wish is None or wish.order != order:
            return
        wish.quantity -= quantity
        if abs(wish.quantity) < 1e-9 * max(abs(quantity), 1.0):
            del self.wishes[symbol]
