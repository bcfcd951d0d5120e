"""What a session knows: instruments, orders, positions, cash. Every number is a whole number of tick, lot or money.

`State` is what the journal folds into. It is changed by `runner.live.fold.apply` alone, one event at a time; everybody else
reads it. An order's states:

    UNKNOWN → WORKING → PARTIAL → FILLED | CANCELED | REJECTED | EXPIRED | NOT_PLACED

An order begins as UNKNOWN, because between the intent and the first proof nobody knows whether the venue has it. That a
cancel was asked for is a flag beside the state: an order that is being cancelled may still fill.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from runner.live.money import Money, product_of

__all__ = [
    "BUY",
    "SELL",
    "Account",
    "Execution",
    "ForeignOrder",
    "Instrument",
    "Order",
    "Permission",
    "Position",
    "Quote",
    "Recent",
    "SessionState",
    "State",
    "Status",
]

BUY = 1
SELL = -1
MOST_RECENT = 10_000
"""Intents that rates are counted over at most; a limit on more orders in one window than this is refused."""


class Status(StrEnum):
    """Where an order is."""

    UNKNOWN = "unknown"
    WORKING = "working"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELED = "canceled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    NOT_PLACED = "not_placed"

    @property
    def is_live(self) -> bool:
        """Whether the order may still fill."""
        return self in {Status.UNKNOWN, Status.WORKING, Status.PARTIAL}


class SessionState(StrEnum):
    """Where a session is: `BOOT → RECONCILING → LIVE ⇄ DEGRADED → HALTED → STOPPING → CLOSED`."""

    BOOT = "boot"
    RECONCILING = "reconciling"
    LIVE = "live"
    DEGRADED = "degraded"
    """Cancels and orders that reduce a position, nothing else."""
    HALTED = "halted"
    """Cancels alone; latched, also for the sessions after this one."""
    STOPPING = "stopping"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Instrument:
    """What can be traded, and in which steps."""

    symbol: str
    tick: Decimal
    """Smallest step of a price, in quote currency."""
    lot: Decimal
    """Smallest step of a quantity."""
    currency: str
    """Quote currency."""

    @property
    def tick_value(self) -> Money:
        """Return what one tick of one lot is worth."""
        return product_of(self.tick, self.lot)


@dataclass(frozen=True, slots=True)
class Quote:
    """The best prices of one instrument as the feed last saw them."""

    symbol: str
    bid: int | None
    """Ticks; None if the side is empty."""
    ask: int | None
    mono_ns: int
    """When it was received, on the monotonic clock."""
    is_valid: bool = True
    """False while the book has a gap."""


@dataclass(slots=True)
class Order:
    """One order of ours."""

    coid: str
    number: int
    """Of its intent."""
    symbol: str
    side: int
    """1 buys, -1 sells."""
    quantity: int
    """Lots."""
    price: int
    """Limit, in ticks: there are no market orders, an order for now is a limit order that doesn't rest."""
    rests: bool
    """Whether what isn't filled at once stays in the book."""
    sent_at_ns: int
    """Venue time from which the request's validity runs."""
    signal: int
    """Number of the decision that asked for it."""
    replaces: str | None = None
    integer_id: int | None = None
    """Id of the venues that want a number."""
    status: Status = Status.UNKNOWN
    filled: int = 0
    """Lots of all distinct fills."""
    venue_ids: tuple[str, ...] = ()
    """The venue's own ids: empty before the first proof; more than one if the venue forked the order."""
    is_cancel_asked: bool = False

    @property
    def is_acked(self) -> bool:
        """Whether the venue ever showed it."""
        return bool(self.venue_ids)

    @property
    def remaining(self) -> int:
        """Return the lots that may still fill."""
        return max(self.quantity - self.filled, 0) if self.status.is_live else 0


@dataclass(slots=True)
class Position:
    """What is held of one instrument."""

    lots: int = 0
    """Signed."""
    cost: Money = 0
    """Signed: what was paid for what is held."""


@dataclass(slots=True)
class Account:
    """One currency: `cash = transfers + realized − fees − invested` at every moment, exactly."""

    cash: Money = 0
    realized: Money = 0
    fees: Money = 0
    invested: Money = 0
    """Sum of the costs of the positions in this currency."""
    transfers: Money = 0
    """What came in by the operator's hand, the opening balance among it."""


class Execution(NamedTuple):
    """What is remembered of a fill, to tell a repetition from a correction; a tuple, because there are so many."""

    coid: str | None
    """None of a foreign fill."""
    symbol: str
    side: int
    quantity: int
    each: Money
    fee: Money


@dataclass(frozen=True, slots=True)
class ForeignOrder:
    """An open order of the account that is not ours: it can fill, so it counts."""

    venue_id: str
    symbol: str
    side: int
    remaining: int
    price: int


class Permission(NamedTuple):
    """What the operator allows the next session, and none after it."""

    reason: str
    """Why the latch may come off, once everything is reconciled."""
    adjusts: bool
    """Whether the venue's positions and cash are right where the books differ."""
    absent: tuple[str, ...]
    """Orders that the venue doesn't have, where nothing else proves it."""


class Recent(NamedTuple):
    """What rates and repetition are counted from."""

    sent_at_ns: int
    symbol: str
    side: int
    quantity: int
    price: int


@dataclass(slots=True)
class State:
    """All a session knows; a function of its journal."""

    instruments: dict[str, Instrument]
    orders: dict[str, Order] = field(default_factory=dict)
    """Every order ever, by client order id: a late fill may concern any of them."""
    live: dict[str, Order] = field(default_factory=dict)
    """Those that may still fill, in the order of their intents."""
    by_venue_id: dict[str, str] = field(default_factory=dict)
    """Venue id → client order id."""
    executions: dict[str, Execution] = field(default_factory=dict)
    """By the venue's execution id."""
    busted: set[str] = field(default_factory=set)
    foreign: dict[str, ForeignOrder] = field(default_factory=dict)
    """Open foreign orders by venue id."""
    positions: dict[str, Position] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    marks: dict[str, Money] = field(default_factory=dict)
    """What one lot is worth, by symbol, at the last mark."""
    intents: int = 0
    """Number of the last intent."""
    last_integer: int = 0
    """Largest order number given to a venue that wants numbers."""
    swept_to_ns: int = 0
    """Venue time up to which every fill is known."""
    recent: deque[Recent] = field(default_factory=lambda: deque(maxlen=MOST_RECENT))
    rejects: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_RECENT))
    """Venue times of the latest rejections."""
    repeats: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Symbol → the signal's number, and how many of its orders have been executed."""
    day: int = 0
    """Session date of the last mark or intent, as a number of days since 1970."""
    orders_today: int = 0
    previous_close: Money | None = None
    """The last equity of the session date before."""
    day_open: Money | None = None
    """The first equity of the session date."""
    equity: Money | None = None
    """At the last mark; None before there was one."""
    peak: Money | None = None
    has_lost_too_much: bool = False
    """Whether the day's cap on losses was reached, for the rest of the day."""
    frozen: dict[str, str] = field(default_factory=dict)
    """Symbols that nothing is sent for, and why."""
    killed: str | None = None
    """Why the session was latched; None if it isn't."""
    permission: Permission | None = None
    """What the next session may do about that; None if nothing."""
    session: SessionState = SessionState.CLOSED
    config: str = ""
    """Fingerprint of the configuration that the last session was given."""
    code: str = ""
    boots: int = 0
    opened_at_ns: int | None = None
    """Venue time of the opening balance, which contains every execution up to then; None before it is known."""
    late_fills: int = 0
    denials: int = 0

    def position(self, symbol: str) -> int:
        """Return the signed lots held."""
        held = self.positions.get(symbol)
        return held.lots if held else 0

    def live_of(self, symbol: str) -> Iterator[Order]:
        """Yield the orders of an instrument that may still fill."""
        return (order for order in self.live.values() if order.symbol == symbol)
