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

import json
from collections.abc import Callable
from decimal import Decimal
from typing import NoReturn, TypeVar

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
from runner.live.money import NotExact, decimal_of, money_of, product_of, text_of, units_of
from runner.live.ports import Action, Request, Response
from runner.live.profile import SECOND

__all__ = ["DEFINITIVE", "PlainContract"]

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
MOST_BYTES = 4 * 1024 * 1024
"""Longest answer that is read."""
SIDES = {"buy": BUY, "sell": SELL}
SIDE_WORDS = {side: word for word, side in SIDES.items()}
STATUSES: dict[str, End | None] = {"open": None, **{end.value: end for end in End}}

Item = TypeVar("Item")


class Unreadable(Exception):  # noqa: N818 - it is a statement about bytes
    """Bytes that are not what the dialect says."""


class PlainContract:
    """The plain dialect for a set of instruments."""

    def __init__(self, instruments: dict[str, Instrument]) -> None:
        """Keep the instruments, whose ticks and lots every number is measured in."""
        self.instruments = instruments

    def limit(self, response: Response) -> Limited | None:
        """Tell limits and bans from answers about the request."""
        status = response.status
        if status not in {401, 403, 418, 429} or (status, self._code(response)) in DEFINITIVE:
            return None
        wait = response.header("retry-after")
        seconds = int(wait) if wait is not None and wait.isascii() and wait.isdigit() and len(wait) < 7 else None
        return Limited(status != 429, None if seconds is None else seconds * SECOND, f"status {status}")

    def place(self, order: Order, valid_ns: int | None) -> Request:
        """Return the request for a new order."""
        return Request(Action.PLACE, "POST", "/v1/orders", self._fields(order, valid_ns), order.number)

    def read_place(self, response: Response) -> Accepted | Rejected | Exists | Unclear:
        """Read the answer to a new order: accepted, or on the list of definitive answers, or unclear."""
        return _reading(lambda: self._placed(response.status, _object(response.body)))

    def cancel(self, order: Order) -> Request:
        """Return the request to cancel by client order id."""
        return Request(Action.CANCEL, "DELETE", "/v1/orders", (("symbol", order.symbol), ("client_order_id", order.coid)))

    def cancel_by_venue_id(self, symbol: str, venue_id: str) -> Request:
        """Return the request to cancel by the venue's id."""
        return Request(Action.CANCEL, "DELETE", "/v1/orders", (("symbol", symbol), ("order_id", venue_id)))

    def read_cancel(self, response: Response) -> Accepted | NotOpen | Unclear:
        """Read the answer to a cancel."""
        return _reading(lambda: self._cancelled(response.status, _object(response.body)))

    def replace(self, old: Order, new: Order, valid_ns: int | None) -> Request:
        """Return the request to cancel one order and place another after it."""
        fields = (*self._fields(new, valid_ns), ("replaces", old.coid))
        return Request(Action.REPLACE, "POST", "/v1/orders/replace", fields, new.number)

    def read_replace(self, response: Response) -> Replaced:
        """Read the two halves; an answer that isn't about halves leaves both unclear."""
        read = _reading(lambda: self._replaced(response))
        return read if isinstance(read, Replaced) else Replaced(read, read)

    def query(self, order: Order) -> Request:
        """Return the question about one order."""
        fields = (("symbol", order.symbol), ("client_order_id", order.coid))
        return Request(Action.QUERY, "GET", "/v1/orders/by_id", fields)

    def read_query(self, response: Response) -> Found | NotFound | Unclear:
        """Read the answer; not found only by the venue's own word for it."""

        def read() -> Found | NotFound:
            answer = _object(response.body)
            if response.status == 404 and answer.get("code") == "order_not_found":
                return NotFound()
            _expect_ok(response)
            reports = tuple(self._order(line) for line in _list(answer, "orders"))
            return Found(reports) if reports else _unreadable("an answer about no order")

        return _reading(read)

    def open_orders(self, page: str | None) -> Request:
        """Return the question about open orders."""
        return Request(Action.OPEN_ORDERS, "GET", "/v1/orders", _page(page))

    def read_open_orders(self, response: Response) -> Page[OrderReport] | Unclear:
        """Read one page of open orders."""
        return _read_page(response, "orders", self._order)

    def fills(self, since_ns: int, page: str | None) -> Request:
        """Return the question about executions."""
        return Request(Action.FILLS, "GET", "/v1/fills", (("since_ns", str(since_ns)), *_page(page)))

    def read_fills(self, response: Response) -> Page[FillReport] | Unclear:
        """Read one page of executions."""
        return _read_page(response, "fills", self._fill)

    def positions(self, page: str | None) -> Request:
        """Return the question about positions."""
        return Request(Action.POSITIONS, "GET", "/v1/positions", _page(page))

    def read_positions(self, response: Response) -> Page[Holding] | Unclear:
        """Read one page of positions; what is held of an instrument we don't know is as unclear as the rest."""

        def holding(line: dict[str, object]) -> Holding:
            instrument = self._instrument(line)
            return Holding(instrument.symbol, units_of(decimal_of(line.get("quantity")), instrument.lot))

        return _read_page(response, "positions", holding)

    def balances(self, page: str | None) -> Request:
        """Return the question about cash."""
        return Request(Action.BALANCES, "GET", "/v1/balances", _page(page))

    def read_balances(self, response: Response) -> Page[Balance] | Unclear:
        """Read one page of cash."""
        return _read_page(
            response, "balances", lambda line: Balance(_text(line, "currency"), money_of(decimal_of(line.get("amount"))))
        )

    def time(self) -> Request:
        """Return the question about the venue's clock."""
        return Request(Action.TIME, "GET", "/v1/time")

    def read_time(self, response: Response) -> int | Unclear:
        """Read the venue's clock."""

        def read() -> int:
            _expect_ok(response)
            return _nanoseconds(_object(response.body), "now_ns")

        return _reading(read)

    def dead_man(self, after_ns: int) -> Request:
        """Return the request that arms the venue's own switch."""
        return Request(Action.DEAD_MAN, "POST", "/v1/dead_man", (("after_ns", str(after_ns)),))

    def read_frame(self, frame: bytes) -> tuple[Frame, ...] | Unclear:
        """Read one frame of the stream."""

        def read() -> tuple[Frame, ...]:
            line = _object(frame)
            match line.get("type"):
                case "order":
                    return (self._order(_inner(line, "order")),)
                case "fill":
                    return (self._fill(_inner(line, "fill")),)
                case "bust":
                    return (BustReport(_text(line, "exec_id")),)
                case "heartbeat":
                    return (Heartbeat(),)
                case _:
                    return ()

        return _reading(read)

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

    def _code(self, response: Response) -> object:
        answer = _reading(lambda: _object(response.body))
        return None if isinstance(answer, Unclear) else answer.get("code")

    def _placed(self, status: int, answer: dict[str, object]) -> Accepted | Rejected | Exists:
        code = answer.get("code")
        if (status, code) in DEFINITIVE:
            return Rejected(str(code))
        if (status, code) == (409, "duplicate_id"):
            return Exists()
        if status != OK or code is not None:
            _unreadable(f"status {status}, which is no definitive answer")
        return Accepted(self._order(answer))

    def _cancelled(self, status: int, answer: dict[str, object]) -> Accepted | NotOpen:
        if (status, answer.get("code")) in {(404, "order_not_found"), (409, "not_open")}:
            return NotOpen()
        if status != OK or "code" in answer:
            _unreadable(f"status {status}")
        return Accepted(self._order(answer))

    def _replaced(self, response: Response) -> Replaced:
        if response.status not in {OK, 409}:
            # A definitive refusal of the new order also stands for the request: nothing was cancelled, nothing placed.
            refusal = self._placed(response.status, _object(response.body))
            return Replaced(Unclear("the replacement was refused"), refusal)
        answer = _object(response.body)
        return Replaced(_reading(lambda: self._half_cancelled(answer)), _reading(lambda: self._half_placed(answer)))

    def _half_cancelled(self, answer: dict[str, object]) -> Accepted | NotOpen:
        old = _inner(answer, "old")
        if old.get("code") in {"order_not_found", "not_open"}:
            return NotOpen()
        return Accepted(self._order(old))

    def _half_placed(self, answer: dict[str, object]) -> Accepted | Rejected | Exists:
        new = _inner(answer, "new")
        if new.get("code") == "not_attempted":
            return Rejected("not_attempted")
        status = 409 if new.get("code") == "duplicate_id" else 403 if new.get("code") == "insufficient_funds" else 400
        return self._placed(OK if "code" not in new else status, new)

    def _instrument(self, line: dict[str, object]) -> Instrument:
        found = self.instruments.get(_text(line, "symbol"))
        return found if found is not None else _unreadable("an instrument that isn't ours")

    def _order(self, line: dict[str, object]) -> OrderReport:
        instrument = self._instrument(line)
        status = _text(line, "status")
        if status not in STATUSES:
            _unreadable("a status that the dialect doesn't have")
        report = OrderReport(
            venue_id=_text(line, "order_id"),
            coid=_text_or_none(line, "client_order_id"),
            symbol=instrument.symbol,
            side=_side(line),
            quantity=units_of(decimal_of(line.get("quantity")), instrument.lot),
            price=units_of(decimal_of(line.get("price")), instrument.tick),
            filled=units_of(decimal_of(line.get("filled")), instrument.lot),
            end=STATUSES[status],
        )
        is_order = report.quantity > 0 and report.price > 0 and report.filled >= 0
        return report if is_order else _unreadable("an order of nothing, or at no price")

    def _fill(self, line: dict[str, object]) -> FillReport:
        instrument = self._instrument(line)
        fill = FillReport(
            exec_id=_text(line, "exec_id"),
            venue_id=_text(line, "order_id"),
            coid=_text_or_none(line, "client_order_id"),
            symbol=instrument.symbol,
            side=_side(line),
            quantity=units_of(decimal_of(line.get("quantity")), instrument.lot),
            each=product_of(decimal_of(line.get("price")), instrument.lot),
            fee=money_of(decimal_of(line.get("fee"))),
            currency=_text(line, "fee_currency"),
            at_ns=_nanoseconds(line, "at_ns"),
        )
        return fill if fill.quantity > 0 else _unreadable("an execution of nothing")


def _reading(read: Callable[[], Item]) -> Item | Unclear:
    """Return what was read, or why it couldn't be; nothing that a venue sends is an exception."""
    try:
        return read()
    except (Unreadable, NotExact) as problem:
        return Unclear(str(problem))


def _unreadable(why: str) -> NoReturn:
    raise Unreadable(why)


def _object(body: bytes) -> dict[str, object]:
    if len(body) > MOST_BYTES:
        _unreadable("an answer too long to read")
    try:
        found = json.loads(
            body, parse_float=_no_number, parse_int=_no_number, parse_constant=_no_number, object_pairs_hook=_distinct
        )
    except (ValueError, RecursionError):
        _unreadable("not JSON as the dialect has it")
    return found if isinstance(found, dict) else _unreadable("no JSON object")


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _unreadable("one name twice")


def _no_number(_: str) -> NoReturn:
    _unreadable("a number that isn't text")


def _inner(line: dict[str, object], name: str) -> dict[str, object]:
    found = line.get(name)
    return found if isinstance(found, dict) else _unreadable(f"no {name}")


def _list(line: dict[str, object], name: str) -> list[dict[str, object]]:
    found = line.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        _unreadable(f"no list of {name}")
    return found


def _text(line: dict[str, object], name: str) -> str:
    found = line.get(name)
    return found if isinstance(found, str) and 0 < len(found) <= 128 else _unreadable(f"no {name}")


def _text_or_none(line: dict[str, object], name: str) -> str | None:
    return None if line.get(name) is None else _text(line, name)


def _side(line: dict[str, object]) -> int:
    word = _text(line, "side")
    return SIDES[word] if word in SIDES else _unreadable("a side that is neither")


def _nanoseconds(line: dict[str, object], name: str) -> int:
    return units_of(decimal_of(line.get(name)), Decimal(1))


def _page(page: str | None) -> tuple[tuple[str, str], ...]:
    return () if page is None else (("page", page),)


def _expect_ok(response: Response) -> None:
    if response.status != OK:
        _unreadable(f"status {response.status}")


def _read_page(response: Response, name: str, read: Callable[[dict[str, object]], Item]) -> Page[Item] | Unclear:
    def page() -> Page[Item]:
        _expect_ok(response)
        answer = _object(response.body)
        if "next" not in answer:
            _unreadable("a page that doesn't say whether it is the last")
        return Page(tuple(read(line) for line in _list(answer, name)), _text_or_none(answer, "next"))

    return _reading(page)
