"""A fake Alpaca, from its documentation: asynchronous cancels, activities without client order ids, replacements that come late."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

from tests.canary import CANARY
from tests.fake_venues.account import FakeAccount, RefusedError, plain
from tests.fake_venues.wire import reply

KEY, SECRET = f"AK-{CANARY}-3", f"alp4ca/s3cret+{CANARY}=="
REFUSALS = {
    "funds": (403, 40310000, "insufficient buying power"),
    "duplicate": (422, 40010001, "client_order_id must be unique"),
    "malformed": (422, 42210000, "qty must be > 0"),
    "not_open": (422, 42210000, "order is not cancelable"),
    "unknown": (404, 40410000, "order not found"),
}
STATUSES = {"open": "new", "filled": "filled", "canceled": "canceled", "expired": "expired", "replaced": "replaced"}


def stamp(ns):
    seconds, rest = divmod(ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def instant(text):
    whole, _, fraction = text.rstrip("Z").partition(".")
    return int(datetime.fromisoformat(f"{whole}+00:00").timestamp()) * 10**9 + int(fraction.ljust(9, "0"))


class FakeAlpaca:
    kind = "alpaca"
    environment: ClassVar = {"CANARY_ID": KEY, "CANARY_SECRET": SECRET}
    options: ClassVar = {"key_env": "CANARY_ID", "secret_env": "CANARY_SECRET"}
    symbols = ("AAPL", "SPY")
    heartbeat = None

    def __init__(self, now_ns):
        steps = {"AAPL": (Decimal("0.01"), Decimal(1)), "SPY": (Decimal("0.01"), Decimal(1))}
        self.account = FakeAccount(now_ns, steps, name_id=lambda number: f"61e69015-8549-4bfd-b9c3-{number:012d}")
        self.next_reply = None
        self.most_orders = 500
        self._is_known = False

    def answer(self, ask):
        if self.next_reply is not None:
            told, self.next_reply = self.next_reply, None
            return told
        if (ask.headers.get("apca-api-key-id"), ask.headers.get("apca-api-secret-key")) != (KEY, SECRET):
            return reply(401, {"code": 40110000, "message": f"access key {ask.headers.get('apca-api-secret-key')} refused"})
        try:
            return self._routed(ask)
        except RefusedError as refusal:
            status, code, message = REFUSALS[str(refusal)]
            return reply(status, {"code": code, "message": message})

    def limited(self, seconds):
        return reply(429, {"code": 42910000, "message": "rate limit exceeded"}, retry_after=str(seconds))

    def banned(self):
        return reply(403, {"message": "forbidden."})

    def opened(self, _):
        return 200

    def greet(self, text):
        said = json.loads(text)
        if said["action"] == "authenticate":
            self._is_known = said["data"] == {"key_id": KEY, "secret_key": SECRET}
            status = "authorized" if self._is_known else "unauthorized"
            return [_bytes({"stream": "authorization", "data": {"status": status, "action": "authenticate"}})]
        streams = said["data"]["streams"] if self._is_known else []
        return [_bytes({"stream": "listening", "data": {"streams": streams}})]

    def frames(self, what, order, fill):
        event = {"open": "new", "filled": "fill"}.get(order.status, order.status)
        data = {"event": "partial_fill" if what == "fill" and order.is_open else event, "order": self.order(order)}
        if fill is not None:
            data |= {"execution_id": f"a-{fill.number}", "price": plain(fill.price), "qty": plain(fill.quantity)}
        return [_bytes({"stream": "trade_updates", "data": data})]

    def order(self, order):
        status = "partially_filled" if order.is_open and order.filled else STATUSES[order.status]
        return {
            "id": order.venue_id,
            "client_order_id": order.coid,
            "created_at": stamp(order.at_ns),
            "submitted_at": stamp(order.at_ns),
            "symbol": order.symbol,
            "asset_class": "us_equity",
            "notional": None,
            "qty": plain(order.quantity),
            "filled_qty": plain(order.filled),
            "filled_avg_price": None,
            "order_class": "",
            "type": "limit",
            "side": "buy" if order.side > 0 else "sell",
            "time_in_force": "gtc" if order.rests else "ioc",
            "limit_price": plain(order.price),
            "stop_price": None,
            "status": status,
            "extended_hours": False,
            "legs": None,
            "replaces": order.replaces,
        }

    def fill(self, fill):
        order = fill.order
        return {
            "id": f"20300317{fill.number:09d}::8efc7b9a-8b2b-4000-9955-{fill.number:012d}",
            "activity_type": "FILL",
            "transaction_time": stamp(fill.at_ns),
            "type": "fill" if order.status == "filled" else "partial_fill",
            "price": plain(fill.price),
            "qty": plain(fill.quantity),
            "side": "buy" if order.side > 0 else "sell",
            "symbol": order.symbol,
            "leaves_qty": "0",
            "order_id": order.venue_id,
            "cum_qty": plain(order.filled),
        }

    def _routed(self, ask):
        method, path = ask.method, ask.path
        if path.startswith("/v2/orders/"):
            return self._one(ask, self._known(self.account.by_venue_id(path.rpartition("/")[2])))
        if path.startswith("/v2/assets/"):
            return self._asset(path.rpartition("/")[2])
        routes = {
            ("POST", "orders"): lambda: self.order(self._placed(ask.json)),
            ("GET", "orders"): lambda: self._open(ask.query),
            ("GET", "orders:by_client_order_id"): lambda: self._by_coid(ask.query),
            ("GET", "account/activities/FILL"): lambda: self._activities(ask.query),
            ("GET", "positions"): self._positions,
            ("GET", "account"): lambda: {"id": "904837e3", "currency": "USD", "cash": plain(self.account.cash["USD"])},
            ("GET", "clock"): lambda: {"timestamp": stamp(self.account.now_ns()), "is_open": True},
        }
        return reply(200, routes[method, path.removeprefix("/v2/")]())

    def _by_coid(self, query):
        return self.order(self._known(self.account.by_coid(query["client_order_id"])))

    def _asset(self, name):
        if name not in self.account.steps:
            raise RefusedError("unknown")
        return reply(200, {"class": "us_equity", "symbol": name, "tradable": True, "fractionable": True})

    def _positions(self):
        held = [(name, lots) for name, lots in self.account.held.items() if lots]
        return [{"symbol": "TSLA", "qty": "0.5", "side": "long"}, *map(self._position, held)]

    def _known(self, order):
        if order is None:
            raise RefusedError("unknown")
        return order

    def _one(self, ask, order):
        if ask.method == "GET":
            return reply(200, self.order(order))
        if ask.method == "DELETE":
            self.account.cancel(order)
            return reply(204, None)
        if not order.is_open:
            raise RefusedError("not_open")
        fields = {"symbol": order.symbol, "side": "buy" if order.side > 0 else "sell", "type": "limit", **ask.json}
        placed = self._placed(fields, replaces=order.venue_id)
        self.account.end(order, "replaced")
        return reply(200, self.order(placed))

    def _placed(self, fields, replaces=None):
        if fields["type"] != "limit":
            raise RefusedError("malformed")
        return self.account.place(
            fields["client_order_id"],
            fields["symbol"],
            {"buy": 1, "sell": -1}[fields["side"]],
            Decimal(fields["qty"]),
            Decimal(fields["limit_price"]),
            rests={"gtc": True, "ioc": False}[fields["time_in_force"]],
            replaces=replaces,
        )

    def _open(self, query):
        wanted = query["symbols"].split(",")
        after = instant(query["after"]) if "after" in query else 0
        found = [each for each in self.account.open_orders() if each.symbol in wanted and each.at_ns > after]
        return [self.order(each) for each in found][: min(int(query["limit"]), self.most_orders)]

    def _activities(self, query):
        after = instant(query["after"])
        found = [self.fill(each) for each in self.account.visible(self.account.fills) if each.at_ns > after]
        token = query.get("page_token", "")
        return [each for each in found if each["id"] > token][: int(query["page_size"])]

    def _position(self, held):
        name, lots = held
        return {"symbol": name, "qty": plain(lots), "side": "long" if lots > 0 else "short", "asset_class": "us_equity"}


def _bytes(told):
    return json.dumps(told).encode()
