"""A fake venue that speaks TickDB's trading dialect, from the words of the embedded venue."""

import json
from decimal import Decimal
from typing import ClassVar

from tests.canary import CANARY
from tests.fake_venues.account import FakeAccount, RefusedError, plain
from tests.fake_venues.wire import reply

KEY = f"t1ckdb-{CANARY}&2"
REFUSALS = {
    "funds": (403, 7005),
    "duplicate": (409, 7006),
    "expired": (400, "7002"),
    "malformed": (400, 7001),
    "unknown": (404, "7007"),
    "not_open": (409, 7008),
}
MARKET_BEHIND = 86_400 * 10**9
"""The tape is of the day before."""


class FakeTickdb:
    kind = "tickdb"
    environment: ClassVar = {"CANARY": KEY}
    options: ClassVar = {"key_env": "CANARY"}
    symbols = ("AAPL.US", "BTCUSDT")
    heartbeat = b'{"type":"heartbeat","market_ns":5,"gateway_ns":6}'
    page = 3

    def __init__(self, now_ns):
        steps = {"AAPL.US": (Decimal("0.01"), Decimal(1)), "BTCUSDT": (Decimal("0.1"), Decimal("0.00001"))}
        self.account = FakeAccount(now_ns, steps, fee=Decimal("0.015"))
        self.next_reply = None

    def answer(self, ask):
        if self.next_reply is not None:
            told, self.next_reply = self.next_reply, None
            return told
        if ask.headers.get("x-api-key") != KEY:
            return reply(401, {"code": 1001, "message": f"bad key {ask.headers.get('x-api-key')}", "data": None})
        _, _, room, word, *rest = f"/{ask.path}".split("/")
        try:
            told = getattr(self, f"_{word}")(ask, *rest) if room == "v1" and word != "trade" else self._trade(ask, *rest)
        except RefusedError as refusal:
            status, code = REFUSALS[str(refusal)]
            return reply(status, {"code": code, "message": str(refusal), "data": None})
        return reply(200, {"code": 0, "message": "success", "data": told})

    def limited(self, seconds):
        return reply(429, {"code": 3001, "message": "Rate limit exceeded"}, retry_after=str(seconds))

    def banned(self):
        return reply(401, {"code": 1001, "message": "invalid key", "data": None})

    def opened(self, headers):
        return 200 if dict(headers).get("X-API-Key") == KEY else 401

    def greet(self, text):
        return [b'{"type":"pong","market_ns":1,"gateway_ns":2}'] if json.loads(text) == {"cmd": "ping"} else []

    def frames(self, what, order, fill):
        told = [{"type": "order", "order": self.order(order)}]
        if what == "fill":
            told.insert(0, {"type": "fill", "fill": self.fill(fill)})
        return [json.dumps(each).encode() for each in told]

    def order(self, order):
        return {
            "order_id": order.venue_id,
            "client_order_id": order.coid,
            "symbol": order.symbol,
            "side": "buy" if order.side > 0 else "sell",
            "type": "limit",
            "time_in_force": "gtc" if order.rests else "ioc",
            "quantity": plain(order.quantity),
            "price": plain(order.price),
            "filled": plain(order.filled),
            "status": order.status,
            "at_ns": order.at_ns - MARKET_BEHIND,
            "gateway_ns": order.at_ns,
        }

    def fill(self, fill):
        order = fill.order
        return {
            "exec_id": f"e-{fill.number}",
            "order_id": order.venue_id,
            "client_order_id": order.coid,
            "symbol": order.symbol,
            "side": "buy" if order.side > 0 else "sell",
            "quantity": plain(fill.quantity),
            "price": plain(fill.price),
            "fee": plain(fill.fee),
            "fee_currency": self.account.fee_asset,
            "at_ns": fill.at_ns - MARKET_BEHIND,
            "gateway_ns": fill.at_ns,
        }

    def _time(self, _):
        now = self.account.now_ns()
        return {"market_ns": now - MARKET_BEHIND, "gateway_ns": now, "is_over": False}

    def _trade(self, ask, verb, *rest):
        return getattr(self, f"_{verb}")(ask, *rest)

    def _place(self, ask):
        fields = ask.json
        if fields["clock"] != "gateway" or fields["type"] != "limit":
            raise RefusedError("malformed")
        if self.account.now_ns() - int(fields["sent_at_ns"]) > min(int(fields["valid_ns"]), 5 * 10**9):
            raise RefusedError("expired")
        placed = self.account.place(
            fields["client_order_id"],
            fields["symbol"],
            {"buy": 1, "sell": -1}[fields["side"]],
            Decimal(fields["quantity"]),
            Decimal(fields["price"]),
            rests={"gtc": True, "ioc": False}[fields["time_in_force"]],
        )
        return self.order(placed)

    def _named(self, ask, name):
        by_client = ask.query.get("by") == "client_order_id"
        found = [each for each in self.account.orders if name == (each.coid if by_client else each.venue_id)]
        return found[-1] if found else None

    def _cancel(self, ask, name):
        return self.order(self.account.cancel(self._named(ask, name)))

    def _by_client_id(self, ask):
        found = self.account.by_coid(ask.query["client_order_id"])
        if found is None:
            raise RefusedError("unknown")
        return {"orders": [self.order(found)]}

    def _open(self, ask):
        return self._paged("orders", [self.order(each) for each in self.account.open_orders()], ask)

    def _fills(self, ask):
        if ask.query["clock"] != "gateway":
            raise RefusedError("malformed")
        since = int(ask.query["since_ns"])
        found = [each for each in self.account.visible(self.account.fills) if each.at_ns >= since]
        return self._paged("fills", [self.fill(each) for each in found], ask)

    def _positions(self, ask):
        held = [{"symbol": name, "quantity": plain(lots)} for name, lots in self.account.held.items() if lots]
        return self._paged("positions", held, ask)

    def _account(self, _):
        cash = [{"currency": name, "amount": plain(amount)} for name, amount in self.account.cash.items()]
        return {"balances": cash, "equity": "0"}

    def _instruments(self, _):
        steps = self.account.steps.items()
        return {
            "instruments": [
                {"symbol": name, "tick": plain(tick), "lot": plain(lot), "currency": "USD"} for name, (tick, lot) in steps
            ]
        }

    def _paged(self, name, found, ask):
        first = int(ask.query.get("page", 0))
        following = str(first + self.page) if first + self.page < len(found) else None
        return {name: found[first : first + self.page], "next": following}
