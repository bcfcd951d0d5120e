"""The gate: sixteen questions that every order answers before its intent is written. It is fail-closed.

Each check is a pure function of what is wanted, the state, the quotes and the time; it returns why not, or None. Each is
written so that what isn't known is no permission: a missing quote, an unknown equity, a value that is no whole number.

Exposure is counted as if everything that may still fill did, on the worse side: unknown orders, orders being cancelled, both
halves of a replacement, foreign orders. An order that can only reduce a position, whatever fills before it, passes the
limits on exposure, losses and orders of the day; it passes none of the others, because they are about mistakes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from runner.live.limits import Limits
from runner.live.model import BUY, SELL, Instrument, Quote, SessionState, State
from runner.live.money import Money

__all__ = ["CHECKS", "Denied", "Gate", "Wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as the strategy wants it: whole ticks and lots."""

    symbol: str
    side: int
    quantity: int
    price: int
    rests: bool = True
    signal: int = 0
    """Number of the decision; it grows whenever the strategy has decided anew."""
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    """Why an order doesn't leave."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the gate: the order, and what is known at this very moment."""

    wanted: Wanted
    state: State
    quotes: Mapping[str, Quote]
    mono_ns: int
    venue_ns: int
    day: int
    reduces: bool
    instrument: Instrument | None


class Gate:
    """The sixteen checks with one session's limits."""

    def __init__(self, limits: Limits, currency: str) -> None:
        """Keep limits and the currency they are in."""
        self.limits = limits
        self.currency = currency

    def check(self, wanted: Wanted, state: State, quotes: Mapping[str, Quote], now: tuple[int, int, int]) -> Denied | None:
        """Return why an order may not leave, None if it may.

        Args:
            wanted: the order.
            state: everything that is known.
            quotes: the last one of each instrument.
            now: monotonic time, venue time, and the session date.
        """
        instrument = state.instruments.get(wanted.symbol) if isinstance(wanted.symbol, str) else None
        asked = Asked(wanted, state, quotes, *now, self.is_reducing(wanted, state), instrument)
        for code, name in CHECKS.items():
            check: Callable[[Asked], str | None] = getattr(self, name)
            detail = check(asked)
            if detail is not None:
                return Denied(code, detail)
        return None

    def is_reducing(self, wanted: Wanted, state: State) -> bool:
        """Return whether an order can only make a position smaller, whatever of the others fills before it."""
        if not _is_whole(wanted):
            return False
        held = state.position(wanted.symbol)
        if held * wanted.side >= 0:
            return False
        low, high = worst_positions(state, wanted.symbol)
        pending = held - low if wanted.side == SELL else high - held
        return wanted.quantity + pending <= abs(held)

    def gate(self, asked: Asked) -> str | None:
        """GATE: the session is live, or degraded and the order reduces; nothing is latched or frozen."""
        state = asked.state
        if state.killed is not None:
            return f"latched: {state.killed}"
        if asked.wanted.symbol in state.frozen:
            return f"{asked.wanted.symbol} is frozen: {state.frozen[asked.wanted.symbol]}"
        if state.session is SessionState.LIVE or (state.session is SessionState.DEGRADED and asked.reduces):
            return None
        return f"the session is {state.session}"

    def allowlist(self, asked: Asked) -> str | None:
        """ALLOWLIST: the instrument is one of those that may be traded."""
        is_allowed = asked.instrument is not None and asked.wanted.symbol in self.limits.symbols
        return None if is_allowed else f"{asked.wanted.symbol!r} is not on the list"

    def tick_lot(self, asked: Asked) -> str | None:
        """TICK_LOT: side, quantity and price are whole numbers above zero."""
        return None if _is_whole(asked.wanted) else "quantity and price must be whole lots and ticks above 0"

    def max_quantity(self, asked: Asked) -> str | None:
        """MAX_QTY: no single order is larger."""
        if self.limits.order_units is None:
            return None
        most = self._lots(asked, self.limits.order_units)
        return None if asked.wanted.quantity <= most else f"{asked.wanted.quantity} lots, at most {most}"

    def max_notional(self, asked: Asked) -> str | None:
        """MAX_NOTIONAL: no single order is worth more."""
        if self.limits.order_value is None:
            return None
        value = self._value(asked)
        if value is None:
            return "no quote to value it at"
        return None if value <= self.limits.order_value else "worth more than one order may be"

    def stale_data(self, asked: Asked) -> str | None:
        """STALE_DATA: the instrument's quote is fresh, and those of all that is held where that is asked for."""
        symbols = {asked.wanted.symbol: None}
        if self.limits.held_fresh and not asked.reduces:
            symbols |= {symbol: None for symbol, held in asked.state.positions.items() if held.lots}
        for symbol in symbols:
            quote = asked.quotes.get(symbol)
            if quote is None:
                return f"no quote of {symbol}"
            if not 0 <= asked.mono_ns - quote.mono_ns <= self.limits.max_age_ns:
                return f"the quote of {symbol} is too old"
        return None

    def book_invalid(self, asked: Asked) -> str | None:
        """BOOK_INVALID: the book has both sides, isn't crossed or locked, and has no gap."""
        return None if _middle2(asked.quotes.get(asked.wanted.symbol)) else "empty, crossed, locked, or with a gap"

    def price_collar(self, asked: Asked) -> str | None:
        """PRICE_COLLAR: |price − middle| ≤ distance × middle."""
        if self.limits.collar is None:
            return None
        twice = _middle2(asked.quotes.get(asked.wanted.symbol))
        if twice is None:
            return "no quote to measure from"
        is_near = abs(2 * asked.wanted.price - twice) <= self.limits.collar * twice
        return None if is_near else "too far from the quote"

    def max_position(self, asked: Asked) -> str | None:
        """MAX_POSITION: the position stays within its limits if everything fills on the worse side."""
        if asked.reduces:
            return None
        limits, worst = self.limits, self._worst(asked, asked.wanted.symbol)
        if limits.position_units is not None and not worst <= self._lots(asked, limits.position_units):
            return f"may become {worst} lots"
        value = self._worst_value(asked, asked.wanted.symbol)
        return self._beyond(asked, value, limits.position_value, limits.position_share, "position")

    def max_gross(self, asked: Asked) -> str | None:
        """MAX_GROSS: all positions together stay within their limits, and so do longs less shorts."""
        if asked.reduces:
            return None
        limits = self.limits
        symbols = self._symbols(asked)
        if limits.gross_value is not None or limits.gross_share is not None:
            values = [self._worst_value(asked, symbol) for symbol in symbols]
            total = None if None in values else sum(value for value in values if value is not None)
            refusal = self._beyond(asked, total, limits.gross_value, limits.gross_share, "gross")
            if refusal is not None:
                return refusal
        if limits.net_value is None and limits.net_share is None:
            return None
        leaning = [self._lean(asked, symbol) for symbol in symbols]
        net = None if None in leaning else max(sum(lean for lean in leaning if lean is not None), 0)
        return self._beyond(asked, net, limits.net_value, limits.net_share, "net")

    def max_open_value(self, asked: Asked) -> str | None:
        """MAX_OPEN_VALUE: what is unfilled of all orders, at their limits, is worth no more."""
        if self.limits.open_value is None or asked.reduces:
            return None
        state, wanted = asked.state, asked.wanted
        total = wanted.quantity * wanted.price * state.instruments[wanted.symbol].tick_value
        for order in state.live.values():
            total += order.remaining * order.price * state.instruments[order.symbol].tick_value
        for foreign in state.foreign.values():
            total += foreign.remaining * foreign.price * state.instruments[foreign.symbol].tick_value
        return None if total <= self.limits.open_value else "too much is open"

    def duplicate(self, asked: Asked) -> str | None:
        """DUPLICATE: the same side, quantity and price were not sent a moment ago."""
        if self.limits.duplicate_ns is None:
            return None
        wanted = asked.wanted
        for sent in reversed(asked.state.recent):
            if asked.venue_ns - sent.sent_at_ns >= self.limits.duplicate_ns:
                break
            same = (sent.symbol, sent.side, sent.quantity, sent.price)
            if same == (wanted.symbol, wanted.side, wanted.quantity, wanted.price):
                return "the same order was just sent"
        return None

    def self_trade(self, asked: Asked) -> str | None:
        """SELF_TRADE: no order of ours on the other side could trade with it."""
        wanted = asked.wanted
        for order in asked.state.live_of(wanted.symbol):
            if order.side != wanted.side and (wanted.price - order.price) * wanted.side >= 0:
                return f"would meet {order.coid}"
        return None

    def message_rate(self, asked: Asked) -> str | None:
        """MSG_RATE: no more orders than so many were sent within the window that ends now."""
        if self.limits.rate_orders is None:
            return None
        count = 0
        for sent in reversed(asked.state.recent):
            if asked.venue_ns - sent.sent_at_ns >= self.limits.rate_ns:
                break
            count += not self.limits.rate_per_symbol or sent.symbol == asked.wanted.symbol
        return None if count < self.limits.rate_orders else f"{count} orders within the window"

    def orders_per_day(self, asked: Asked) -> str | None:
        """ORDERS_PER_DAY: no more orders than so many on one session date."""
        if self.limits.day_orders is None or asked.reduces:
            return None
        today = asked.state.orders_today if asked.day <= asked.state.day else 0
        return None if today < self.limits.day_orders else f"{today} orders today"

    def daily_loss(self, asked: Asked) -> str | None:
        """DAILY_LOSS: the day's loss is known, and hasn't reached its cap at any time of the day."""
        if asked.reduces or (self.limits.loss_share is None and self.limits.loss_value is None):
            return None
        if asked.state.has_lost_too_much and asked.day <= asked.state.day:
            return "the day has lost its cap"
        is_reached = self.loss_reached(asked.state, self.equity(asked.state, asked.quotes))
        return None if is_reached is False else "the day's loss is not known, or has reached its cap"

    def loss_reached(self, state: State, now: Money | None) -> bool | None:
        """Return whether the day's cap on losses is reached at an equity; None while that isn't known.

        start − equity ≥ share × start,   or   start − equity ≥ amount
        """
        start = state.previous_close if self.limits.loss_since_close else state.day_open
        if now is None or start is None:
            return None
        caps: list[Fraction | int] = []
        if self.limits.loss_share is not None:
            caps.append(self.limits.loss_share * start)
        if self.limits.loss_value is not None:
            caps.append(self.limits.loss_value)
        return any(start - now >= cap for cap in caps)

    def equity(self, state: State, quotes: Mapping[str, Quote]) -> Money | None:
        """Return what the account is worth at the middle of the quotes; None while something held has none."""
        total = state.accounts[self.currency].cash if self.currency in state.accounts else 0
        for symbol, held in state.positions.items():
            if held.lots:
                twice = _middle2(quotes.get(symbol))
                if twice is None:
                    return None
                total += held.lots * twice * state.instruments[symbol].tick_value // 2
        return total

    def _lots(self, asked: Asked, units: Decimal) -> int:
        """Return a limit in units as whole lots, rounded down; 0 for an instrument that isn't known."""
        if asked.instrument is None:
            return 0
        ratio = Fraction(units) / Fraction(asked.instrument.lot)
        return ratio.numerator // ratio.denominator

    def _value(self, asked: Asked) -> Money | None:
        """Return what the order is worth at its limit or the quote, whichever is more."""
        price = self._price(asked, asked.wanted.symbol)
        if price is None or asked.instrument is None:
            return None
        return asked.wanted.quantity * price * asked.instrument.tick_value

    def _price(self, asked: Asked, symbol: str) -> int | None:
        """Return the price that exposure is valued at: the highest of the asking price and the limits that may fill."""
        quote = asked.quotes.get(symbol)
        if quote is None or _middle2(quote) is None or quote.ask is None:
            return None
        limits = [order.price for order in asked.state.live_of(symbol) if order.side == BUY]
        limits += [each.price for each in asked.state.foreign.values() if each.symbol == symbol and each.side == BUY]
        own = [asked.wanted.price] if symbol == asked.wanted.symbol else []
        return max([quote.ask, *limits, *own])

    def _range(self, asked: Asked, symbol: str) -> tuple[int, int]:
        """Return the shortest and the longest position that may come of everything, the order included."""
        low, high = worst_positions(asked.state, symbol)
        if symbol == asked.wanted.symbol:
            low -= asked.wanted.quantity if asked.wanted.side == SELL else 0
            high += asked.wanted.quantity if asked.wanted.side == BUY else 0
        return low, high

    def _worst(self, asked: Asked, symbol: str) -> int:
        low, high = self._range(asked, symbol)
        return max(abs(low), abs(high))

    def _worst_value(self, asked: Asked, symbol: str) -> Money | None:
        lots = self._worst(asked, symbol)
        if lots == 0:
            return 0
        price = self._price(asked, symbol)
        return None if price is None else lots * price * asked.state.instruments[symbol].tick_value

    def _lean(self, asked: Asked, symbol: str) -> Money | None:
        """Return how far a symbol may lean to the side of the order."""
        low, high = self._range(asked, symbol)
        lots = high if asked.wanted.side == BUY else -low
        if lots == 0:
            return 0
        price = self._price(asked, symbol)
        return None if price is None else lots * price * asked.state.instruments[symbol].tick_value

    def _symbols(self, asked: Asked) -> list[str]:
        """Return every symbol that counts, in the instruments' order."""
        return [
            symbol
            for symbol in asked.state.instruments
            if symbol == asked.wanted.symbol or any(worst_positions(asked.state, symbol))
        ]

    def _beyond(
        self, asked: Asked, value: Money | None, most: Money | None, share: Fraction | None, what: str
    ) -> str | None:
        """Return why a value isn't within an amount and a share of equity; what isn't known is within nothing."""
        if most is None and share is None:
            return None
        if value is None:
            return f"{what}: no quote to value it at"
        if most is not None and not value <= most:
            return f"{what} may become worth too much"
        if share is not None:
            now = self.equity(asked.state, asked.quotes)
            if now is None or not value <= share * now:
                return f"{what} may become too large a share of equity"
        return None


def worst_positions(state: State, symbol: str) -> tuple[int, int]:
    """Return the shortest and the longest position that may come of what is held and of all that may still fill."""
    low = high = state.position(symbol)
    pending = [(order.side, order.remaining) for order in state.live_of(symbol)]
    pending += [(each.side, each.remaining) for each in state.foreign.values() if each.symbol == symbol]
    for side, lots in pending:
        high += lots if side == BUY else 0
        low -= lots if side == SELL else 0
    return low, high


def _middle2(quote: Quote | None) -> int | None:
    """Return twice the middle of a quote in ticks; None unless it has two sides, a spread and no gap."""
    if quote is None or not quote.is_valid or quote.bid is None or quote.ask is None:
        return None
    return quote.bid + quote.ask if 0 < quote.bid < quote.ask else None


def _is_whole(wanted: Wanted) -> bool:
    """Return whether an order is made of whole numbers; True, False and floats are none, whatever their value."""
    numbers = (wanted.side, wanted.quantity, wanted.price, wanted.signal)
    if not all(type(number) is int for number in numbers):
        return False
    return wanted.side in {BUY, SELL} and wanted.quantity > 0 and wanted.price > 0


CHECKS: dict[str, str] = {
    "TICK_LOT": "tick_lot",
    "ALLOWLIST": "allowlist",
    "GATE": "gate",
    "MAX_QTY": "max_quantity",
    "STALE_DATA": "stale_data",
    "BOOK_INVALID": "book_invalid",
    "MAX_NOTIONAL": "max_notional",
    "PRICE_COLLAR": "price_collar",
    "MAX_POSITION": "max_position",
    "MAX_GROSS": "max_gross",
    "MAX_OPEN_VALUE": "max_open_value",
    "DUPLICATE": "duplicate",
    "SELF_TRADE": "self_trade",
    "MSG_RATE": "message_rate",
    "ORDERS_PER_DAY": "orders_per_day",
    "DAILY_LOSS": "daily_loss",
}
"""Code → the question's name, in their order: what the later ones compute with, the earlier ones have made sure of."""
