"""The trading side of the venue: takes, matches, cancels and remembers orders, whoever is listening.

It is the truth; what queries show may lag behind it (`shown_ns`), and what the private stream tells may be lost on the way.
Every answer is either data or a `Refused` with a code of `trading_words`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeVar

from runner.live.money import NotExact, decimal_of
from runner.venue.server.account import Account, Execution, Order
from runner.venue.server.books import Book
from runner.venue.server.exact import ATTO_PER_PRODUCT, amount_text, decimal_units, money_text, units
from runner.venue.server.fault_plan import Chances, FaultKind
from runner.venue.server.matching import Matching
from runner.venue.server.settings import Rules, Settings
from runner.venue.server.trades import Trade
from runner.venue.server.trading_words import (
    BAD_ORDER,
    BAD_REQUEST,
    CLOSED,
    DUPLICATE,
    EXPIRED,
    FUNDS,
    LONGEST_VALID_NS,
    NOT_OPEN,
    UNKNOWN_ORDER,
    UNKNOWN_SYMBOL,
    VISIBLE_NS,
    Code,
)
from runner.venue.world import World

__all__ = ["Broker", "Clocks", "Refused"]

SECOND_NS = 1_000_000_000
ATTO = 10**18
ID = re.compile(r"[A-Za-z0-9._:\-]{1,64}", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,20}", re.ASCII)
LONGEST_TEXT = 64
Item = TypeVar("Item", Order, Execution)
Happening = Literal["order", "fill"]


class Refused(Exception):  # noqa: N818 - an answer, not an error of ours
    """The venue says no."""

    def __init__(self, code: Code, detail: str = "") -> None:
        """Keep the code and what was wrong."""
        self.code = code
        self.detail = detail
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two clocks of the trading API."""

    market_ns: Callable[[], int]
    gateway_ns: Callable[[], int]

    def named(self, name: object) -> int:
        """Return what a clock says; raise `Refused` for a name that is none."""
        if name is None or name == "market":
            return self.market_ns()
        if name == "gateway":
            return self.gateway_ns()
        raise Refused(BAD_REQUEST, "clock")


class Broker:
    """One account at the venue."""

    def __init__(
        self, rules: Sequence[Rules], books: frozenset[int], settings: Settings, clocks: Clocks, chances: Chances
    ) -> None:
        """Open with flat positions and the first cash."""
        self.account = Account(int(settings.cash * ATTO), settings.currency, settings.fee_bps)
        self.is_over = False
        """Whether the tape is over: no order is taken any more."""
        self.tell: Callable[[Happening, dict[str, Any]], None] = _tell_nobody
        self.rules = {each.symbol: each for each in rules}
        self._codes = {each.symbol: code for code, each in enumerate(rules)}
        self._ticks = {each.symbol: _whole(each.tick) for each in rules}
        self._lots = {each.symbol: _whole(each.lot) for each in rules}
        self._settings = settings
        self._clocks = clocks
        self._chances = chances
        self._lag = World(settings.seed).chance("visible")
        self._by_client: dict[str, Order] = {}
        lots = tuple(self._lots[each.symbol] for each in rules)
        self._matching = Matching(lots, books, settings.participation, self._execute)

    def place(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Take an order and match it; raise `Refused`."""
        symbol = fields.get("symbol")
        if not isinstance(symbol, str) or len(symbol) > LONGEST_TEXT:
            raise Refused(BAD_ORDER, "symbol")
        if symbol not in self._codes:
            raise Refused(UNKNOWN_SYMBOL)
        order = self._read(symbol, fields)
        # First of all: of an order that was taken before, nothing may say that it was not placed.
        if order.client_id in self._by_client:
            raise Refused(DUPLICATE)
        self._check_age(fields)
        if self.is_over:
            raise Refused(CLOSED)
        if self._chances.strikes(FaultKind.REJECT) or not self._can_carry(order):
            raise Refused(FUNDS)
        self.account.orders.append(order)
        self._by_client[order.client_id] = order
        self.tell("order", order.told())
        self._matching.arrive(order)
        if order.status != "open":
            self.tell("order", order.told())
        return order.told()

    def cancel(self, name: str, by: object) -> dict[str, Any]:
        """Cancel an order, whether queries show it or not; raise `Refused`."""
        order = self._find(name, by)
        if order is None:
            raise Refused(UNKNOWN_ORDER)
        if order.status != "open":
            raise Refused(NOT_OPEN)
        self._cancel(order)
        return order.told()

    def status(self, name: str, by: object) -> dict[str, Any]:
        """Return an order that queries show; raise `Refused`."""
        order = self._find(name, by)
        if order is None or not self._is_shown(order):
            raise Refused(UNKNOWN_ORDER)
        return self._seen(order)

    def open_orders(self, page: object) -> dict[str, Any]:
        """Return a page of the open orders that queries show."""
        after = self._from(page)
        rows = sorted(self._matching.live(), key=lambda order: order.number)
        return self._page("orders", [order for order in rows if order.number > after and self._is_shown(order)], self._seen)

    def fills(self, since: object, clock: object, page: object) -> dict[str, Any]:
        """Return a page of the executions since a time that queries show, oldest first."""
        since_ns = 0 if since is None else _whole_number(since, BAD_REQUEST)
        is_market = clock != "gateway"
        self._clocks.named(clock)
        rows = [
            each
            for each in self.account.executions[self._from(page) :]
            if (each.at_ns if is_market else each.gateway_ns) >= since_ns and self._is_shown(each)
        ]
        return self._page("fills", rows, lambda each: each.told(self.account.currency))

    def positions(self, page: object) -> dict[str, Any]:
        """Return the positions, as far as queries show the executions behind them."""
        held = dict(self.account.positions)
        for each in self._hidden():
            held[each.order.symbol] -= each.order.side * each.quantity
        rows = [{"symbol": name, "quantity": amount_text(count)} for name, count in sorted(held.items()) if count]
        start = self._from(page)
        end = start + self._settings.page
        return {"positions": rows[start:end], "next": str(end) if end < len(rows) else None}

    def funds(self) -> dict[str, Any]:
        """Return cash and equity, as far as queries show the executions behind them."""
        account = self.account
        back = sum(each.order.side * each.price * each.quantity * ATTO_PER_PRODUCT + each.fee for each in self._hidden())
        amount = money_text(account.cash + back)
        return {"balances": [{"currency": account.currency, "amount": amount}], "equity": money_text(account.equity())}

    def instruments(self) -> dict[str, Any]:
        """Return what can be traded, and in which steps."""
        rows = [
            {"symbol": each.symbol, "tick": f"{each.tick:f}", "lot": f"{each.lot:f}", "currency": self.account.currency}
            for each in self.rules.values()
        ]
        return {"instruments": rows}

    def begin(self, symbol: str, code: int, last: Trade | None, book: Book | None) -> None:
        """Know the market as it stands before anything is played."""
        if book is not None:
            self.on_book(symbol, code, book)
        if last is not None:
            self.account.marks[symbol] = units(last.price)

    def on_book(self, symbol: str, code: int, book: Book) -> None:
        """Let a new book meet the orders; its middle is what a position is worth, until a trade says better."""
        if book.bids and book.asks:
            self.account.marks[symbol] = units((book.bids[0][0] + book.asks[0][0]) / 2)
        self._changed(self._matching.on_book(code, book))

    def on_trade(self, symbol: str, code: int, trade: Trade) -> None:
        """Let a trade meet the orders."""
        self.account.marks[symbol] = units(trade.price)
        self._changed(self._matching.on_trade(code, trade))
        for order in self._matching.live():
            if order.code == code and order.rests and self._chances.strikes(FaultKind.VENUE_CANCEL):
                self._cancel(order)

    def finish(self) -> None:
        """End the market: what is open expires, nothing more is taken."""
        self.is_over = True
        for order in self._matching.live():
            order.status = "expired"
            self.tell("order", order.told())

    def _read(self, symbol: str, fields: Mapping[str, Any]) -> Order:
        """Read an order, or raise `Refused`."""
        kind, side = fields.get("type") or "limit", fields.get("side")
        force = fields.get("time_in_force") or ("ioc" if kind == "market" else "gtc")
        # Tuples: what comes from outside may be of a type that a set can't look up.
        is_known = kind in ("limit", "market") and side in ("buy", "sell") and force in ("gtc", "ioc")
        client_id = fields.get("client_order_id")
        if (
            not is_known
            or (kind == "market") > (force == "ioc")
            or not isinstance(client_id, str)
            or not ID.fullmatch(client_id)
        ):
            raise Refused(BAD_ORDER, "side, type, time_in_force or client_order_id")
        if (kind == "market") != (fields.get("price") is None):
            raise Refused(BAD_ORDER, "price")
        market, gateway = self._clocks.market_ns(), self._clocks.gateway_ns()
        return Order(
            number=len(self.account.orders) + 1,
            client_id=client_id,
            symbol=symbol,
            code=self._codes[symbol],
            side=1 if side == "buy" else -1,
            quantity=_steps(fields.get("quantity"), self._lots[symbol]),
            price=None if kind == "market" else _steps(fields.get("price"), self._ticks[symbol]),
            rests=force == "gtc",
            at_ns=market,
            gateway_ns=gateway,
            shown_ns=self._shown_at(market, gateway),
        )

    def _check_age(self, fields: Mapping[str, Any]) -> None:
        now = self._clocks.named(fields.get("clock"))
        sent = _whole_number(fields.get("sent_at_ns"), BAD_ORDER)
        asked = fields.get("valid_ns")
        valid = LONGEST_VALID_NS if asked is None else min(_whole_number(asked, BAD_ORDER), LONGEST_VALID_NS)
        if now - sent > valid or sent > now + SECOND_NS:
            raise Refused(EXPIRED)

    def _can_carry(self, order: Order) -> bool:
        """Return whether equity carries everything that may come of the orders, this one among them."""
        account = self.account
        held = account.positions.get(order.symbol, 0)
        if held * order.side < 0 and order.quantity <= abs(held):
            return True
        exposure: dict[str, list[int]] = {}
        for symbol, count in account.positions.items():
            exposure[symbol] = [count, count]
        worth = dict(account.marks)
        for each in [*self._matching.live(), order]:
            span = exposure.setdefault(each.symbol, [0, 0])
            span[0 if each.side < 0 else 1] += each.side * each.remaining
            worth[each.symbol] = max(worth.get(each.symbol, 0), each.price or 0)
        gross = sum(max(abs(low), abs(high)) * worth.get(symbol, 0) for symbol, (low, high) in exposure.items())
        above, below = self._settings.leverage.as_integer_ratio()
        needed: int = gross * ATTO_PER_PRODUCT * below
        return needed <= account.equity() * above

    def _execute(self, order: Order, quantity: int, price: int) -> None:
        """Book an execution and tell it; the order's own frame comes after it."""
        market, gateway = self._clocks.market_ns(), self._clocks.gateway_ns()
        execution = Execution(
            number=len(self.account.executions) + 1,
            order=order,
            price=price,
            quantity=quantity,
            fee=self.account.fee(price, quantity),
            at_ns=market,
            gateway_ns=gateway,
            shown_ns=self._shown_at(market, gateway),
        )
        self.account.book(execution)
        self.tell("fill", execution.told(self.account.currency))
        self.tell("order", order.told())

    def _changed(self, orders: list[Order]) -> None:
        """Tell what ended without an execution."""
        for order in orders:
            if order.status == "expired":
                self.tell("order", order.told())

    def _cancel(self, order: Order) -> None:
        order.status = "canceled"
        self.tell("order", order.told())

    def _find(self, name: str, by: object) -> Order | None:
        if by not in (None, "", "order_id", "client_order_id"):
            raise Refused(BAD_REQUEST, "by")
        if by == "client_order_id":
            return self._by_client.get(name)
        number = int(name[1:]) if name[:1] == "o" and WHOLE.fullmatch(name[1:]) else 0
        return self.account.orders[number - 1] if 0 < number <= len(self.account.orders) else None

    def _seen(self, order: Order) -> dict[str, Any]:
        """Return an order as queries show it: only with the executions that they show, too."""
        shown = order.filled - sum(each.quantity for each in self._hidden() if each.order is order)
        told = order.told() | {"filled": amount_text(shown)}
        return told if shown == order.filled or order.status != "filled" else told | {"status": "open"}

    def _hidden(self) -> Iterator[Execution]:
        """Yield the executions that queries don't show yet: only late ones can be hidden."""
        market, gateway = self._clocks.market_ns() - VISIBLE_NS, self._clocks.gateway_ns() - VISIBLE_NS
        for each in reversed(self.account.executions):
            if each.at_ns <= market or each.gateway_ns <= gateway:
                return
            if not self._is_shown(each):
                yield each

    def _is_shown(self, thing: Order | Execution) -> bool:
        market, gateway = thing.shown_ns
        return self._clocks.market_ns() >= market or self._clocks.gateway_ns() >= gateway

    def _shown_at(self, market_ns: int, gateway_ns: int) -> tuple[int, int]:
        most = min(int(self._settings.visible_lag * SECOND_NS), VISIBLE_NS)
        lag = VISIBLE_NS if self._chances.strikes(FaultKind.MOST_LAG) else int(self._lag.random() * most)
        return market_ns + lag, gateway_ns + lag

    def _from(self, page: object) -> int:
        return 0 if page in (None, "") else _whole_number(page, BAD_REQUEST)

    def _page(self, name: str, rows: Sequence[Item], told: Callable[[Item], dict[str, Any]]) -> dict[str, Any]:
        most = self._settings.page
        return {
            name: [told(each) for each in rows[:most]],
            # The number of the last row is where the next page begins: rows are numbered from 1.
            "next": str(rows[most - 1].number) if len(rows) > most else None,
        }


def _whole(step: Decimal) -> int:
    return decimal_units(step) or 1


def _whole_number(value: object, code: Code) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and WHOLE.fullmatch(value):
        return int(value)
    raise Refused(code, "a whole number")


def _steps(value: object, step: int) -> int:
    """Return decimal text in units; raise `Refused` if it isn't a whole number of steps above zero."""
    try:
        found = decimal_units(decimal_of(value))
    except NotExact:
        found = None
    if found is None or found <= 0 or found % step:
        raise Refused(BAD_ORDER, "a number off its step")
    return found


def _tell_nobody(what: Happening, told: dict[str, Any]) -> None:
    """Tell nobody yet."""
    del what, told
