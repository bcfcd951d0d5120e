"""What a venue's adapter is: pure functions from an order to a request and from bytes to a reply, without input or output.

A reply never guesses. What can't be read, and every status that isn't on the venue's list of definitive answers, is
`Unclear`: the order stays unknown, and only a later question decides.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar, runtime_checkable

from runner.live.model import Instrument, Order
from runner.live.money import Money
from runner.live.ports import Request, Response

__all__ = [
    "Accepted",
    "Balance",
    "BustReport",
    "Contract",
    "End",
    "Exists",
    "FillReport",
    "Found",
    "Frame",
    "Heartbeat",
    "Holding",
    "Limited",
    "NotFound",
    "NotOpen",
    "OrderReport",
    "Page",
    "Rejected",
    "Replaced",
    "Unclear",
]

Item = TypeVar("Item")


class End(StrEnum):
    """How an order ended at the venue."""

    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class OrderReport:
    """What the venue says about one order."""

    venue_id: str
    coid: str | None
    symbol: str
    side: int
    quantity: int
    price: int
    filled: int
    """Lots filled so far, as the venue counts."""
    end: End | None
    """None while it is open."""


@dataclass(frozen=True, slots=True)
class FillReport:
    """What the venue says about one execution."""

    exec_id: str
    venue_id: str
    coid: str | None
    symbol: str
    side: int
    quantity: int
    each: Money
    """Price of one lot."""
    fee: Money
    currency: str
    """Of the fee."""
    at_ns: int
    """Venue time."""


@dataclass(frozen=True, slots=True)
class BustReport:
    """The venue takes an execution back."""

    exec_id: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The stream is alive; that says nothing about the data."""


Frame = OrderReport | FillReport | BustReport | Heartbeat


@dataclass(frozen=True, slots=True)
class Holding:
    """Position of one instrument at the venue."""

    symbol: str
    lots: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Cash of one currency at the venue."""

    currency: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Unclear:
    """Whatever the venue did or didn't do, this answer doesn't say."""

    reason: str


@dataclass(frozen=True, slots=True)
class Limited:
    """The venue didn't look at the request: it asks to be left alone for a while, or shuts us out."""

    is_ban: bool
    """Whether more than patience is needed: a ban, or credentials that aren't accepted."""
    retry_after_ns: int | None
    """How long it asks to wait, None if it doesn't say."""
    reason: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue has the order."""

    report: OrderReport


@dataclass(frozen=True, slots=True)
class Rejected:
    """The venue doesn't have the order and won't: an answer on its definitive list."""

    code: str


@dataclass(frozen=True, slots=True)
class Exists:
    """The venue knows an order of this id: not a rejection, a hint to ask."""


@dataclass(frozen=True, slots=True)
class Found:
    """All orders that the venue shows under an id; more than one if it forked or never checks ids."""

    reports: tuple[OrderReport, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    """The venue doesn't show an order: that alone proves nothing."""


@dataclass(frozen=True, slots=True)
class NotOpen:
    """There was nothing to cancel: filled, ended or unknown, the venue doesn't say which."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of the two halves of a replacement; each half stands for itself."""

    old: Accepted | NotOpen | Unclear
    new: Accepted | Rejected | Exists | Unclear


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list."""

    items: tuple[Item, ...]
    next: str | None
    """Where the next page begins; None after the last."""


@runtime_checkable
class Contract(Protocol):
    """One venue's requests and answers.

    `read_…` functions never raise for what a venue may send, whatever it is. They are given answers that the choke point has
    already found to be neither a limit on rates nor a ban. Those of lists are also told which page was asked for, because an
    empty answer doesn't say what it is an answer to.
    """

    instruments: dict[str, Instrument]

    def limit(self, response: Response) -> Limited | None:
        """Tell an answer about rates, bans or credentials from one about the request; the latter is None."""

    def place(self, order: Order, valid_ns: int | None) -> Request:
        """Return the request for a new order; `valid_ns` is how long after `order.sent_at_ns` the venue may take it."""

    def read_place(self, response: Response) -> Accepted | Rejected | Exists | Unclear:
        """Read the answer to a new order."""

    def cancel(self, order: Order) -> Request | None:
        """Return the request to cancel an order; None where that takes the venue's own id, which isn't known yet."""

    def cancel_by_venue_id(self, symbol: str, venue_id: str) -> Request:
        """Return the request to cancel whatever has this venue id, ours or not."""

    def read_cancel(self, response: Response) -> Accepted | NotOpen | Unclear:
        """Read the answer to a cancel; the report says what the order is now."""

    def replace(self, old: Order, new: Order, valid_ns: int | None) -> Request:
        """Return the request that cancels one order and, only if that worked, places another."""

    def read_replace(self, response: Response) -> Replaced:
        """Read the answer to a replacement, half by half."""

    def query(self, order: Order) -> Request:
        """Return the question about one order, by client order id."""

    def whose(self, symbol: str, venue_id: str) -> Request | None:
        """Return the question about the order of a venue id, for executions that bear no other; `read_query` reads it.

        None where every execution bears the id that its order has: one without any is then nobody's of ours.
        """

    def read_query(self, response: Response) -> Found | NotFound | Unclear:
        """Read the answer."""

    def open_orders(self, page: str | None) -> Request:
        """Return the question about all open orders of the account."""

    def read_open_orders(self, response: Response, page: str | None) -> Page[OrderReport] | Unclear:
        """Read one page of it, the one that was asked for; with one unreadable line it is unclear as a whole."""

    def fills(self, since_ns: int, page: str | None) -> Request:
        """Return the question about all executions of the account since a venue time, itself included, in any order."""

    def read_fills(self, response: Response, since_ns: int, page: str | None) -> Page[FillReport] | Unclear:
        """Read one page of it; what is older may be left out."""

    def positions(self, page: str | None) -> Request:
        """Return the question about all positions."""

    def read_positions(self, response: Response, page: str | None) -> Page[Holding] | Unclear:
        """Read one page of it."""

    def balances(self, page: str | None) -> Request:
        """Return the question about all cash."""

    def read_balances(self, response: Response, page: str | None) -> Page[Balance] | Unclear:
        """Read one page of it."""

    def time(self) -> Request:
        """Return the question about the venue's clock."""

    def read_time(self, response: Response) -> int | Unclear:
        """Read the venue's UTC nanoseconds."""

    def counter(self) -> Request | None:
        """Return the question about the venue's next order number; None where orders need none."""

    def read_counter(self, response: Response) -> int | Unclear:
        """Read it."""

    def dead_man(self, after_ns: int) -> Request:
        """Return the request that makes the venue cancel everything after so long without another; 0 takes it back."""

    def read_frame(self, frame: bytes) -> tuple[Frame, ...] | Unclear:
        """Read one frame of the private stream; what it doesn't know is no frame at all: an empty tuple."""
