"""The plain dialect: JSON without surprises, spoken by the simulated and the embedded venue.

Numbers are decimal text (`"0.0100"`), times are text of UTC nanoseconds, sides are `buy` and `sell`, absent is null or left
out. A request's fields are the query of a GET or DELETE and the JSON object of a POST.

    POST   /v1/orders            symbol side quantity price time_in_force(gtc|ioc) client_order_id sent_at_ns
                                 [valid_ns] [number]          → 200 ORDER
    DELETE /v1/orders            symbol, client_order_id or order_id      → 200 ORDER
    POST   /v1/orders/replace    as POST /v1/orders, and replaces(client_order_id)
                                 → 200 {"old": ORDER, "new": ORDER}
                                 → 409 {"old": ORDER or {"code"}, "new": ORDER or {"code"}}; a new order is placed only
                                   after the old one was cancelled
    GET    /v1/orders/by_id      symbol client_order_id       → 200 {"orders": [ORDER …]}, 404 order_not_found
    GET    /v1/orders            [page]                       → 200 {"orders": [ORDER …], "next": page or null}: open ones
    GET    /v1/fills             since_ns [page]              → 200 {"fills": [FILL …], "next": …}: since then, ascending
    GET    /v1/positions         [page]                       → 200 {"positions": [{"symbol", "quantity"} …], "next": …}
    GET    /v1/balances          [page]                       → 200 {"balances": [{"currency", "amount"} …], "next": …}
    GET    /v1/time                                           → 200 {"now_ns"}
    GET    /v1/next_number                                    → 200 {"next"}: of venues whose orders have a [number]
    POST   /v1/dead_man          after_ns                     → 200 {}

    ORDER  {"order_id", "client_order_id" or null, "symbol", "side", "quantity", "price", "filled",
            "status": open|filled|canceled|expired|rejected}
    FILL   {"exec_id", "order_id", "client_order_id" or null, "symbol", "side", "quantity", "price", "fee",
            "fee_currency", "at_ns"}

Errors are `{"code": text}` with a status; for a new order these, and no others, say that it was not placed:

    400 bad_order · 400 request_expired · 400 market_closed · 400 self_trade · 403 insufficient_funds

`409 duplicate_id` says that the id is taken. For a cancel `404 order_not_found` and `409 not_open` say that there is nothing
to cancel. 429 asks for patience; 418, 401 and any other 403 shut us out. `Retry-After` holds whole seconds.

Frames of the stream are JSON objects: `{"type": "order", "order": ORDER}`, `{"type": "fill", "fill": FILL}`,
`{"type": "bust", "exec_id"}`, `{"type": "heartbeat"}`; other types are none of our business.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from runner.live.brokers.reading import (
    Line,
    chosen,
    code_in,
    code_of,
    expect_ok,
    inner,
    instrument_of,
    lines,
    object_of,
    page_fields,
    page_of,
    reading,
    retry_after_ns,
    text,
    text_or_none,
    unreadable,
    whole,
)
from runner.live.contract import (
    Accepted,
    Balance,
    BustReport,
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

__all__ = ["DEFINITIVE", "SIDES", "PlainContract", "balance_of", "fill_of", "holding_of", "order_of"]

DEFINITIVE = frozenset(
    {
        (400, "bad_order"),
        (400, "request_expired"),
        (400, "market_closed"),
        (400, "self_trade"),
        (403, "insufficient_funds"),
    }
)
"""Status and code of every answer that proves a new order was not placed."""

OK = 200
SIDES = {"buy": BUY, "sell": SELL}
SIDE_WORDS = {side: word for word, side in SIDES.items()}
STATUSES: dict[str, End | None] = {"open": None, **{end.value: end for end in End}}

Item = TypeVar("Item")


class PlainContract:
    """The plain dialect for a set of instruments."""

    def __init__(self, instruments: dict[str, Instrument]) -> None:
        """Keep the instruments, whose ticks and lots every number is measured in."""
        self.instruments = instruments

    def limit(self, response: Response) -> Limited | None:
        """Tell limits and bans from answers about the request."""
        status = response.status
        if status not in {401, 403, 418, 429} or (status, code_of(response)) in DEFINITIVE:
            return None
        return Limited(status != 429, retry_after_ns(response), f"status {status}")

    def place(self, order: Order, valid_ns: int | None) -> Request:
        """Return the request for a new order."""
        return Request(Action.PLACE, "POST", "/v1/orders", self._fields(order, valid_ns), order.number)

    def read_place(self, response: Response) -> Accepted | Rejected | Exists | Unclear:
        """Read the answer to a new order: accepted, or on the list of definitive answers, or unclear."""
        return reading(lambda: self._placed(response.status, object_of(response.body)))

    def cancel(self, order: Order) -> Request:
        """Return the request to cancel by client order id."""
        return Request(Action.CANCEL, "DELETE", "/v1/orders", (("symbol", order.symbol), ("client_order_id", order.coid)))

    def cancel_by_venue_id(self, symbol: str, venue_id: str) -> Request:
        """Return the request to cancel by the venue's id."""
        return Request(Action.CANCEL, "DELETE", "/v1/orders", (("symbol", symbol), ("order_id", venue_id)))

    def read_cancel(self, response: Response) -> Accepted | NotOpen | Unclear:
        """Read the answer to a cancel."""
        return reading(lambda: self._cancelled(response.status, object_of(response.body)))

    def replace(self, old: Order, new: Order, valid_ns: int | None) -> Request:
        """Return the request to cancel one order and place another after it."""
        fields = (*self._fields(new, valid_ns), ("replaces", old.coid))
        return Request(Action.REPLACE, "POST", "/v1/orders/replace", fields, new.number)

    def read_replace(self, response: Response) -> Replaced:
        """Read the two halves; an answer that isn't about halves leaves both unclear."""
        read = reading(lambda: self._replaced(response))
        return read if isinstance(read, Replaced) else Replaced(read, read)

    def query(self, order: Order) -> Request:
        """Return the question about one order."""
        fields = (("symbol", order.symbol), ("client_order_id", order.coid))
        return Request(Action.QUERY, "GET", "/v1/orders/by_id", fields)

    def read_query(self, response: Response) -> Found | NotFound | Unclear:
        """Read the answer; not found only by the venue's own word for it."""

        def read() -> Found | NotFound:
            answer = object_of(response.body)
            if response.status == 404 and code_in(answer) == "order_not_found":
                return NotFound()
            expect_ok(response)
            reports = tuple(order_of(line, self.instruments) for line in lines(answer, "orders"))
            return Found(reports) if reports else unreadable("an answer about no order")

        return reading(read)

    def whose(self, symbol: str, venue_id: str) -> Request | None:  # noqa: ARG002
        """Return nothing: every execution bears the id that its order has."""
        return None

    def open_orders(self, page: str | None) -> Request:
        """Return the question about open orders."""
        return Request(Action.OPEN_ORDERS, "GET", "/v1/orders", page_fields(page))

    def read_open_orders(self, response: Response, page: str | None = None) -> Page[OrderReport] | Unclear:  # noqa: ARG002
        """Read one page of open orders."""
        return _read_page(response, "orders", lambda line: order_of(line, self.instruments))

    def fills(self, since_ns: int, page: str | None) -> Request:
        """Return the question about executions."""
        return Request(Action.FILLS, "GET", "/v1/fills", (("since_ns", str(since_ns)), *page_fields(page)))

    def read_fills(self, response: Response, since_ns: int = 0, page: str | None = None) -> Page[FillReport] | Unclear:  # noqa: ARG002
        """Read one page of executions."""
        return _read_page(response, "fills", lambda line: fill_of(line, self.instruments))

    def positions(self, page: str | None) -> Request:
        """Return the question about positions."""
        return Request(Action.POSITIONS, "GET", "/v1/positions", page_fields(page))

    def read_positions(self, response: Response, page: str | None = None) -> Page[Holding] | Unclear:  # noqa: ARG002
        """Read one page of positions; what is held of an instrument we don't know is as unclear as the rest."""
        return _read_page(response, "positions", lambda line: holding_of(line, self.instruments))

    def balances(self, page: str | None) -> Request:
        """Return the question about cash."""
        return Request(Action.BALANCES, "GET", "/v1/balances", page_fields(page))

    def read_balances(self, response: Response, page: str | None = None) -> Page[Balance] | Unclear:  # noqa: ARG002
        """Read one page of cash."""
        return _read_page(response, "balances", balance_of)

    def time(self) -> Request:
        """Return the question about the venue's clock."""
        return Request(Action.TIME, "GET", "/v1/time")

    def read_time(self, response: Response) -> int | Unclear:
        """Read the venue's clock."""

        def read() -> int:
            expect_ok(response)
            return whole(object_of(response.body), "now_ns")

        return reading(read)

    def counter(self) -> Request | None:
        """Return the question about the next number, for venues that want one; their profile says so."""
        return Request(Action.COUNTER, "GET", "/v1/next_number")

    def read_counter(self, response: Response) -> int | Unclear:
        """Read it."""

        def read() -> int:
            expect_ok(response)
            return whole(object_of(response.body), "next")

        return reading(read)

    def dead_man(self, after_ns: int) -> Request:
        """Return the request that arms the venue's own switch."""
        return Request(Action.DEAD_MAN, "POST", "/v1/dead_man", (("after_ns", str(after_ns)),))

    def read_frame(self, frame: bytes) -> tuple[Frame, ...] | Unclear:
        """Read one frame of the stream."""

        def read() -> tuple[Frame, ...]:
            line = object_of(frame)
            match line.get("type"):
                case "order":
                    return (order_of(inner(line, "order"), self.instruments),)
                case "fill":
                    return (fill_of(inner(line, "fill"), self.instruments),)
                case "bust":
                    return (BustReport(text(line, "exec_id")),)
                case "heartbeat":
                    return (Heartbeat(),)
                case _:
                    return ()

        return reading(read)

    def _fields(self, order: Order, valid_ns: int | None) -> tuple[tuple[str, str], ...]:
        instrument = self.instruments[order.symbol]
        fields = [
            ("symbol", order.symbol),
            ("side", SIDE_WORDS[order.side]),
            ("quantity", text_of(order.quantity, instrument.lot)),
            ("price", text_of(order.price, instrument.tick)),
            ("time_in_force", "gtc" if order.rests else "ioc"),
            ("client_order_id", order.coid),
            ("sent_at_ns", str(order.sent_at_ns)),
        ]
        if valid_ns is not None:
            fields.append(("valid_ns", str(valid_ns)))
        if order.integer_id is not None:
            fields.append(("number", str(order.integer_id)))
        return tuple(fields)

    def _placed(self, status: int, answer: Line) -> Accepted | Rejected | Exists:
        code = code_in(answer)
        if (status, code) in DEFINITIVE:
            return Rejected(str(code))
        if (status, code) == (409, "duplicate_id"):
            return Exists()
        if status != OK or code is not None:
            unreadable(f"status {status}, which is no definitive answer")
        return Accepted(order_of(answer, self.instruments))

    def _cancelled(self, status: int, answer: Line) -> Accepted | NotOpen:
        if (status, code_in(answer)) in {(404, "order_not_found"), (409, "not_open")}:
            return NotOpen()
        if status != OK or "code" in answer:
            unreadable(f"status {status}")
        return Accepted(order_of(answer, self.instruments))

    def _replaced(self, response: Response) -> Replaced:
        if response.status not in {OK, 409}:
            # A definitive refusal of the new order also stands for the request: nothing was cancelled, nothing placed.
            refusal = self._placed(response.status, object_of(response.body))
            return Replaced(Unclear("the replacement was refused"), refusal)
        answer = object_of(response.body)
        return Replaced(reading(lambda: self._half_cancelled(answer)), reading(lambda: self._half_placed(answer)))

    def _half_cancelled(self, answer: Line) -> Accepted | NotOpen:
        old = inner(answer, "old")
        if code_in(old) in {"order_not_found", "not_open"}:
            return NotOpen()
        return Accepted(order_of(old, self.instruments))

    def _half_placed(self, answer: Line) -> Accepted | Rejected | Exists:
        new = inner(answer, "new")
        if code_in(new) == "not_attempted":
            return Rejected("not_attempted")
        status = 409 if code_in(new) == "duplicate_id" else 403 if code_in(new) == "insufficient_funds" else 400
        return self._placed(OK if "code" not in new else status, new)


def order_of(line: Line, instruments: Mapping[str, Instrument]) -> OrderReport:
    """Read an ORDER."""
    instrument = instrument_of(line, instruments)
    report = OrderReport(
        venue_id=text(line, "order_id"),
        coid=text_or_none(line, "client_order_id"),
        symbol=instrument.symbol,
        side=chosen(line, "side", SIDES),
        quantity=units_of(decimal_of(line.get("quantity")), instrument.lot),
        price=units_of(decimal_of(line.get("price")), instrument.tick),
        filled=units_of(decimal_of(line.get("filled")), instrument.lot),
        end=chosen(line, "status", STATUSES),
    )
    is_order = report.quantity > 0 and report.price > 0 and report.filled >= 0
    return report if is_order else unreadable("an order of nothing, or at no price")


def fill_of(line: Line, instruments: Mapping[str, Instrument], at: str = "at_ns") -> FillReport:
    """Read a FILL; `at` names the venue time that counts."""
    instrument = instrument_of(line, instruments)
    fill = FillReport(
        exec_id=text(line, "exec_id"),
        venue_id=text(line, "order_id"),
        coid=text_or_none(line, "client_order_id"),
        symbol=instrument.symbol,
        side=chosen(line, "side", SIDES),
        quantity=units_of(decimal_of(line.get("quantity")), instrument.lot),
        each=product_of(decimal_of(line.get("price")), instrument.lot),
        fee=money_of(decimal_of(line.get("fee"))),
        currency=text(line, "fee_currency"),
        at_ns=whole(line, at),
    )
    return fill if fill.quantity > 0 else unreadable("an execution of nothing")


def holding_of(line: Line, instruments: Mapping[str, Instrument]) -> Holding:
    """Read a position."""
    instrument = instrument_of(line, instruments)
    return Holding(instrument.symbol, units_of(decimal_of(line.get("quantity")), instrument.lot))


def balance_of(line: Line) -> Balance:
    """Read a balance."""
    return Balance(text(line, "currency"), money_of(decimal_of(line.get("amount"))))


def _read_page(response: Response, name: str, read: Callable[[Line], Item]) -> Page[Item] | Unclear:
    def page() -> Page[Item]:
        expect_ok(response)
        return page_of(object_of(response.body), name, read)

    return reading(page)
