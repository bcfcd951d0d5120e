"""The trading API by REST; what it says is in `trading_words`."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from runner.venue.server.answers import Refusal, failure, success
from runner.venue.server.broker import Broker, Refused
from runner.venue.server.fault_plan import FaultKind
from runner.venue.server.parts import Parts
from runner.venue.server.trading_words import BAD_ORDER, UNKNOWN_ORDER

__all__ = ["ROUTES"]


async def place(request: web.Request) -> web.Response:
    """Take an order, or do what the fault plan makes of that."""
    parts = request.app[Parts.KEY]
    fields = await _fields(request)
    if parts.chances.strikes(FaultKind.ORDER_SLOW):
        await asyncio.sleep(parts.chances.delay)
    before = (FaultKind.ORDER_CUT_BEFORE, FaultKind.ORDER_429_BEFORE, FaultKind.ORDER_ERROR_BEFORE)
    wrong = _wrong(request, parts, before)
    if wrong is not None:
        return wrong
    answer = _answered(parts.broker, lambda broker: broker.place(fields))
    after = (FaultKind.ORDER_CUT_AFTER, FaultKind.ORDER_429_AFTER, FaultKind.ORDER_ERROR_AFTER)
    return _wrong(request, parts, after) or answer


async def cancel(request: web.Request) -> web.Response:
    """Cancel an order."""
    name, by = request.match_info["id"], request.query.get("by")
    return _answered(request.app[Parts.KEY].broker, lambda broker: broker.cancel(name, by))


async def status(request: web.Request) -> web.Response:
    """Tell about one order."""
    name, by = request.match_info["id"], request.query.get("by")
    return _answered(request.app[Parts.KEY].broker, lambda broker: broker.status(name, by))


async def by_client_id(request: web.Request) -> web.Response:
    """Tell about the orders of a client's id: one, for ids are unique."""
    name = request.query.get("client_order_id")
    if not name:
        raise Refusal(*UNKNOWN_ORDER)
    return _answered(request.app[Parts.KEY].broker, lambda broker: {"orders": [broker.status(name, "client_order_id")]})


async def open_orders(request: web.Request) -> web.Response:
    """Tell the open orders."""
    return _answered(request.app[Parts.KEY].broker, lambda broker: broker.open_orders(request.query.get("page")))


async def fills(request: web.Request) -> web.Response:
    """Tell the executions since a time."""
    asked = (request.query.get(name) for name in ("since_ns", "clock", "page"))
    return _answered(request.app[Parts.KEY].broker, lambda broker: broker.fills(*asked))


async def positions(request: web.Request) -> web.Response:
    """Tell what is held."""
    return _answered(request.app[Parts.KEY].broker, lambda broker: broker.positions(request.query.get("page")))


async def account(request: web.Request) -> web.Response:
    """Tell the cash."""
    return _answered(request.app[Parts.KEY].broker, Broker.funds)


async def instruments(request: web.Request) -> web.Response:
    """Tell what can be traded."""
    return _answered(request.app[Parts.KEY].broker, Broker.instruments)


async def now(request: web.Request) -> web.Response:
    """Tell the time by both clocks."""
    parts = request.app[Parts.KEY]
    clocks = parts.clocks
    return success({"market_ns": clocks.market_ns(), "gateway_ns": clocks.gateway_ns(), "is_over": parts.is_over})


ROUTES = (
    web.post("/v1/trade/place", place),
    web.delete("/v1/trade/cancel/{id}", cancel),
    web.get("/v1/trade/status/{id}", status),
    web.get("/v1/trade/by_client_id", by_client_id),
    web.get("/v1/trade/open", open_orders),
    web.get("/v1/trade/fills", fills),
    web.get("/v1/trade/positions", positions),
    web.get("/v1/trade/account", account),
    web.get("/v1/trade/instruments", instruments),
    web.get("/v1/time", now),
)


async def _fields(request: web.Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Refusal(*BAD_ORDER) from None
    if not isinstance(found, dict):
        raise Refusal(*BAD_ORDER)
    return found


def _answered(broker: Broker, ask: Callable[[Broker], dict[str, Any]]) -> web.Response:
    try:
        return success(ask(broker))
    except Refused as refusal:
        status, code, text = refusal.code
        raise Refusal(status, code, f"{text}: {refusal.detail}" if refusal.detail else text) from None


def _wrong(request: web.Request, parts: Parts, kinds: tuple[FaultKind, FaultKind, FaultKind]) -> web.Response | None:
    """Break the connection, ask for patience or fail, if one of these three kinds strikes."""
    cut, too_many, error = kinds
    strikes = parts.chances.strikes
    if strikes(cut):
        if request.transport is not None:
            request.transport.abort()
        return failure(503, 5001, "nobody hears this")
    if strikes(too_many):
        return failure(429, 3001, "Rate limit exceeded", retry_after=1)
    return failure(503, 5001, "unavailable") if strikes(error) else None
