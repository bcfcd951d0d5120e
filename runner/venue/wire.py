"""The exchange's side of the plain dialect: bytes in, bytes out. `runner.live.brokers.plain` says what the words mean.

It is written from that description and shares no code with the adapter that reads it.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from runner.live.ports import Request, Response
from runner.venue.book import OrderStatus, VenueFill, VenueOrder
from runner.venue.exchange import EPOCH_NS, Exchange, Placement, Refused
from runner.venue.rules import ATOM, CURRENCY

__all__ = ["Wire"]

SIDES = {"buy": 1, "sell": -1}
STATUS_WORDS = {OrderStatus.WORKING: "open", OrderStatus.PARTIAL: "open"}
PLACEMENTS = {"/v1/orders", "/v1/orders/replace"}

Numbered = TypeVar("Numbered", VenueOrder, VenueFill)


class Wire:
    """Reads requests and writes answers and frames for one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        """Speak for an exchange."""
        self._exchange = exchange
        self._answers = {
            ("POST", "/v1/orders"): self._place,
            ("DELETE", "/v1/orders"): self._cancel,
            ("POST", "/v1/orders/replace"): self._replace,
            ("GET", "/v1/orders/by_id"): self._by_id,
            ("GET", "/v1/orders"): self._open_orders,
            ("GET", "/v1/fills"): self._fills,
            ("GET", "/v1/positions"): self._positions,
            ("GET", "/v1/balances"): self._balances,
            ("GET", "/v1/time"): self._time,
            ("POST", "/v1/dead_man"): self._dead_man,
        }

    def answer(self, request: Request) -> Response:
        """Carry out a request and return what the exchange says."""
        fields = dict(request.fields)
        known = self._answers.get((request.method, request.path))
        try:
            if known is None:
                raise Refused(404, "no_such_path")  # noqa: TRY301 - told like the other refusals
            self._exchange.admit(is_placement=request.method == "POST" and request.path in PLACEMENTS)
            return known(fields, request.intent)
        except Refused as refusal:
            headers = () if refusal.seconds is None else (("retry-after", str(refusal.seconds)),)
            return _response(refusal.status, {"code": refusal.code, "message": "refused"}, headers)
        except (KeyError, ValueError, ArithmeticError):
            return _response(400, {"code": "bad_order", "message": "unreadable"})

    def order_frame(self, order: VenueOrder) -> bytes:
        """Return the frame of an order's change."""
        return _bytes({"type": "order", "order": self._order(order)})

    def fill_frame(self, fill: VenueFill) -> bytes:
        """Return the frame of an execution."""
        return _bytes({"type": "fill", "fill": self._fill(fill)})

    def bust_frame(self, fill: VenueFill) -> bytes:
        """Return the frame that takes an execution back."""
        return _bytes({"type": "bust", "exec_id": fill.execution_id})

    def heartbeat_frame(self) -> bytes:
        """Return the frame that says nothing."""
        return b'{"type": "heartbeat"}'

    def _place(self, fields: Mapping[str, str], intent: int) -> Response:
        return _response(200, self._order(self._exchange.place(self._placement(fields, intent))))

    def _cancel(self, fields: Mapping[str, str], _: int) -> Response:
        order = self._named(fields)
        if order is None:
            raise Refused(404, "order_not_found")
        return _response(200, self._order(self._exchange.cancel(order)))

    def _replace(self, fields: Mapping[str, str], intent: int) -> Response:
        asked = self._placement(fields, intent)
        self._exchange.check_age(asked.sent_at_ns, asked.valid_ns)
        old = self._named({"client_order_id": fields["replaces"]})
        if old is None or not old.is_open:
            code = "order_not_found" if old is None else "not_open"
            return _response(409, {"old": {"code": code}, "new": {"code": "not_attempted"}})
        done = self._exchange.replace(old, asked)
        new = {"code": done.code} if isinstance(done, Refused) else self._order(done)
        return _response(409 if isinstance(done, Refused) else 200, {"old": self._order(old), "new": new})

    def _by_id(self, fields: Mapping[str, str], _: int) -> Response:
        orders = self._exchange.under_client_id(fields["client_order_id"])
        if not orders:
            raise Refused(404, "order_not_found")
        return _response(200, {"orders": [self._order(order) for order in orders]})

    def _open_orders(self, fields: Mapping[str, str], _: int) -> Response:
        orders = sorted(filter(self._exchange.visible, self._exchange.open_orders()), key=lambda order: order.number)
        page, following = self._page(orders, fields)
        return _response(200, {"orders": [self._order(order) for order in page], "next": following})

    def _fills(self, fields: Mapping[str, str], _: int) -> Response:
        since = int(fields["since_ns"]) - EPOCH_NS
        fills = [
            fill for fill in self._exchange.fills if fill.at >= since and fill.quantity and self._exchange.visible(fill)
        ]
        page, following = self._page(fills, fields)
        return _response(200, {"fills": [self._fill(fill) for fill in page], "next": following})

    def _positions(self, fields: Mapping[str, str], _: int) -> Response:
        most = self._exchange.rules.page
        first = int(fields.get("page", "0"))
        held = [
            {"symbol": symbol, "quantity": _text(lots, self._exchange.instrument(symbol).lot)}
            for symbol, lots in self._exchange.positions.items()
            if lots
        ]
        following = str(first + most) if first + most < len(held) else None
        return _response(200, {"positions": held[first : first + most], "next": following})

    def _balances(self, fields: Mapping[str, str], _: int) -> Response:
        del fields
        amount = _text(self._exchange.cash, ATOM)
        return _response(200, {"balances": [{"currency": CURRENCY, "amount": amount}], "next": None})

    def _time(self, fields: Mapping[str, str], _: int) -> Response:
        del fields
        return _response(200, {"now_ns": str(self._exchange.utc_ns())})

    def _dead_man(self, fields: Mapping[str, str], _: int) -> Response:
        self._exchange.hold_dead_man(int(fields["after_ns"]))
        return _response(200, {})

    def _named(self, fields: Mapping[str, str]) -> VenueOrder | None:
        """Return the order a request means, None if queries don't know it: of several under one id the newest open one."""
        if "order_id" in fields:
            found = self._exchange.orders.get(fields["order_id"])
            return found if found is not None and self._exchange.visible(found) else None
        orders = self._exchange.under_client_id(fields["client_order_id"])
        candidates = [order for order in orders if order.is_open] or orders
        return candidates[-1] if candidates else None

    def _placement(self, fields: Mapping[str, str], intent: int) -> Placement:
        instrument = self._exchange.instrument(fields["symbol"])
        valid = fields.get("valid_ns")
        quantity = _units(fields["quantity"], instrument.lot)
        price = _units(fields["price"], instrument.tick)
        if quantity <= 0 or price <= 0:
            raise Refused(400, "bad_order")
        return Placement(
            client_id=fields["client_order_id"],
            symbol=instrument.symbol,
            side=SIDES[fields["side"]],
            quantity=quantity,
            price=price,
            at_once={"gtc": False, "ioc": True}[fields["time_in_force"]],
            sent_at_ns=int(fields["sent_at_ns"]),
            valid_ns=None if valid is None else int(valid),
            intent=intent,
        )

    def _page(self, things: Iterable[Numbered], fields: Mapping[str, str]) -> tuple[list[Numbered], str | None]:
        """Return one page; the next begins after the last number given, so what becomes visible later shifts nothing."""
        after = int(fields.get("page", "0"))
        rest = [thing for thing in things if thing.number > after]
        most = self._exchange.rules.page
        return rest[:most], str(rest[most - 1].number) if len(rest) > most else None

    def _order(self, order: VenueOrder) -> dict[str, Any]:
        instrument = self._exchange.instrument(order.symbol)
        return {
            "order_id": order.order_id,
            "client_order_id": order.client_id,
            "symbol": order.symbol,
            "side": "buy" if order.side > 0 else "sell",
            "quantity": _text(order.quantity, instrument.lot),
            "price": _text(order.price, instrument.tick),
            "filled": _text(order.filled, instrument.lot),
            "status": STATUS_WORDS.get(order.status, order.status),
        }

    def _fill(self, fill: VenueFill) -> dict[str, Any]:
        order = fill.order
        instrument = self._exchange.instrument(order.symbol)
        return {
            "exec_id": fill.execution_id,
            "order_id": order.order_id,
            "client_order_id": order.client_id,
            "symbol": order.symbol,
            "side": "buy" if order.side > 0 else "sell",
            "quantity": _text(fill.quantity, instrument.lot),
            "price": _text(fill.price, instrument.tick),
            "fee": _text(fill.fee, ATOM),
            "fee_currency": CURRENCY,
            "at_ns": str(EPOCH_NS + fill.at),
        }


def _text(count: int, unit: Decimal) -> str:
    return f"{count * unit:f}"


def _units(text: str, unit: Decimal) -> int:
    count = Decimal(text) / unit
    if count != int(count):
        raise Refused(400, "bad_order")
    return int(count)


def _bytes(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()


def _response(status: int, told: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()) -> Response:
    return Response(status, _bytes(told), headers)
