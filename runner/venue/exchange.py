"""The exchange: accepts, matches, cancels, replaces, and remembers everything, whoever is listening.

It is the truth of the simulation. What it tells is another matter: an order and an execution become visible to queries only
`visible_at`, and frames of the private stream are handed to a listener that may lose them.

Every change of the account ends in `watch`, where the invariants look at it.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from runner.venue.book import Book, OrderStatus, VenueFill, VenueOrder
from runner.venue.faults import Fault, FaultPlan, Phase
from runner.venue.rules import ATOM, INSTRUMENTS, IdScope, Instrument, VenueRules
from runner.venue.world import MS, SECOND, World

__all__ = ["EPOCH_NS", "Exchange", "Placement", "Refused"]

Happening = Literal["order", "fill", "bust"]
PER_TEN_SECONDS = 10 * SECOND
FIRST_CASH = Decimal(1_000_000)
"""What the account begins with."""


@dataclass(frozen=True)
class Refused(Exception):  # noqa: N818 - an answer, not an error
    """The exchange says no: HTTP status, code, and for how many seconds if it says so."""

    status: int
    code: str
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """What a request to place an order asks for."""

    client_id: str | None
    symbol: str
    side: int
    quantity: int
    price: int
    at_once: bool
    """Whether what doesn't trade at once expires."""
    sent_at_ns: int
    """When the sender says it was sent, UTC nanoseconds of the exchange's clock as the sender knows it."""
    valid_ns: int | None
    """For how long the sender wants it to be valid."""
    intent: int
    """Whose wish it is, whatever ids the order bears; 0 of what comes from elsewhere."""


class Exchange:
    """One account on one exchange."""

    def __init__(self, world: World, rules: VenueRules, plan: FaultPlan) -> None:
        """Open with flat positions and the first cash."""
        self.rules = rules
        self.orders: dict[str, VenueOrder] = {}
        """Order id → order, all that ever were."""
        self.fills: list[VenueFill] = []
        """All executions, in the order they happened."""
        self.positions: dict[str, int] = {instrument.symbol: 0 for instrument in INSTRUMENTS}
        self.first_cash = int(FIRST_CASH / ATOM)
        self.cash = self.first_cash
        self.books = {each.symbol: Book(each, world.chance(f"market/{each.symbol}")) for each in INSTRUMENTS}
        self.placements: list[Placement] = []
        """Every placement that was accepted."""
        self.limited = 0
        """How often the account heard 429 because it sent too much."""
        self.tell: Callable[[Happening, VenueOrder, VenueFill | None], None] = _tell_nobody
        self.watch: Callable[[], None] = _look_away
        self.dead_man_at: int | None = None
        self._world = world
        self._plan = plan
        self._by_client: dict[str, list[VenueOrder]] = {}
        self._banned_until = 0
        self._sent: deque[int] = deque()
        self._placed: deque[int] = deque()

    # Requests

    def admit(self, *, is_placement: bool) -> None:
        """Count a request; raise `Refused` while the account is banned or sends too much."""
        now = self._world.now
        if now < self._banned_until:
            raise Refused(418, "banned", -(-(self._banned_until - now) // SECOND))
        self._count(self._sent, self.rules.requests_per_10s)
        if is_placement:
            self._count(self._placed, self.rules.orders_per_10s)

    def ban(self, seconds: int) -> None:
        """Refuse everything for a while."""
        self._banned_until = max(self._banned_until, self._world.now + seconds * SECOND)

    def instrument(self, symbol: str) -> Instrument:
        """Return an instrument; raise `Refused` if there is none of this name."""
        book = self.books.get(symbol)
        if book is None:
            raise Refused(400, "bad_order")
        return book.instrument

    def place(self, asked: Placement) -> VenueOrder:
        """Accept an order and match it; raise `Refused`."""
        self.check_age(asked.sent_at_ns, asked.valid_ns)
        self._check_id(asked.client_id)
        if self._plan.strikes(Fault.REJECT):
            raise Refused(403, "insufficient_funds")
        self._check_self_trade(asked)
        order = self._accept(asked)
        self.placements.append(asked)
        self._world.note(
            f"venue place {order.order_id} {asked.client_id} {asked.symbol} {asked.side * asked.quantity}@{asked.price}"
        )
        self._plan.reach(Phase.PLACE_LANDED)
        self._match(order, at_once=asked.at_once)
        return order

    def check_age(self, sent_at_ns: int, valid_ns: int | None) -> None:
        """Raise `Refused` if a request is older than its window, or comes from the future."""
        if self.rules.window_ns is None:
            return
        now = self.utc_ns()
        window = min(valid_ns or self.rules.window_ns, self.rules.window_ns)
        if sent_at_ns >= now + SECOND or now - sent_at_ns > window:
            raise Refused(400, "request_expired")

    def cancel(self, order: VenueOrder) -> VenueOrder:
        """Cancel an order; raise `Refused` if it can't trade any more."""
        if not order.is_open:
            raise Refused(409, "not_open")
        self._world.note(f"venue cancel {order.order_id}")
        self._plan.reach(Phase.CANCEL_LANDED)
        self._end(order, OrderStatus.CANCELED)
        if self._plan.strikes(Fault.LATE_FILL):
            delay = int((0.2 + self._world.chance("lag").random() * 4) * SECOND)
            self._world.after(delay, lambda: self._fill_late(order))
        return order

    def replace(self, order: VenueOrder, asked: Placement) -> VenueOrder | Refused:
        """Cancel an order, then place another; raise `Refused` if nothing was done, return it if the second half failed."""
        self.check_age(asked.sent_at_ns, asked.valid_ns)
        if not order.is_open:
            raise Refused(409, "not_open")
        if not self._plan.strikes(Fault.FORK):
            self._end(order, OrderStatus.CANCELED)
        try:
            if self._plan.strikes(Fault.HALF_REPLACE):
                raise Refused(403, "insufficient_funds")  # noqa: TRY301 - told like the other refusals
            self._check_id(asked.client_id)
            self._check_self_trade(asked)
        except Refused as refusal:
            return refusal
        successor = self._accept(asked)
        self.placements.append(asked)
        self._world.note(f"venue replace {order.order_id} by {successor.order_id} {asked.client_id}")
        self._match(successor, at_once=asked.at_once)
        return successor

    def visible(self, thing: VenueOrder | VenueFill) -> bool:
        """Return whether queries know of an order or an execution yet."""
        return thing.visible_at <= self._world.now

    def under_client_id(self, client_id: str) -> list[VenueOrder]:
        """Return all visible orders of a client id, oldest first."""
        return [order for order in self._by_client.get(client_id, []) if self.visible(order)]

    def ever_under_client_id(self, client_id: str) -> list[VenueOrder]:
        """Return all orders of a client id, visible or not: what is true, not what is told."""
        return list(self._by_client.get(client_id, []))

    def open_orders(self) -> list[VenueOrder]:
        """Return all orders that can still trade, visible or not."""
        return [order for book in self.books.values() for order in book.resting if order.is_open]

    def hold_dead_man(self, timeout_ns: int) -> int:
        """Promise to cancel everything unless it is asked for again in time; return until when."""
        self.dead_man_at = self._world.now + timeout_ns if timeout_ns else None
        return self.utc_ns() + timeout_ns

    def utc_ns(self) -> int:
        """Return the exchange's clock."""
        return EPOCH_NS + self._world.now

    # What happens by itself

    def open(self, until: int) -> None:
        """Let the market live until a time."""
        pace = self._world.chance("market/pace")

        def beat() -> None:
            self._wander()
            if self._world.now < until:
                self._world.after((100 + int(pace.random() * 300)) * MS, beat)

        self._world.after(1 * MS, beat)

    def place_foreign(self, symbol: str, side: int, lots: int, price: int) -> VenueOrder:
        """Let somebody else place an order in this account."""
        asked = Placement(None, symbol, side, lots, price, at_once=False, sent_at_ns=self.utc_ns(), valid_ns=None, intent=0)
        order = self._accept(asked)
        self._world.note(f"venue foreign {order.order_id} {symbol} {side * lots}@{price}")
        self._match(order, at_once=False)
        return order

    def cancel_foreign(self) -> None:
        """Let somebody else clear away what they placed."""
        for order in [order for order in self.open_orders() if order.client_id is None]:
            self._end(order, OrderStatus.CANCELED)

    def _wander(self) -> None:
        """Let the crowd quote anew in every book, and trade with what rests there."""
        if self.dead_man_at is not None and self._world.now >= self.dead_man_at:
            self.dead_man_at = None
            for order in self.open_orders():
                self._end(order, OrderStatus.CANCELED)
        draw = self._world.chance("market/takers").random
        for book in self.books.values():
            book.wander()
            if not book.resting:
                continue
            for order, lots, price in list(book.taken_by_quotes()):
                self._execute(order, lots, price)
            if book.resting and draw() < 0.25:
                taken = book.taken_at_touch()
                if taken:
                    self._execute(*taken)
            for order in list(book.resting):
                if order.is_open and self._plan.strikes(Fault.VENUE_CANCEL):
                    self._end(order, OrderStatus.CANCELED)
            book.drop_closed()

    # Inside

    def _count(self, sent: deque[int], most: int) -> None:
        now = self._world.now
        while sent and sent[0] <= now - PER_TEN_SECONDS:
            sent.popleft()
        if len(sent) >= most:
            self.limited += 1
            raise Refused(429, "rate_limited", -(-(sent[0] + PER_TEN_SECONDS - now) // SECOND))
        sent.append(now)

    def _check_id(self, client_id: str | None) -> None:
        before = self._by_client.get(client_id or "", [])
        scope = self.rules.ids
        if before and (scope is IdScope.STRICT or (scope is IdScope.OPEN_ONLY and any(order.is_open for order in before))):
            raise Refused(409, "duplicate_id")

    def _check_self_trade(self, asked: Placement) -> None:
        if self.books[asked.symbol].crosses_own(asked.side, asked.price):
            raise Refused(400, "self_trade")

    def _accept(self, asked: Placement) -> VenueOrder:
        order = VenueOrder(
            order_id=f"v{len(self.orders) + 1}",
            number=len(self.orders) + 1,
            client_id=asked.client_id,
            symbol=asked.symbol,
            side=asked.side,
            quantity=asked.quantity,
            price=asked.price,
            at=self._world.now,
            visible_at=self._world.now + self._lag(),
            intent=asked.intent,
        )
        self.orders[order.order_id] = order
        if asked.client_id is not None:
            self._by_client.setdefault(asked.client_id, []).append(order)
        return order

    def _match(self, order: VenueOrder, *, at_once: bool) -> None:
        """Trade what can trade at once; let the rest rest, or expire."""
        book = self.books[order.symbol]
        self.tell("order", order, None)
        book.resting.append(order)
        lots, price = book.takeable(order.side, order.price, order.remaining)
        if lots > 0:
            book.take(order.side, lots)
            self._execute(order, lots, price)
        if at_once and order.is_open:
            self._end(order, OrderStatus.EXPIRED)
        book.drop_closed()
        self._plan.reach(Phase.RESTING if order.is_open else Phase.FILLED)
        self.watch()

    def _execute(self, order: VenueOrder, lots: int, price: int) -> None:
        if lots == order.remaining and order.client_id is not None and self._plan.strikes(Fault.OVERFILL):
            lots += 1
        instrument = self.books[order.symbol].instrument
        notional = lots * price * instrument.atoms_per_lot_tick
        fill = VenueFill(
            execution_id=f"x{len(self.fills) + 1}",
            number=len(self.fills) + 1,
            order=order,
            quantity=lots,
            price=price,
            fee=notional * self.rules.fee_bps // 10_000,
            at=self._world.now,
            visible_at=self._world.now + self._lag(),
        )
        self.fills.append(fill)
        order.fills.append(fill)
        order.filled += lots
        if order.is_open:
            order.status = OrderStatus.FILLED if order.filled >= order.quantity else OrderStatus.PARTIAL
        self.positions[order.symbol] += order.side * lots
        self.cash -= order.side * notional + fill.fee
        self._world.note(f"venue fill {fill.execution_id} {order.order_id} {order.side * lots}@{price}")
        self.tell("fill", order, fill)
        self.tell("order", order, None)
        if order.client_id is not None and self._plan.strikes(Fault.BUST):
            self._world.after(int(self._world.chance("bust").random() * 3 * SECOND), lambda: self._correct(fill))
        self._plan.reach(Phase.FILLED if order.status == OrderStatus.FILLED else Phase.PARTLY_FILLED)
        self.watch()

    def _fill_late(self, order: VenueOrder) -> None:
        """Execute one lot of an order that was told to be cancelled."""
        if not self._plan.is_calm and order.filled < order.quantity:
            self._execute(order, 1, order.price)

    def _correct(self, fill: VenueFill) -> None:
        """Take an execution back, or find that it was of one lot more; from now on that is the truth."""
        if self._plan.is_calm:
            return
        order = fill.order
        now_lots = 0 if self._world.chance("bust").random() < 0.5 else fill.quantity + 1
        more = now_lots - fill.quantity
        corrected = replace(fill, quantity=now_lots)
        self.fills[fill.number - 1] = corrected
        order.fills[order.fills.index(fill)] = corrected
        order.filled += more
        self.positions[order.symbol] += order.side * more
        self.cash -= order.side * more * fill.price * self.books[order.symbol].instrument.atoms_per_lot_tick
        if order.is_open and order.filled >= order.quantity:
            order.status = OrderStatus.FILLED
        self._world.note(f"venue corrects {fill.execution_id} to {now_lots}")
        self.tell("fill" if now_lots else "bust", order, corrected)
        self.tell("order", order, None)
        self.watch()

    def _end(self, order: VenueOrder, status: str) -> None:
        order.status = status
        self._world.note(f"venue {status} {order.order_id}")
        self.tell("order", order, None)
        self.watch()

    def _lag(self) -> int:
        if self._plan.strikes(Fault.MOST_LAG):
            return self.rules.most_lag
        return int(self._world.chance("lag").random() * 20 * MS)


EPOCH_NS = 1_900_000_000 * SECOND
"""UTC at which the world begins."""


def _tell_nobody(what: Happening, order: VenueOrder, fill: VenueFill | None) -> None:
    """Lose a frame."""


def _look_away() -> None:
    """Check nothing."""
