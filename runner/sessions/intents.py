"""Whether the orders in a session's journal are those that its decisions led to: side, lots, price and quote, to the bit.

A session asks its desk once per instant, right after the trader has decided, and when the market opens, by prices that stand
among its decisions. So at each instant of a process that wasn't
caught up with afterwards, the wishes of a router that is told the same lines, and the best prices that the recording has,
give every order that may have been sent then (`Led`). `unlike` walks through the journal's intents in their order and finds
each among those of its instant or a later one; the first that isn't there is what a session must never have sent. Not every
order that was led to is sent: the gate may refuse it, or an earlier one may still be at the venue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from runner.engine.arriving import Arriving, Report
from runner.live.events import Intent
from runner.live.feed.instant import Instant
from runner.live.model import Instrument, Quote
from runner.live.trading.router import Router
from runner.live.trading.trader import KernelLine, Lines, Trader
from runner.sessions.quotes import quotes_of
from runner.sessions.recorded import Recorded
from runner.signal.push import PushedRow

__all__ = ["Led", "Order", "Unlike", "unlike"]


class Order(NamedTuple):
    """What tells one order from another."""

    decision: int
    """Number of the kernel's order."""
    symbol: str
    side: int
    lots: int
    price: int
    rests: bool
    bid: int | None
    """The quote it was decided on, in ticks."""
    ask: int | None


@dataclass(frozen=True, slots=True)
class Unlike:
    """The first order that the decisions don't lead to."""

    number: int
    """Of the intent, from 1."""
    was: Order
    now: Order | None
    """What the same decision leads to at the instant that fits best; None: to nothing."""


class Led(Trader):
    """A trader that is told a session again, and notes at each instant which orders it leads to."""

    def __init__(
        self,
        arriving: Arriving,
        lines: Lines,
        symbols: Sequence[str],
        instruments: Mapping[str, Instrument],
        recorded: Recorded,
        reach: float,
    ) -> None:
        """Begin with a fresh engine; `reach` is that of the session's market orders."""
        super().__init__(arriving, lines)
        self.orders: list[list[Order]] = []
        """Those of each instant."""
        self._symbols = tuple(symbols)
        self._instruments = instruments
        self._recorded = recorded
        self._reach = reach
        self._quotes: dict[str, Quote] = {}
        self._router = Router(symbols, instruments, reach=reach)

    def begin(self) -> None:
        """Begin the part of one process: it knows what the kernel has at work, and no price."""
        super().begin()
        self._quotes = {}
        self._router = Router(self._symbols, self._instruments, reach=self._reach)
        self._router.go_on(self.arriving.working(), self.arriving.position)

    def instant(self, ts: int, rows: Sequence[PushedRow], serial: int = 0) -> list[KernelLine]:
        """Take an instant, and note the orders that it leads to."""
        lines = super().instant(ts, rows, serial)
        self._router.answered(lines, self.arriving.position)
        if serial:
            instant = self._recorded.instants(self.lives).get(serial, Instant(ts, tuple(rows)))
            for quote in quotes_of(instant, self._symbols, self._instruments, 0):
                self._quotes[quote.symbol] = quote
            self._note()
        return lines

    def opened(self, ts: int, prices: Sequence[tuple[str, int | None, int | None]]) -> None:
        """Take the prices of an open, and note the orders that they lead to."""
        super().opened(ts, prices)
        self._quotes |= {symbol: Quote(symbol, bid, ask, 0) for symbol, bid, ask in prices}
        self._note()

    def report(self, report: Report, execution: str = "") -> list[KernelLine]:
        """Take what the venue did."""
        lines = super().report(report, execution)
        self._router.answered(lines, self.arriving.position)
        return lines

    def _note(self) -> None:
        self.orders.append([order for symbol in self._router.wishes if (order := self._order(symbol)) is not None])

    def _order(self, symbol: str) -> Order | None:
        wish, quote = self._router.wishes[symbol], self._quotes.get(symbol)
        wanted = self._router.wanted(symbol, wish, quote)
        if wanted is None or quote is None:
            return None
        decision, side, lots, price = wanted.signal, wanted.side, wanted.quantity, wanted.price
        return Order(decision, symbol, side, lots, price, wanted.rests, quote.bid, quote.ask)


def unlike(intents: Sequence[Intent], led: Sequence[Sequence[Order]]) -> Unlike | None:
    """Return the first intent that no instant leads to in its turn; None if there is none.

    Args:
        intents: Of the journal, in their order.
        led: The orders that each instant leads to.
    """
    at = 0
    left = list(led[0]) if led else []
    for number, intent in enumerate(intents, start=1):
        was = _order_of(intent)
        while was not in left:
            at += 1
            if at >= len(led):
                return Unlike(number, was, _nearest(was, led))
            left = list(led[at])
        left.remove(was)
    return None


def _order_of(intent: Intent) -> Order:
    each = intent
    return Order(each.signal, each.symbol, each.side, each.quantity, each.price, each.rests, each.bid, each.ask)


def _nearest(was: Order, led: Sequence[Sequence[Order]]) -> Order | None:
    """Return the order of the same decision and symbol that has most in common with one."""
    same = [order for orders in led for order in orders if order[:2] == was[:2]]
    return max(same, key=lambda order: sum(a == b for a, b in zip(order, was, strict=True)), default=None)
