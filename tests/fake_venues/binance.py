"""A fake Binance spot, from its documentation: every request's signature and window are checked, ids are unique while open."""

import hashlib
import hmac
import json
from decimal import Decimal
from typing import ClassVar

from tests.canary import CANARY
from tests.fake_venues.account import FakeAccount, RefusedError
from tests.fake_venues.wire import reply

KEY, SECRET = f"bnb-{CANARY}-key-4", f"b1nance-s3cret-{CANARY}"
MS = 1_000_000
REFUSALS = {
    "funds": (400, -2010, "Account has insufficient balance for requested action."),
    "duplicate": (400, -2010, "Duplicate order sent."),
    "malformed": (400, -1013, "Filter failure: LOT_SIZE"),
    "expired": (400, -1021, "Timestamp for this request is outside of the recvWindow."),
    "unknown": (400, -2011, "Unknown order sent."),
    "not_open": (400, -2011, "Unknown order sent."),
    "not_found": (400, -2013, "Order does not exist."),
    "signature": (400, -1022, "Signature for this request is not valid."),
}
STATUSES = {"open": "NEW", "filled": "FILLED", "canceled": "CANCELED", "expired": "EXPIRED"}
OPEN_TO_ALL = {"/api/v3/time", "/api/v3/exchangeInfo"}


def signature(text):
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


class FakeBinance:
    kind = "binance"
    environment: ClassVar = {"CANARY_KEY": KEY, "CANARY_SECRET": SECRET}
    options: ClassVar = {"key_env": "CANARY_KEY", "secret_env": "CANARY_SECRET"}
    symbols = ("BTCUSDT", "ETHUSDT")
    heartbeat = None

    def __init__(self, now_ns):
        steps = {"BTCUSDT": (Decimal("0.01"), Decimal("0.00001")), "ETHUSDT": (Decimal("0.01"), Decimal("0.0001"))}
        self.account = FakeAccount(
            now_ns,
            steps,
            quote="USDT",
            fee_asset="BNB",
            fee=Decimal("0.00012345"),
            ids="open",
            name_id=lambda number: str(28_000 + number),
        )
        self.next_reply = None
        self.most_fills = 1000
        self.dust = Decimal("0.00000321")
        """Of bitcoin, which no order can sell."""

    def answer(self, ask):
        if self.next_reply is not None:
            told, self.next_reply = self.next_reply, None
            return told
        if ask.path in OPEN_TO_ALL:
            return reply(200, self._time() if ask.path == "/api/v3/time" else self._terms(ask.query))
        if ask.headers.get("x-mbx-apikey") != KEY:
            return reply(401, {"code": -2015, "msg": f"Invalid API-key {ask.headers.get('x-mbx-apikey')}."})
        try:
            return reply(200, self._routed(ask, self._signed(ask)))
        except RefusedError as refusal:
            return self._refused(refusal)
        except _HalvesError as halves:
            return reply(halves.status, halves.told)

    def limited(self, seconds):
        return reply(429, {"code": -1003, "msg": "Too many requests."}, retry_after=str(seconds))

    def banned(self):
        return reply(418, {"code": -1003, "msg": "Way too many requests; IP banned."}, retry_after="120")

    def opened(self, _):
        return 200

    def greet(self, text):
        said = json.loads(text)
        if said["method"] == "ping":
            return [_bytes({"id": said["id"], "status": 200, "result": {}, "rateLimits": []})]
        params = dict(said["params"])
        given = params.pop("signature")
        is_right = given == signature("&".join(f"{name}={value}" for name, value in sorted(params.items())))
        is_fresh = abs(int(params["timestamp"]) * MS - self.account.now_ns()) < 10**9
        if params["apiKey"] != KEY or not is_right or not is_fresh:
            return [_bytes({"id": said["id"], "status": 401, "error": {"code": -2015, "msg": "Invalid API-key."}})]
        return [_bytes({"id": said["id"], "status": 200, "result": {"subscriptionId": 0}})]

    def frames(self, what, order, fill):
        is_end = order.status == "canceled"
        event = {
            "e": "executionReport",
            "E": self.account.now_ns() // MS,
            "s": order.symbol,
            "c": f"cancel-{order.number}" if is_end else order.coid,
            "C": order.coid if is_end else "",
            "S": "BUY" if order.side > 0 else "SELL",
            "o": "LIMIT",
            "f": "GTC" if order.rests else "IOC",
            "q": f"{order.quantity:.8f}",
            "p": f"{order.price:.8f}",
            "P": "0.00000000",
            "x": "TRADE" if fill else {"open": "NEW", "canceled": "CANCELED"}.get(order.status, "EXPIRED"),
            "X": self._status(order),
            "r": "NONE",
            "i": int(order.venue_id),
            "l": f"{fill.quantity:.8f}" if fill else "0.00000000",
            "z": f"{order.filled:.8f}",
            "L": f"{fill.price:.8f}" if fill else "0.00000000",
            "n": f"{fill.fee:.8f}" if fill else "0",
            "N": "BNB" if fill else None,
            "T": (fill.at_ns if fill else self.account.now_ns()) // MS,
            "t": fill.number if fill else -1,
            "w": order.is_open,
            "m": False,
        }
        del what
        return [
            _bytes({"subscriptionId": 0, "event": event}),
            _bytes({"subscriptionId": 0, "event": {"e": "balanceUpdate"}}),
        ]

    def order(self, order, **more):
        return {
            "symbol": order.symbol,
            "orderId": int(order.venue_id) if order.venue_id else None,
            "orderListId": -1,
            "clientOrderId": order.coid,
            "price": f"{order.price:.8f}",
            "origQty": f"{order.quantity:.8f}",
            "executedQty": f"{order.filled:.8f}",
            "cummulativeQuoteQty": "0.00000000",
            "status": self._status(order),
            "timeInForce": "GTC" if order.rests else "IOC",
            "type": "LIMIT",
            "side": "BUY" if order.side > 0 else "SELL",
            "stopPrice": "0.00000000",
            "transactTime": order.at_ns // MS,
            **more,
        }

    def fill(self, fill):
        order = fill.order
        return {
            "symbol": order.symbol,
            "id": fill.number,
            "orderId": int(order.venue_id) if order.venue_id else None,
            "orderListId": -1,
            "price": f"{fill.price:.8f}",
            "qty": f"{fill.quantity:.8f}",
            "quoteQty": f"{fill.quantity * fill.price:.8f}",
            "commission": f"{fill.fee:.8f}",
            "commissionAsset": "BNB",
            "time": fill.at_ns // MS,
            "isBuyer": order.side > 0,
            "isMaker": False,
            "isBestMatch": True,
        }

    def _refused(self, refusal):
        status, code, message = REFUSALS[str(refusal)]
        return reply(status, {"code": code, "msg": message})

    def _status(self, order):
        return "PARTIALLY_FILLED" if order.is_open and order.filled else STATUSES[order.status]

    def _signed(self, ask):
        """Return the fields of a request whose signature and window are right."""
        text = ask.raw_query + ask.body.decode()
        unsigned, _, given = text.rpartition("&signature=")
        if given != signature(unsigned):
            raise RefusedError("signature")
        fields = {**ask.query, **(ask.form if ask.body else {})}
        now, sent = self.account.now_ns() // MS, int(fields["timestamp"])
        window = int(fields.get("recvWindow", 5000))
        if window > 60_000 or sent >= now + 1000 or now - sent > window:
            raise RefusedError("expired")
        return fields

    def _routed(self, ask, fields):
        routes = {
            ("POST", "order"): lambda: self.order(self._placed(fields)),
            ("DELETE", "order"): lambda: self._cancelled(fields),
            ("GET", "order"): lambda: self._found(fields),
            ("POST", "order/cancelReplace"): lambda: self._replaced(fields),
            ("GET", "openOrders"): lambda: [self.order(each) for each in self.account.open_orders(fields["symbol"])],
            ("GET", "myTrades"): lambda: self._trades(fields),
            ("GET", "account"): lambda: {"accountType": "SPOT", "balances": self._balances()},
        }
        return routes[ask.method, ask.path.removeprefix("/api/v3/")]()

    def _cancelled(self, fields):
        order = self.account.cancel(self._named(fields))
        return self.order(order, clientOrderId=f"cancel-{order.number}", origClientOrderId=order.coid)

    def _found(self, fields):
        order = self._named(fields)
        if order is None:
            raise RefusedError("not_found")
        return self.order(order)

    def _named(self, fields):
        if "orderId" in fields:
            return self.account.by_venue_id(fields["orderId"])
        return self.account.by_coid(fields["origClientOrderId"])

    def _placed(self, fields):
        if fields["type"] != "LIMIT":
            raise RefusedError("malformed")
        return self.account.place(
            fields["newClientOrderId"],
            fields["symbol"],
            {"BUY": 1, "SELL": -1}[fields["side"]],
            Decimal(fields["quantity"]),
            Decimal(fields["price"]),
            rests={"GTC": True, "IOC": False}[fields["timeInForce"]],
        )

    def _replaced(self, fields):
        assert fields["cancelReplaceMode"] == "STOP_ON_FAILURE"
        old = self.account.by_coid(fields["cancelOrigClientOrderId"])
        if old is None or not old.is_open:
            failed = {"code": -2011, "msg": "Unknown order sent."}
            data = {"cancelResult": "FAILURE", "newOrderResult": "NOT_ATTEMPTED", "cancelResponse": failed}
            told = {"code": -2022, "msg": "Order cancel-replace failed.", "data": {**data, "newOrderResponse": None}}
            raise _HalvesError(400, told)
        self.account.cancel(old)
        done = self.order(old, clientOrderId=f"cancel-{old.number}", origClientOrderId=old.coid)
        try:
            new = self._placed(fields)
        except RefusedError as refusal:
            _, code, message = REFUSALS[str(refusal)]
            data = {"cancelResult": "SUCCESS", "newOrderResult": "FAILURE", "cancelResponse": done}
            data["newOrderResponse"] = {"code": code, "msg": message}
            raise _HalvesError(409, {"code": -2021, "msg": "Order cancel-replace partially failed.", "data": data}) from None
        both = {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS"}
        return {**both, "cancelResponse": done, "newOrderResponse": self.order(new)}

    def _trades(self, fields):
        until = int(fields.get("endTime", 10**18))
        found = [each for each in self.account.visible(self.account.fills) if each.order.symbol == fields["symbol"]]
        found = [self.fill(each) for each in found if each.at_ns // MS <= until]
        return found[-int(fields["limit"]) :]

    def _balances(self):
        held = {name.removesuffix("USDT"): lots for name, lots in self.account.held.items()}
        held["BTC"] += self.dust
        held |= self.account.cash
        held["SHIB"] = Decimal("1.5")
        return [{"asset": name, "free": f"{amount:.8f}", "locked": "0.00000000"} for name, amount in held.items() if amount]

    def _time(self):
        return {"serverTime": self.account.now_ns() // MS}

    def _terms(self, query):
        name = query["symbol"]
        if name not in self.account.steps:
            return {"timezone": "UTC", "symbols": []}
        tick, lot = self.account.steps[name]
        filters = [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "tickSize": f"{tick:.8f}"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001", "stepSize": f"{lot:.8f}"},
        ]
        told = {"symbol": name, "status": "TRADING", "baseAsset": name[:3], "quoteAsset": "USDT", "filters": filters}
        return {"timezone": "UTC", "symbols": [told]}


class _HalvesError(Exception):
    def __init__(self, status, told):
        self.status = status
        self.told = told


def _bytes(told):
    return json.dumps(told).encode()
