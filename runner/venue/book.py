"""One instrument's market: what the crowd quotes, and the account's orders that rest in it.

The crowd is a bid and an ask with sizes that wander; it never trades against itself. The account's orders have price-time
priority among themselves. A resting order trades when the crowd's quote comes through its price, or when somebody takes it
at the touch; an incoming one takes the crowd's size as far as its price allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from runner.venue.rules import Instrument
from runner.venue.world import Chance

__all__ = ["Book", "OrderStatus", "VenueFill", "VenueOrder"]


class OrderStatus:
    """The words an order's status is told in."""

    WORKING = "working"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    OPEN = frozenset({WORKING, PARTIAL})


@dataclass(frozen=True, slots=True)
class VenueFill:
    """One execution of the account."""

    execution_id: str
    number: int
    """1, 2, 3 … over all executions."""
    order: "VenueOrder"
    quantity: int
    """Lots."""
    price: int
    """Ticks."""
    fee: int
    """Atoms."""
    at: int
    """World time."""
    visible_at: int
    """From when queries show it."""


@dataclass(slots=True, eq=False)
class VenueOrder:
    """One order as the exchange knows it."""

    order_id: str
    number: int
    """1, 2, 3 … over all orders."""
    client_id: str | None
    symbol: str
    side: int
    """+1 buys, -1 sells."""
    quantity: int
    price: int
    at: int
    visible_at: int
    intent: int
    """Whose wish it was, whatever ids it bears; 0 of orders that came from elsewhere."""
    filled: int = 0
    status: str = OrderStatus.WORKING
    fills: list[VenueFill] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Return whether it can still trade."""
        return self.status in OrderStatus.OPEN

    @property
    def remaining(self) -> int:
        """Return the lots that may still trade."""
        return self.quantity - self.filled if self.is_open else 0


class Book:
    """One instrument's quotes and the account's resting orders."""

    def __init__(self, instrument: Instrument, chance: Chance) -> None:
        """Open at the instrument's first mid price."""
        self.instrument = instrument
        self.mid = instrument.opens_at
        self.bid = self.mid - 1
        self.ask = self.mid + 1
        self.bid_size = 5
        self.ask_size = 5
        self.resting: list[VenueOrder] = []
        self._chance = chance

    def wander(self) -> None:
        """Let the crowd quote anew: the mid moves a few ticks, spread and sizes are drawn."""
        draw = self._chance.random
        step = int(draw() * 7) - 3
        floor = self.instrument.opens_at * 9 // 10
        ceiling = self.instrument.opens_at * 11 // 10
        self.mid = min(max(self.mid + step, floor), ceiling)
        self.bid = self.mid - 1 - int(draw() * 2)
        self.ask = self.mid + 1 + int(draw() * 2)
        self.bid_size = 1 + int(draw() * 8)
        self.ask_size = 1 + int(draw() * 8)

    def taken_by_quotes(self) -> Iterator[tuple[VenueOrder, int, int]]:
        """Yield (order, lots, ticks) of resting orders the new quotes trade through, best price first, oldest first."""
        for order in self._in_priority():
            size = self.ask_size if order.side > 0 else self.bid_size
            through = order.price >= self.ask if order.side > 0 else order.price <= self.bid
            lots = min(order.remaining, size)
            if through and lots > 0:
                self._use(order.side, lots)
                yield order, lots, order.price

    def taken_at_touch(self) -> tuple[VenueOrder, int, int] | None:
        """Draw a taker: return (order, lots, ticks) of a resting order at or inside the touch, None if there is none."""
        at_touch = [order for order in self._in_priority() if self._is_at_touch(order)]
        if not at_touch:
            return None
        order = at_touch[int(self._chance.random() * len(at_touch))]
        lots = 1 + int(self._chance.random() * order.remaining)
        return order, min(lots, order.remaining), order.price

    def takeable(self, side: int, price: int, quantity: int) -> tuple[int, int]:
        """Return (lots, ticks) an incoming order takes from the crowd at once."""
        if side > 0:
            return (min(quantity, self.ask_size), self.ask) if price >= self.ask else (0, 0)
        return (min(quantity, self.bid_size), self.bid) if price <= self.bid else (0, 0)

    def take(self, side: int, lots: int) -> None:
        """Remove from the crowd what an incoming order took."""
        self._use(side, lots)

    def crosses_own(self, side: int, price: int) -> bool:
        """Return whether an incoming order would trade with a resting one of the same account."""
        return any(
            order.side != side and order.is_open and (price >= order.price if side > 0 else price <= order.price)
            for order in self.resting
        )

    def drop_closed(self) -> None:
        """Forget resting orders that can't trade any more."""
        self.resting = [order for order in self.resting if order.is_open]

    def _in_priority(self) -> list[VenueOrder]:
        return sorted(
            (order for order in self.resting if order.is_open), key=lambda order: (-order.side * order.price, order.at)
        )

    def _is_at_touch(self, order: VenueOrder) -> bool:
        return order.price >= self.bid if order.side > 0 else order.price <= self.ask

    def _use(self, side: int, lots: int) -> None:
        if side > 0:
            self.ask_size -= lots
        else:
            self.bid_size -= lots
