"""TickDB's trading dialect: `runner.venue.server.trading_words` has its words; TickDB itself sells data alone.

What decided this adapter:

- *Answers* come in an envelope; `code` is a number, and sometimes the same number as text. Success is status 200 with code
  0, and nothing else is. `DEFINITIVE` is the venue's own list of answers that prove an order was not placed.
- *Time* is the trading gateway's clock, second by second, in every stamp, every bound and every execution: the proof that an
  order can't arrive any more rests on a clock that doesn't stand still. The market's clock may, and isn't used here.
- *Ids* are taken once and for all; a duplicate is no rejection, it may be this very order.
- Neither a replacement nor a dead man's switch is offered.
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from runner.live.brokers.lacking import Lacking
from runner.live.brokers.plain import SIDES, balance_of, fill_of, holding_of, order_of
from runner.live.brokers.reading import (
    Line,
    as_text,
    code_in,
    code_of,
    inner,
    lines,
    object_of,
    page_fields,
    page_of,
    reading,
    retry_after_ns,
    text,
    unreadable,
    whole,
)
from runner.live.contract import (
    Accepted,
    Balance,
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
from runner.live.model import Instrument, Order
from runner.live.money import decimal_of, text_of
from runner.live.ports import Action, Request, Response
from runner.live.profile import SECOND, IdScope, Profile

__all__ = ["DEFINITIVE", "PROFILE", "TickdbContract"]

DEFINITIVE = frozenset({(400, "7001"), (400, "7002"), (400, "7003"), (403, "7005"), (404, "2002")})
"""Status and code of every answer that proves a new order was not placed."""

PROFILE = Profile(
    name="tickdb",
    ids=IdScope.ALL,
    valid_ns=5 * SECOND,
    visible_ns=SECOND,
    has_replace=False,
    orders_per_window=200,
    requests_per_window=600,
    window_ns=10 * SECOND,
)

SIDE_WORDS = {side: word for word, side in SIDES.items()}
GATEWAY = ("clock", "gateway")
NONE = ""
"""No letter of an id may end the path it stands in."""

Item = TypeVar("Item")


class TickdbContract(Lacking):
    """TickDB's trading dialect for a set of instruments."""

    def __init__(self, instruments: dict[str, Instrument]) -> None:
        """Keep the instruments, whose ticks and lots every number is measured in."""
        self.instruments = instruments

    def terms(self, symbol: str) -> Request:  # noqa: ARG002
        """Return the question about all instruments: the venue has no other."""
        return Request(Action.TERMS, "GET", "/v1/trade/instruments")

    def read_terms(self, response: Response, symbol: str) -> Instrument | NotFound | Unclear:
        """Read one instrument of the list."""

        def read() -> Instrument | NotFound:
            for line in lines(_data(response), "instruments"):
                if text(line, "symbol") == symbol:
                    return _instrument(line)
            return NotFound()

        return reading(read)

    def limit(self, response: Response) -> Limited | None:
        """Tell limits and bans from answers about the request."""
        status = response.status
        if status not in {401, 403, 418, 429} or (status, _code(response)) in DEFINITIVE:
            return None
        return Limited(status != 429, retry_after_ns(response), f"status {status}")

    def place(self, order: Order, valid_ns: int | None) -> Request:
        """Return the request for a new order."""
        instrument = self.instruments[order.symbol]
        fields = [
            ("symbol", order.symbol),
            ("side", SIDE_WORDS[order.side]),
            ("type", "limit"),
            ("quantity", text_of(order.quantity, instrument.lot)),
            ("price", text_of(order.price, instrument.tick)),
            ("time_in_force", "gtc" if order.rests else "ioc"),
            ("client_order_id", order.coid),
            ("sent_at_ns", str(order.sent_at_ns)),
            GATEWAY,
        ]
        if valid_ns is not None:
            fields.append(("valid_ns", str(valid_ns)))
        return Request(Action.PLACE, "POST", "/v1/trade/place", tuple(fields), order.number)

    def read_place(self, response: Response) -> Accepted | Rejected | Exists | Unclear:
        """Read the answer to a new order: accepted, or on the list of definitive answers, or unclear."""
        code = _code(response)
        if (response.status, code) in DEFINITIVE:
            return Rejected(str(code))
        if (response.status, code) == (409, "7006"):
            return Exists()
        return self._accepted(response)

    def cancel(self, order: Order) -> Request:
        """Return the request to cancel by client order id."""
        return Request(
            Action.CANCEL, "DELETE", f"/v1/trade/cancel/{quote(order.coid, safe=NONE)}", (("by", "client_order_id"),)
        )

    def cancel_by_venue_id(self, symbol: str, venue_id: str) -> Request:  # noqa: ARG002
        """Return the request to cancel by the venue's id."""
        return Request(Action.CANCEL, "DELETE", f"/v1/trade/cancel/{quote(venue_id, safe=NONE)}")

    def read_cancel(self, response: Response) -> Accepted | NotOpen | Unclear:
        """Read the answer to a cancel."""
        if (response.status, _code(response)) in {(404, "7007"), (409, "7008")}:
            return NotOpen()
        return self._accepted(response)

    def replace(self, old: Order, new: Order, valid_ns: int | None) -> Request:
        """Refuse: the venue has no replacement, and its profile says so.

        Raises:
            NotImplementedError: whatever is asked for.
        """
        raise NotImplementedError("TickDB's trading dialect has no replacement")

    def read_replace(self, response: Response) -> Replaced:  # noqa: ARG002
        """Read nothing out of it."""
        said = Unclear("the dialect has no replacement")
        return Replaced(said, said)

    def query(self, order: Order) -> Request:
        """Return the question about one order."""
        return Request(Action.QUERY, "GET", "/v1/trade/by_client_id", (("client_order_id", order.coid),))

    def read_query(self, response: Response) -> Found | NotFound | Unclear:
        """Read the answer; not found only by the venue's own word for it."""

        def read() -> Found | NotFound:
            if (response.status, _code(response)) == (404, "7007"):
                return NotFound()
            reports = tuple(order_of(line, self.instruments) for line in lines(_data(response), "orders"))
            return Found(reports) if reports else unreadable("an answer about no order")

        return reading(read)

    def whose(self, symbol: str, venue_id: str) -> Request | None:  # noqa: ARG002
        """Return nothing: every execution bears the id that its order has."""
        return None

    def open_orders(self, page: str | None) -> Request:
        """Return the question about open orders."""
        return Request(Action.OPEN_ORDERS, "GET", "/v1/trade/open", page_fields(page))

    def read_open_orders(self, response: Response, page: str | None = None) -> Page[OrderReport] | Unclear:  # noqa: ARG002
        """Read one page of open orders."""
        return _read_page(response, "orders", lambda line: order_of(line, self.instruments))

    def fills(self, since_ns: int, page: str | None) -> Request:
        """Return the question about executions."""
        fields = (("since_ns", str(since_ns)), GATEWAY, *page_fields(page))
        return Request(Action.FILLS, "GET", "/v1/trade/fills", fields)

    def read_fills(self, response: Response, since_ns: int = 0, page: str | None = None) -> Page[FillReport] | Unclear:  # noqa: ARG002
        """Read one page of executions."""
        return _read_page(response, "fills", lambda line: fill_of(line, self.instruments, "gateway_ns"))

    def positions(self, page: str | None) -> Request:
        """Return the question about positions."""
        return Request(Action.POSITIONS, "GET", "/v1/trade/positions", page_fields(page))

    def read_positions(self, response: Response, page: str | None = None) -> Page[Holding] | Unclear:  # noqa: ARG002
        """Read one page of positions; what is held of an instrument we don't know is as unclear as the rest."""
        return _read_page(response, "positions", lambda line: holding_of(line, self.instruments))

    def balances(self, page: str | None) -> Request:  # noqa: ARG002
        """Return the question about cash, which comes as one page."""
        return Request(Action.BALANCES, "GET", "/v1/trade/account")

    def read_balances(self, response: Response, page: str | None = None) -> Page[Balance] | Unclear:  # noqa: ARG002
        """Read the balances of the account."""
        return reading(lambda: Page(tuple(balance_of(line) for line in lines(_data(response), "balances")), None))

    def time(self) -> Request:
        """Return the question about the gateway's clock."""
        return Request(Action.TIME, "GET", "/v1/time")

    def read_time(self, response: Response) -> int | Unclear:
        """Read the gateway's clock."""
        return reading(lambda: whole(_data(response), "gateway_ns"))

    def read_frame(self, frame: bytes) -> tuple[Frame, ...] | Unclear:
        """Read one frame of the stream."""

        def read() -> tuple[Frame, ...]:
            line = object_of(frame, as_text)
            match line.get("type"):
                case "order":
                    return (order_of(inner(line, "order"), self.instruments),)
                case "fill":
                    return (fill_of(inner(line, "fill"), self.instruments, "gateway_ns"),)
                case "heartbeat" | "pong":
                    return (Heartbeat(),)
                case _:
                    return ()

        return reading(read)

    def _accepted(self, response: Response) -> Accepted | Unclear:
        return reading(lambda: Accepted(order_of(_data(response), self.instruments)))


def _code(response: Response) -> str | None:
    """Return the code as text, whether it came as a number or as text."""
    return code_of(response, as_text)


def _data(response: Response) -> Line:
    """Return what an envelope of success holds."""
    answer = object_of(response.body, as_text)
    if response.status != 200 or code_in(answer) != "0":
        unreadable(f"status {response.status}, which is no success")
    return inner(answer, "data")


def _instrument(line: Line) -> Instrument:
    tick, lot = decimal_of(line.get("tick")), decimal_of(line.get("lot"))
    if tick <= 0 or lot <= 0:
        unreadable("an instrument without steps")
    return Instrument(text(line, "symbol"), tick, lot, text(line, "currency"))


def _read_page(response: Response, name: str, read: Callable[[Line], Item]) -> Page[Item] | Unclear:
    return reading(lambda: page_of(_data(response), name, read))
