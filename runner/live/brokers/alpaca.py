"""Alpaca's trading API v2: shares, limit orders, paper and live. Written from its documentation, not tried on an account.

What decided this adapter:

- *Placed or not.* An id is never taken twice (422 "client_order_id must be unique" is a hint, not a rejection). A request
  has no validity: whenever it arrives it is taken. So nothing proves that an order which nobody heard of wasn't placed; its
  instrument is frozen and the operator asked. 429 comes before anything is looked at: that order was not placed.
- *Cancelling* takes the venue's id, and its answer, 204 without content, only says that the wish was heard: what became of
  the order is asked for. An order whose id isn't known yet is asked about first.
- *Replacing* (PATCH) makes a new order with an id of its own and is decided later: success says nothing about the old order,
  which may have been filled first, and the new one is then rejected. Each half is resolved by itself.
- *Executions* are counted from the account's activities alone. Frames of the stream tell how much of an order is filled,
  which has the activities asked at once; that the stream's execution ids are those of the activities isn't promised, and
  one execution under two ids would be counted twice. Activities name the venue's order id alone: `whose` finds ours.
- *One currency, one set of symbols.* Orders, executions and positions of other symbols are left to their owner; what they do
  to the cash shows when it is compared.

What isn't possible here:

- Fees that are charged at the end of a day, dividends and interest are no executions: cash then differs from the books, and
  the next comparison latches the session until the operator resumes it with the venue's word.
- An order of somebody else without a limit price, or for an amount of money, can't be told in ticks and lots. While one is
  open in our symbols, its list can't be read, and no session opens.
- An execution that is taken back or corrected can only be noticed by the comparison, for the reason above.
"""

from decimal import Decimal
from urllib.parse import quote

from runner.live.brokers.lacking import Lacking
from runner.live.brokers.plain import SIDES
from runner.live.brokers.reading import (
    Line,
    as_text,
    chosen,
    code_in,
    code_of,
    expect_ok,
    inner,
    instrument_of,
    lines_of,
    object_of,
    reading,
    retry_after_ns,
    text,
    text_or_none,
    unreadable,
)
from runner.live.contract import (
    Accepted,
    Balance,
    End,
    Exists,
    FillReport,
    Found,
    Frame,
    Heartbeat,
    Holding,
    Limited,
    NotFound,
    NotOpen,
    OrderReport,
    Page,
    Rejected,
    Replaced,
    Unclear,
)
from runner.live.model import BUY, SELL, Instrument, Order
from runner.live.money import decimal_of, money_of, product_of, text_of, units_of
from runner.live.ports import Action, Request, Response
from runner.live.profile import SECOND, IdScope, Profile
from runner.live.stamps import ns_of_rfc3339, rfc3339_of

__all__ = ["DEFINITIVE", "PROFILE", "AlpacaContract"]

DEFINITIVE = frozenset({(403, "40310000"), (422, "42210000"), (422, "40010001")})
"""Status and code of every answer that proves a new order was not placed, unless it says that the id is taken: not enough
buying power or quantity, a wash trade; an order that can't be; a field that can't be."""

PROFILE = Profile(
    name="alpaca",
    ids=IdScope.ALL,
    valid_ns=None,
    visible_ns=5 * SECOND,
    has_replace=True,
    orders_per_window=100,
    requests_per_window=190,
    window_ns=60 * SECOND,
    timeout_ns=5 * SECOND,
    is_limit_definitive=True,
    silence_ns=30 * SECOND,
)
"""200 requests a minute; how soon an order shows in every answer is nowhere promised, five seconds are ours."""

TAKEN = "must be unique"
NO_CONTENT = 204
MOST_ORDERS = 500
MOST_FILLS = 100
TICK = Decimal("0.01")
SIDE_WORDS = {side: word for word, side in SIDES.items()}
EXECUTED = {"buy": BUY, "sell": SELL, "sell_short": SELL}
OPEN = ("new", "partially_filled", "accepted", "pending_new", "accepted_for_bidding", "pending_cancel", "pending_replace")
RESTING = ("stopped", "suspended", "held", "done_for_day", "calculated")
ENDS = {"filled": End.FILLED, "canceled": End.CANCELED, "replaced": End.CANCELED, "expired": End.EXPIRED}
STATUSES: dict[str, End | None] = {**dict.fromkeys((*OPEN, *RESTING)), **ENDS, "rejected": End.REJECTED}
UNDONE = {"trade_bust", "trade_correct"}


class AlpacaContract(Lacking):
    """Alpaca for a set of instruments."""

    def __init__(self, instruments: dict[str, Instrument]) -> None:
        """Keep the instruments, whose ticks and lots every number is measured in."""
        self.instruments = instruments

    def terms(self, symbol: str) -> Request:
        """Return the question about one share."""
        return Request(Action.TERMS, "GET", f"/v2/assets/{quote(symbol, safe='')}")

    def read_terms(self, response: Response, symbol: str) -> Instrument | NotFound | Unclear:
        """Read it: whole shares, in cents, as Alpaca takes limits of a dollar and more."""

        def read() -> Instrument | NotFound:
            if response.status == 404:
                return NotFound()
            expect_ok(response)
            asset = object_of(response.body, as_text)
            is_traded = asset.get("tradable") is True and asset.get("class") == "us_equity"
            return Instrument(symbol, TICK, Decimal(1), "USD") if is_traded else NotFound()

        return reading(read)

    def limit(self, response: Response) -> Limited | None:
        """Tell limits and refused keys from answers about the request."""
        status = response.status
        if status not in {401, 403, 418, 429} or (status, code_of(response, as_text)) in DEFINITIVE:
            return None
        return Limited(status != 429, retry_after_ns(response), f"status {status}")

    def place(self, order: Order, valid_ns: int | None) -> Request:  # noqa: ARG002
        """Return the request for a new order; it has no validity."""
        fields = (("symbol", order.symbol), ("side", SIDE_WORDS[order.side]), ("type", "limit"), *self._fields(order))
        return Request(Action.PLACE, "POST", "/v2/orders", fields, order.number)

    def read_place(self, response: Response) -> Accepted | Rejected | Exists | Unclear:
        """Read the answer to a new order: accepted, or on the list of definitive answers, or unclear."""
        return reading(lambda: self._placed(response))

    def cancel(self, order: Order) -> Request | None:
        """Return the request to cancel by the venue's id, once it is known."""
        return self.cancel_by_venue_id(order.symbol, order.venue_ids[-1]) if order.venue_ids else None

    def cancel_by_venue_id(self, symbol: str, venue_id: str) -> Request:  # noqa: ARG002
        """Return the request to cancel by the venue's id."""
        return Request(Action.CANCEL, "DELETE", _path(venue_id))

    def read_cancel(self, response: Response) -> Accepted | NotOpen | Unclear:
        """Read the answer to a cancel: that it was heard says nothing yet."""
        if response.status == NO_CONTENT:
            return Unclear("the cancel was heard")
        return NotOpen() if response.status in {404, 422} else Unclear(f"status {response.status}")

    def replace(self, old: Order, new: Order, valid_ns: int | None) -> Request:  # noqa: ARG002
        """Return the request to put one order in the place of another, which is named by the venue's id."""
        return Request(Action.REPLACE, "PATCH", _path(old.venue_ids[-1]), self._fields(new), new.number)

    def read_replace(self, response: Response) -> Replaced:
        """Read the new order; of the old one the answer says nothing, unless that nothing was done."""
        said = reading(lambda: self._placed(response))
        return Replaced(Unclear("the answer is about the new order alone"), said)

    def query(self, order: Order) -> Request:
        """Return the question about one order."""
        return Request(Action.QUERY, "GET", "/v2/orders:by_client_order_id", (("client_order_id", order.coid),))

    def whose(self, symbol: str, venue_id: str) -> Request | None:  # noqa: ARG002
        """Return the question about the order of a venue id."""
        return Request(Action.QUERY, "GET", _path(venue_id))

    def read_query(self, response: Response) -> Found | NotFound | Unclear:
        """Read the answer; not found only by the venue's own word for it."""

        def read() -> Found | NotFound:
            if (response.status, code_of(response, as_text)) == (404, "40410000"):
                return NotFound()
            expect_ok(response)
            return Found((self._order(object_of(response.body, as_text)),))

        return reading(read)

    def open_orders(self, page: str | None) -> Request:
        """Return the question about the open orders of our symbols, oldest first, from a submission on."""
        fields = [("status", "open"), ("limit", str(MOST_ORDERS)), ("direction", "asc"), ("nested", "false")]
        fields.append(("symbols", ",".join(sorted(self.instruments))))
        if page is not None:
            fields.append(("after", page))
        return Request(Action.OPEN_ORDERS, "GET", "/v2/orders", tuple(fields))

    def read_open_orders(self, response: Response, page: str | None = None) -> Page[OrderReport] | Unclear:  # noqa: ARG002
        """Read one page; a full one is followed by another that begins with the last one's instant, itself included.

        Orders submitted at that very instant come twice, which harms nobody; that one of them is missed would.
        """

        def read() -> Page[OrderReport]:
            expect_ok(response)
            found = lines_of(response.body, as_text)
            is_full = len(found) >= MOST_ORDERS
            following = rfc3339_of(ns_of_rfc3339(text(found[-1], "submitted_at")) - 1) if is_full else None
            return Page(tuple(self._order(line) for line in found), following)

        return reading(read)

    def fills(self, since_ns: int, page: str | None) -> Request:
        """Return the question about executions, from a second before on: whether the bound itself counts isn't said."""
        fields = [("after", rfc3339_of(max(since_ns - SECOND, 0))), ("direction", "asc"), ("page_size", str(MOST_FILLS))]
        if page is not None:
            fields.append(("page_token", page))
        return Request(Action.FILLS, "GET", "/v2/account/activities/FILL", tuple(fields))

    def read_fills(self, response: Response, since_ns: int = 0, page: str | None = None) -> Page[FillReport] | Unclear:  # noqa: ARG002
        """Read one page; the last activity's id is where the next one begins."""

        def read() -> Page[FillReport]:
            expect_ok(response)
            found = lines_of(response.body, as_text)
            fills = [self._fill(line) for line in found if text(line, "symbol") in self.instruments]
            following = text(found[-1], "id") if len(found) >= MOST_FILLS else None
            return Page(tuple(fill for fill in fills if fill.at_ns >= since_ns), following)

        return reading(read)

    def positions(self, page: str | None) -> Request:  # noqa: ARG002
        """Return the question about positions, which come as one page."""
        return Request(Action.POSITIONS, "GET", "/v2/positions")

    def read_positions(self, response: Response, page: str | None = None) -> Page[Holding] | Unclear:  # noqa: ARG002
        """Read the positions of our symbols."""

        def read() -> Page[Holding]:
            expect_ok(response)
            found = lines_of(response.body, as_text)
            ours = [line for line in found if text(line, "symbol") in self.instruments]
            return Page(tuple(self._holding(line) for line in ours), None)

        return reading(read)

    def balances(self, page: str | None) -> Request:  # noqa: ARG002
        """Return the question about the account."""
        return Request(Action.BALANCES, "GET", "/v2/account")

    def read_balances(self, response: Response, page: str | None = None) -> Page[Balance] | Unclear:  # noqa: ARG002
        """Read its cash."""

        def read() -> Page[Balance]:
            expect_ok(response)
            account = object_of(response.body, as_text)
            return Page((Balance(text(account, "currency"), money_of(decimal_of(account.get("cash")))),), None)

        return reading(read)

    def time(self) -> Request:
        """Return the question about the venue's clock."""
        return Request(Action.TIME, "GET", "/v2/clock")

    def read_time(self, response: Response) -> int | Unclear:
        """Read the venue's clock."""

        def read() -> int:
            expect_ok(response)
            return ns_of_rfc3339(text(object_of(response.body, as_text), "timestamp"))

        return reading(read)

    def read_frame(self, frame: bytes) -> tuple[Frame, ...] | Unclear:
        """Read one frame: what an order is now; executions are the activities' to tell."""

        def read() -> tuple[Frame, ...]:
            line = object_of(frame, as_text)
            if line.get("stream") == "listening":
                return (Heartbeat(),)
            if line.get("stream") != "trade_updates":
                return ()
            data = inner(line, "data")
            if text(data, "event") in UNDONE:
                unreadable("an execution was taken back or corrected")
            order = inner(data, "order")
            return (self._order(order),) if text(order, "symbol") in self.instruments else ()

        return reading(read)

    def _fields(self, order: Order) -> tuple[tuple[str, str], ...]:
        instrument = self.instruments[order.symbol]
        return (
            ("qty", text_of(order.quantity, instrument.lot)),
            ("limit_price", text_of(order.price, instrument.tick)),
            ("time_in_force", "gtc" if order.rests else "ioc"),
            ("client_order_id", order.coid),
        )

    def _placed(self, response: Response) -> Accepted | Rejected | Exists:
        answer = object_of(response.body, as_text)
        code = code_in(answer)
        if response.status == 422 and TAKEN in str(answer.get("message")):
            return Exists()
        if (response.status, code) in DEFINITIVE:
            return Rejected(str(code))
        if response.status != 200 or code is not None:
            unreadable(f"status {response.status}, which is no definitive answer")
        return Accepted(self._order(answer))

    def _order(self, line: Line) -> OrderReport:
        instrument = instrument_of(line, self.instruments)
        if line.get("limit_price") is None or line.get("qty") is None:
            unreadable("an order without a limit, or without a quantity")
        report = OrderReport(
            venue_id=text(line, "id"),
            coid=text_or_none(line, "client_order_id"),
            symbol=instrument.symbol,
            side=chosen(line, "side", EXECUTED),
            quantity=units_of(decimal_of(line.get("qty")), instrument.lot),
            price=units_of(decimal_of(line.get("limit_price")), instrument.tick),
            filled=units_of(decimal_of(line.get("filled_qty")), instrument.lot),
            end=chosen(line, "status", STATUSES),
        )
        is_order = report.quantity > 0 and report.price > 0 and report.filled >= 0
        return report if is_order else unreadable("an order of nothing, or at no price")

    def _fill(self, line: Line) -> FillReport:
        instrument = instrument_of(line, self.instruments)
        fill = FillReport(
            exec_id=text(line, "id"),
            venue_id=text(line, "order_id"),
            coid=None,
            symbol=instrument.symbol,
            side=chosen(line, "side", EXECUTED),
            quantity=units_of(decimal_of(line.get("qty")), instrument.lot),
            each=product_of(decimal_of(line.get("price")), instrument.lot),
            fee=0,
            currency=instrument.currency,
            at_ns=ns_of_rfc3339(text(line, "transaction_time")),
        )
        return fill if fill.quantity > 0 else unreadable("an execution of nothing")

    def _holding(self, line: Line) -> Holding:
        instrument = instrument_of(line, self.instruments)
        lots = abs(units_of(decimal_of(line.get("qty")), instrument.lot))
        return Holding(instrument.symbol, chosen(line, "side", {"long": lots, "short": -lots}))


def _path(venue_id: str) -> str:
    return f"/v2/orders/{quote(venue_id, safe='')}"
