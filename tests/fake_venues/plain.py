"""A fake venue that speaks the plain dialect."""

import json
from decimal import Decimal
from typing import ClassVar

from tests.canary import CANARY
from tests.fake_venues.account import FakeAccount, RefusedError, plain
from tests.fake_venues.wire import reply

KEY = f"pl41n-{CANARY}+1"
REFUSALS = {
    "funds": (403, "insufficient_funds"),
    "duplicate": (409, "duplicate_id"),
    "expired": (400, "request_expired"),
    "malformed": (400, "bad_order"),
    "unknown": (404, "order_not_found"),
    "not_open": (409, "not_open"),
}


class FakePlain:
    kind = "simulated"
    environment: ClassVar = {"CANARY": KEY}
    options: ClassVar = {"key_env": "CANARY"}
    symbols = ("ABC", "XYZ")
    heartbeat = b'{"type": "heartbeat"}'
    page = 3

    def __init__(self, now_ns):
        steps = {"ABC": (Decimal("0.5"), Decimal("0.25")), "XYZ": (Decimal("0.01"), Decimal(1))}
        self.account = FakeAccount(now_ns, steps, fee=Decimal("0.07"))
        self.next_reply = None

    def answer(self, ask):
        if self.next_reply is not None:
            told, self.next_reply = self.next_reply, None
            return told
        if ask.headers.get("x-api-key") != KEY:
            return reply(401, {"code": "bad_key", "seen": ask.headers.get("x-api-key")})
        fields = ask.json if ask.method == "POST" else ask.query
        routes = {
            ("POST", "/v1/orders"): self._place,
            ("DELETE", "/v1/orders"): self._cancel,
            ("POST", "/v1/orders/replace"): self._replace,
            ("GET", "/v1/orders/by_id"): self._by_id,
            ("GET", "/v1/orders"): self._open,
            ("GET", "/v1/fills"): self._fills,
            ("GET", "/v1/positions"): self._positions,
            ("GET", "/v1/balances"): self._balances,
            ("GET", "/v1/time"): self._time,
        }
        try:
            return reply(200, routes[ask.method, ask.path](fields))
        except RefusedError as refusal:
            status, code = REFUSALS[str(refusal)]
            return reply(status, {"code": code})
        except _HalvesError as halves:
            return reply(409, halves.told)

    def limited(self, seconds):
        return reply(429, {"code": "rate_limited"}, retry_after=str(seconds))

    def banned(self):
        return reply(418, {"code": "banned"}, retry_after="60")

    def opened(self, headers):
        return 200 if dict(headers).get("X-API-Key") == KEY else 401

    def greet(self, _):
        return []

    def frames(self, what, order, fill):
        if what == "fill":
            return [_bytes({"type": "fill", "fill": self.fill(fill)}), _bytes({"type": "order", "order": self.order(order)})]
        return [_bytes({"type": "order", "order": self.order(order)})]

    def order(self, order):
        return {
            "order_id": order.venue_id,
            "client_order_id": order.coid,
            "symbol": order.symbol,
            "side": "buy" if order.side > 0 else "sell",
            "quantity": plain(order.quantity),
            "price": plain(order.price),
            "filled": plain(order.filled),
            "status": order.status,
        }

    def fill(self, fill):
        order = fill.order
        return {
            "exec_id": f"x{fill.number}",
            "order_id": order.venue_id,
            "client_order_id": order.coid,
            "symbol": order.symbol,
            "side": "buy" if order.side > 0 else "sell",
            "quantity": plain(fill.quantity),
            "price": plain(fill.price),
            "fee": plain(fill.fee),
            "fee_currency": self.account.fee_asset,
            "at_ns": str(fill.at_ns),
        }

    def _place(self, fields):
        self._expect_young(fields)
        return self.order(self._placed(fields))

    def _expect_young(self, fields):
        if self.account.now_ns() - int(fields["sent_at_ns"]) > int(fields["valid_ns"]):
            raise RefusedError("expired")

    def _placed(self, fields, replaces=None):
        return self.account.place(
            fields["client_order_id"],
            fields["symbol"],
            {"buy": 1, "sell": -1}[fields["side"]],
            Decimal(fields["quantity"]),
            Decimal(fields["price"]),
            rests={"gtc": True, "ioc": False}[fields["time_in_force"]],
            replaces=replaces,
        )

    def _named(self, fields):
        if "order_id" in fields:
            return self.account.by_venue_id(fields["order_id"])
        return self.account.by_coid(fields["client_order_id"])

    def _cancel(self, fields):
        return self.order(self.account.cancel(self._named(fields)))

    def _replace(self, fields):
        old = self.account.by_coid(fields["replaces"])
        if old is None or not old.is_open:
            code = "order_not_found" if old is None else "not_open"
            raise _HalvesError({"old": {"code": code}, "new": {"code": "not_attempted"}})
        self.account.cancel(old)
        try:
            new = self._placed(fields)
        except RefusedError as refusal:
            raise _HalvesError({"old": self.order(old), "new": {"code": REFUSALS[str(refusal)][1]}}) from None
        return {"old": self.order(old), "new": self.order(new)}

    def _by_id(self, fields):
        found = self.account.by_coid(fields["client_order_id"])
        if found is None:
            raise RefusedError("unknown")
        return {"orders": [self.order(found)]}

    def _open(self, fields):
        return self._paged("orders", [self.order(each) for each in self.account.open_orders()], fields)

    def _fills(self, fields):
        found = [each for each in self.account.visible(self.account.fills) if each.at_ns >= int(fields["since_ns"])]
        return self._paged("fills", [self.fill(each) for each in found], fields)

    def _positions(self, fields):
        held = [{"symbol": name, "quantity": plain(lots)} for name, lots in self.account.held.items() if lots]
        return self._paged("positions", held, fields)

    def _balances(self, fields):
        cash = [{"currency": name, "amount": plain(amount)} for name, amount in self.account.cash.items()]
        return self._paged("balances", cash, fields)

    def _time(self, _):
        return {"now_ns": str(self.account.now_ns())}

    def _paged(self, name, found, fields):
        first = int(fields.get("page", 0))
        following = str(first + self.page) if first + self.page < len(found) else None
        return {name: found[first : first + self.page], "next": following}


class _HalvesError(Exception):
    def __init__(self, told):
        self.told = told


def _bytes(told):
    return json.dumps(told).encode()
