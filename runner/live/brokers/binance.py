"""Binance spot: signed REST and the WebSocket API's account events. Written from its documentation, not tried on an account.

What decided this adapter:

- *Placed or not.* A request is dropped once the venue's clock is `recvWindow` past its `timestamp`, checked again before
  matching; both go with every new order, so two not-founds after that time prove that it was never placed. 5xx, -1006, -1007
  and whatever isn't in `DEFINITIVE` prove nothing.
- *Ids* are unique among open orders alone: a second request of one id after a fill would be a second order. Nothing is ever
  sent twice. "Duplicate order sent." is a hint, the other -2010 are rejections.
- *Replacing* is `cancelReplace` with STOP_ON_FAILURE: 200 for both halves, 409 for a cancel without a new order, 400 for
  neither; each half is read by itself.
- *Lists* are asked symbol by symbol: open orders because all at once cost thirteen times as much, executions because there
  is no other way. Executions come newest first, back to the time that is asked for; they bear the venue's order id alone.
- *A position* on spot is what the account has of the base asset, free and locked, in whole lots; what is beyond the last
  whole lot is a balance of that asset, as are the quote asset and BNB, which fees may be paid in. Other assets are left.

What isn't possible here:

- A fee in the base asset, which is the venue's default for purchases, makes holdings that are no whole lots and aren't what
  was bought. It is booked; the comparison then differs and latches the session. Have fees paid in BNB.
- Fees in BNB are exact in their own account and in no equity: the day's loss and the drawdown don't see them.
- There are no short positions, and the gate doesn't know: an order that sells what isn't there is rejected.
"""

from decimal import Decimal

from runner.errors import ConfigError, Fault
from runner.live.brokers.lacking import Lacking
from runner.live.brokers.reading import (
    Line,
    as_text,
    chosen,
    code_in,
    code_of,
    expect_ok,
    inner,
    instrument_of,
    lines,
    lines_of,
    object_of,
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
from runner.live.money import Money, decimal_of, money_of, product_of, text_of, units_of
from runner.live.ports import Action, Request, Response
from runner.live.profile import MS, SECOND, IdScope, Profile

__all__ = ["DEFINITIVE", "PROFILE", "BinanceContract"]

MALFORMED = range(1100, 1131)
DEFINITIVE = frozenset({(400, str(-code)) for code in (1013, 1021, 2010, *MALFORMED)})
"""Status and code of every answer that proves a new order was not placed, unless it says that the id is taken: a filter, too
old, refused by the matching engine, a request that can't be."""

PROFILE = Profile(
    name="binance",
    ids=IdScope.OPEN,
    valid_ns=5 * SECOND,
    visible_ns=2 * SECOND,
    has_replace=True,
    orders_per_window=50,
    requests_per_window=900,
    window_ns=10 * SECOND,
    silence_ns=30 * SECOND,
    weights=(
        (Action.FILLS, 20),
        (Action.POSITIONS, 20),
        (Action.BALANCES, 20),
        (Action.TERMS, 20),
        (Action.OPEN_ORDERS, 6),
        (Action.QUERY, 4),
    ),
)
"""6,000 of weight a minute, and 100 orders in ten seconds."""

KEYS = {"-1022", "-2014", "-2015"}
"""What is wrong is the key or the signature, whatever was asked for."""
TAKEN = "Duplicate order sent."
MOST_FILLS = 100
FEES = "BNB"
SIDE_WORDS = {BUY: "BUY", SELL: "SELL"}
SIDES = {word: side for side, word in SIDE_WORDS.items()}
OPEN = ("NEW", "PARTIALLY_FILLED", "PENDING_NEW", "PENDING_CANCEL")
ENDS = {"FILLED": End.FILLED, "CANCELED": End.CANCELED, "REJECTED": End.REJECTED}
STATUSES: dict[str, End | None] = {**dict.fromkeys(OPEN), **ENDS, "EXPIRED": End.EXPIRED, "EXPIRED_IN_MATCH": End.EXPIRED}
BY_REST = {"venue": "orderId", "quantity": "origQty", "price": "price", "filled": "executedQty"} | {
    "symbol": "symbol",
    "side": "side",
    "status": "status",
    "stop": "stopPrice",
}
BY_EVENT = {
    "venue": "i",
    "quantity": "q",
    "price": "p",
    "filled": "z",
    "symbol": "s",
    "side": "S",
    "status": "X",
    "stop": "P",
}
"""What the same things are called in answers and in events."""


class BinanceContract(Lacking):
    """Binance spot for a set of instruments of one quote asset."""

    def __init__(self, instruments: dict[str, Instrument]) -> None:
        """Keep the instruments, whose ticks and lots every number is measured in.

        Raises:
            ConfigError: a symbol doesn't end with the currency it is quoted in, so that its base asset isn't known.
        """
        faults = [
            Fault(f"instruments.{each.symbol}", "must be a base asset followed by its quote asset", each.currency)
            for each in instruments.values()
            if not each.symbol.endswith(each.currency) or each.symbol == each.currency
        ]
        if faults:
            raise ConfigError(faults)
        self.instruments = instruments
        self._bases = {each.symbol.removesuffix(each.currency): each for each in instruments.values()}
        self._cash = {FEES, *(each.currency for each in instruments.values())}

    def terms(self, symbol: str) -> Request:
        """Return the question about one pair."""
        return Request(Action.TERMS, "GET", "/api/v3/exchangeInfo", (("symbol", symbol),))

    def read_terms(self, response: Response, symbol: str) -> Instrument | NotFound | Unclear:
        """Read its steps from the filters of prices and of lots."""

        def read() -> Instrument | NotFound:
            if (response.status, code_of(response, as_text)) == (400, "-1121"):
                return NotFound()
            expect_ok(response)
            found = [line for line in lines(object_of(response.body, as_text), "symbols") if line.get("symbol") == symbol]
            if len(found) != 1 or found[0].get("status") != "TRADING":
                return NotFound()
            filters = {text(each, "filterType"): each for each in lines(found[0], "filters")}
            tick = decimal_of(inner(dict(filters), "PRICE_FILTER").get("tickSize"))
            lot = decimal_of(inner(dict(filters), "LOT_SIZE").get("stepSize"))
            if tick <= 0 or lot <= 0:
                unreadable("a pair without steps")
            return Instrument(symbol, tick.normalize(), lot.normalize(), text(found[0], "quoteAsset"))

        return reading(read)

    def limit(self, response: Response) -> Limited | None:
        """Tell limits, bans and refused keys from answers about the request."""
        status = response.status
        is_key = status == 400 and code_of(response, as_text) in KEYS
        if status not in {401, 403, 418, 429} and not is_key:
            return None
        return Limited(status != 429, retry_after_ns(response), f"status {status}")

    def place(self, order: Order, valid_ns: int | None) -> Request:
        """Return the request for a new order, valid from its stamp on."""
        return Request(Action.PLACE, "POST", "/api/v3/order", self._fields(order, valid_ns), order.number)

    def read_place(self, response: Response) -> Accepted | Rejected | Exists | Unclear:
        """Read the answer to a new order: accepted, or on the list of definitive answers, or unclear."""
        return reading(lambda: self._placed(response.status, object_of(response.body, as_text)))

    def cancel(self, order: Order) -> Request:
        """Return the request to cancel by client order id."""
        fields = (("symbol", order.symbol), ("origClientOrderId", order.coid))
        return Request(Action.CANCEL, "DELETE", "/api/v3/order", fields)

    def cancel_by_venue_id(self, symbol: str, venue_id: str) -> Request:
        """Return the request to cancel by the venue's id."""
        return Request(Action.CANCEL, "DELETE", "/api/v3/order", (("symbol", symbol), ("orderId", venue_id)))

    def read_cancel(self, response: Response) -> Accepted | NotOpen | Unclear:
        """Read the answer to a cancel."""
        return reading(lambda: self._cancelled(response.status, object_of(response.body, as_text)))

    def replace(self, old: Order, new: Order, valid_ns: int | None) -> Request:
        """Return the request to cancel one order and, only if that worked, place another."""
        fields = (
            *self._fields(new, valid_ns),
            ("cancelReplaceMode", "STOP_ON_FAILURE"),
            ("cancelOrigClientOrderId", old.coid),
        )
        return Request(Action.REPLACE, "POST", "/api/v3/order/cancelReplace", fields, new.number)

    def read_replace(self, response: Response) -> Replaced:
        """Read the two halves; an answer that isn't about halves is one about the request as a whole."""
        read = reading(lambda: self._replaced(response.status, object_of(response.body, as_text)))
        return read if isinstance(read, Replaced) else Replaced(read, read)

    def query(self, order: Order) -> Request:
        """Return the question about one order."""
        fields = (("symbol", order.symbol), ("origClientOrderId", order.coid))
        return Request(Action.QUERY, "GET", "/api/v3/order", fields)

    def whose(self, symbol: str, venue_id: str) -> Request | None:
        """Return the question about the order of a venue id."""
        return Request(Action.QUERY, "GET", "/api/v3/order", (("symbol", symbol), ("orderId", venue_id)))

    def read_query(self, response: Response) -> Found | NotFound | Unclear:
        """Read the answer; not found only by the venue's own word for it."""

        def read() -> Found | NotFound:
            if (response.status, code_of(response, as_text)) == (400, "-2013"):
                return NotFound()
            expect_ok(response)
            return Found((self._order(object_of(response.body, as_text)),))

        return reading(read)

    def open_orders(self, page: str | None) -> Request:
        """Return the question about the open orders of one symbol; a page is a symbol."""
        return Request(Action.OPEN_ORDERS, "GET", "/api/v3/openOrders", (("symbol", self._symbol(page)),))

    def read_open_orders(self, response: Response, page: str | None = None) -> Page[OrderReport] | Unclear:
        """Read them; the next symbol is the next page."""

        def read() -> Page[OrderReport]:
            expect_ok(response)
            found = lines_of(response.body, as_text)
            return Page(tuple(self._order(line) for line in found), self._after(self._symbol(page)))

        return reading(read)

    def fills(self, since_ns: int, page: str | None) -> Request:  # noqa: ARG002
        """Return the question about the newest executions of one symbol, up to the time that the page names."""
        symbol, _, until = self._symbol(page).partition("@")
        fields = [("symbol", symbol), ("limit", str(MOST_FILLS))]
        if until:
            fields.append(("endTime", until))
        return Request(Action.FILLS, "GET", "/api/v3/myTrades", tuple(fields))

    def read_fills(self, response: Response, since_ns: int = 0, page: str | None = None) -> Page[FillReport] | Unclear:
        """Read them; where they don't reach back far enough the next page goes on with the oldest, else to the next symbol.

        Executions of the oldest one's instant come twice, which harms nobody; that one of them is missed would.
        """

        def read() -> Page[FillReport]:
            expect_ok(response)
            symbol = self._symbol(page).partition("@")[0]
            found = [self._fill(line) for line in lines_of(response.body, as_text)]
            oldest = min((fill.at_ns for fill in found), default=0)
            is_cut = len(found) >= MOST_FILLS and oldest >= since_ns
            following = f"{symbol}@{oldest // MS}" if is_cut else self._after(symbol)
            # A stamp is cut to the millisecond, so the execution may have been after the bound all the same.
            return Page(tuple(fill for fill in found if fill.at_ns + MS > since_ns), following)

        return reading(read)

    def positions(self, page: str | None) -> Request:  # noqa: ARG002
        """Return the question about the account."""
        return Request(Action.POSITIONS, "GET", "/api/v3/account", (("omitZeroBalances", "true"),))

    def read_positions(self, response: Response, page: str | None = None) -> Page[Holding] | Unclear:  # noqa: ARG002
        """Read the whole lots of our base assets."""

        def read() -> Page[Holding]:
            held = self._held(response)
            bases = self._bases.items()
            return Page(
                tuple(Holding(each.symbol, int(held[base] // each.lot)) for base, each in bases if base in held), None
            )

        return reading(read)

    def balances(self, page: str | None) -> Request:  # noqa: ARG002
        """Return the question about the account."""
        return Request(Action.BALANCES, "GET", "/api/v3/account", (("omitZeroBalances", "true"),))

    def read_balances(self, response: Response, page: str | None = None) -> Page[Balance] | Unclear:  # noqa: ARG002
        """Read quote asset, what fees are paid in, and of our base assets what is no whole lot."""

        def read() -> Page[Balance]:
            found = []
            for asset, amount in self._held(response).items():
                base = self._bases.get(asset)
                rest = amount if base is None else amount % base.lot
                if (base is None and asset in self._cash) or (base is not None and rest):
                    found.append(Balance(asset, money_of(rest)))
            return Page(tuple(found), None)

        return reading(read)

    def time(self) -> Request:
        """Return the question about the venue's clock."""
        return Request(Action.TIME, "GET", "/api/v3/time")

    def read_time(self, response: Response) -> int | Unclear:
        """Read the venue's clock."""

        def read() -> int:
            expect_ok(response)
            return whole(object_of(response.body, as_text), "serverTime") * MS

        return reading(read)

    def read_frame(self, frame: bytes) -> tuple[Frame, ...] | Unclear:
        """Read one frame: a report of an execution, an answer to a ping, or what is none of our business."""

        def read() -> tuple[Frame, ...]:
            line = object_of(frame, as_text)
            if "event" not in line:
                return (Heartbeat(),) if line.get("status") == "200" else ()
            event = inner(line, "event")
            is_ours = event.get("e") == "executionReport" and text(event, "s") in self.instruments
            return self._reported(event) if is_ours else ()

        return reading(read)

    def _symbol(self, page: str | None) -> str:
        return min(self.instruments) if page is None else page

    def _after(self, symbol: str) -> str | None:
        return min((each for each in self.instruments if each > symbol), default=None)

    def _fields(self, order: Order, valid_ns: int | None) -> tuple[tuple[str, str], ...]:
        instrument = self.instruments[order.symbol]
        fields = [
            ("symbol", order.symbol),
            ("side", SIDE_WORDS[order.side]),
            ("type", "LIMIT"),
            ("timeInForce", "GTC" if order.rests else "IOC"),
            ("quantity", text_of(order.quantity, instrument.lot)),
            ("price", text_of(order.price, instrument.tick)),
            ("newClientOrderId", order.coid),
            ("newOrderRespType", "RESULT"),
            ("timestamp", str(order.sent_at_ns // MS)),
        ]
        if valid_ns is not None:
            fields.append(("recvWindow", str(valid_ns // MS)))
        return tuple(fields)

    def _placed(self, status: int, answer: Line) -> Accepted | Rejected | Exists:
        code = code_in(answer)
        if (status, code, answer.get("msg")) == (400, "-2010", TAKEN):
            return Exists()
        if (status, code) in DEFINITIVE:
            return Rejected(str(code))
        if status != 200 or code is not None:
            unreadable(f"status {status}, which is no definitive answer")
        return Accepted(self._order(answer))

    def _cancelled(self, status: int, answer: Line) -> Accepted | NotOpen:
        if (status, code_in(answer)) == (400, "-2011"):
            return NotOpen()
        if status != 200 or "code" in answer:
            unreadable(f"status {status}")
        return Accepted(self._order(answer))

    def _replaced(self, status: int, answer: Line) -> Replaced:
        if status == 200:
            halves = answer
        elif status in {400, 409} and "data" in answer:
            halves = inner(answer, "data")
        else:
            # Said of the request before it was taken apart: nothing was cancelled, nothing placed.
            return Replaced(Unclear("the replacement was refused"), self._placed(status, answer))
        return Replaced(reading(lambda: self._old_half(halves)), reading(lambda: self._new_half(halves)))

    def _old_half(self, halves: Line) -> Accepted | NotOpen:
        is_done = text(halves, "cancelResult") == "SUCCESS"
        return self._cancelled(200 if is_done else 400, inner(halves, "cancelResponse"))

    def _new_half(self, halves: Line) -> Accepted | Rejected | Exists:
        match text(halves, "newOrderResult"):
            case "NOT_ATTEMPTED":
                return Rejected("not_attempted")
            case "SUCCESS":
                return self._placed(200, inner(halves, "newOrderResponse"))
            case _:
                return self._placed(400, inner(halves, "newOrderResponse"))

    def _reported(self, event: Line) -> tuple[Frame, ...]:
        coid = event.get("C") or event.get("c")
        named: Line = {"coid": coid}
        is_trade = event.get("x") == "TRADE"
        fills: tuple[Frame, ...] = (self._executed(event, text(named, "coid")),) if is_trade else ()
        # An order at any price rests nowhere: its executions are all there is to say of it.
        return fills if event.get("o") == "MARKET" else (*fills, self._report(event, BY_EVENT, text(named, "coid")))

    def _order(self, line: Line) -> OrderReport:
        # The answer to a cancel has the cancel's own id in the place of the order's.
        coid = text_or_none(line, "origClientOrderId") or text(line, "clientOrderId")
        return self._report(line, BY_REST, coid)

    def _report(self, line: Line, names: dict[str, str], coid: str) -> OrderReport:
        instrument = instrument_of(line, self.instruments, names["symbol"])
        price = decimal_of(line.get(names["price"]))
        if not price and line.get(names["stop"]) is not None:
            price = decimal_of(line.get(names["stop"]))
        report = OrderReport(
            venue_id=text(line, names["venue"]),
            coid=coid,
            symbol=instrument.symbol,
            side=chosen(line, names["side"], SIDES),
            quantity=units_of(decimal_of(line.get(names["quantity"])), instrument.lot),
            price=units_of(price, instrument.tick),
            filled=units_of(decimal_of(line.get(names["filled"])), instrument.lot),
            end=chosen(line, names["status"], STATUSES),
        )
        is_order = report.quantity > 0 and report.price > 0 and report.filled >= 0
        return report if is_order else unreadable("an order of nothing, or at no price")

    def _executed(self, event: Line, coid: str) -> FillReport:
        """Read an event's execution, which has the same id as in the list of executions."""
        fee, currency = event.get("n"), event.get("N")
        line: Line = {"id": event.get("t"), "orderId": event.get("i"), "symbol": event.get("s"), "time": event.get("T")}
        line |= {"qty": event.get("l"), "price": event.get("L"), "commission": fee, "commissionAsset": currency}
        return self._execution(line, coid, chosen(event, "S", SIDES))

    def _fill(self, line: Line) -> FillReport:
        if not isinstance(line.get("isBuyer"), bool):
            unreadable("no side")
        return self._execution(line, None, BUY if line["isBuyer"] else SELL)

    def _execution(self, line: Line, coid: str | None, side: int) -> FillReport:
        instrument = instrument_of(line, self.instruments)
        fee: Money = money_of(decimal_of(line.get("commission") or "0"))
        if fee and line.get("commissionAsset") is None:
            unreadable("a fee in nothing")
        fill = FillReport(
            exec_id=f"{instrument.symbol}:{whole(line, 'id')}",
            venue_id=text(line, "orderId"),
            coid=coid,
            symbol=instrument.symbol,
            side=side,
            quantity=units_of(decimal_of(line.get("qty")), instrument.lot),
            each=product_of(decimal_of(line.get("price")), instrument.lot),
            fee=fee,
            currency=text_or_none(line, "commissionAsset") or instrument.currency,
            at_ns=whole(line, "time") * MS,
        )
        return fill if fill.quantity > 0 else unreadable("an execution of nothing")

    def _held(self, response: Response) -> dict[str, Decimal]:
        """Return what the account has of each asset, free and locked."""
        expect_ok(response)
        held: dict[str, Decimal] = {}
        for line in lines(object_of(response.body, as_text), "balances"):
            asset = text(line, "asset")
            if asset in held:
                unreadable("one asset twice")
            held[asset] = decimal_of(line.get("free")) + decimal_of(line.get("locked"))
        return held
