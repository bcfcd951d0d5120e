"""The market data socket: TickDB's dialect at `/v1/realtime`, the article's at `/v1/market/stream`.

    {"cmd": "subscribe", "data": {"channel", "symbols", ["type"]}}    documented; unsubscribe alike
    {"method": "subscribe", "params": {"channels": [...]}, "id"}      the article's; the symbol is in the address
    {"cmd": "ping"}                                                   both

Whatever else comes is answered `{"cmd": "error", "code": 2001, …}`. A subscription is acknowledged, then comes a snapshot of
what is known, then what happens.
"""

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from runner.market.tickdb.settings import Dialect
from runner.venue.server.fault_plan import FaultKind
from runner.venue.server.hub import Client, Subscription
from runner.venue.server.outbox import Outbox
from runner.venue.server.parts import Parts
from runner.venue.server.words import CHANNELS, Channel, book_data, ticker_data

__all__ = ["article_socket", "market_socket"]

LONGEST_MESSAGE = 64 * 1024
MOST_SYMBOLS = 5_000
MOST_CONNECTIONS = 64
BAD: dict[str, Any] = {"cmd": "error", "code": 2001, "message": "Invalid message format", "data": None}
GOING_AWAY = 1001
COMMANDS = ("subscribe", "unsubscribe")
"""A tuple: what is compared may be of a type that a set can't look up."""


async def market_socket(request: web.Request) -> web.StreamResponse:
    """Serve the documented dialect."""
    return await _serve(request, "tickdb_v1")


async def article_socket(request: web.Request) -> web.StreamResponse:
    """Serve the article's dialect."""
    return await _serve(request, "article")


async def _serve(request: web.Request, dialect: Dialect) -> web.StreamResponse:
    parts = request.app[Parts.KEY]
    refusal = _refusal(parts)
    if refusal is not None:
        return refusal
    socket = web.WebSocketResponse(max_msg_size=LONGEST_MESSAGE, compress=False)
    await socket.prepare(request)
    outbox = Outbox(socket, request, parts.settings.most_waiting, parts.data_latency)
    client = Client(outbox, dialect, parts.clock, parts.chances)
    parts.hub.join(client)
    sending = asyncio.create_task(outbox.run(), name="market data")
    try:
        async for received in socket:
            if received.type is WSMsgType.TEXT:
                _hear(parts, client, request, received.data)
            else:
                client.say(BAD)
            if parts.chances.strikes(FaultKind.CLOSE_GOING_AWAY):
                await socket.close(code=GOING_AWAY)
    finally:
        parts.hub.leave(client)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return socket


def _refusal(parts: Parts) -> web.Response | None:
    if parts.chances.strikes(FaultKind.UPGRADE_401):
        return web.json_response({"code": "INVALID_TOKEN", "message": "Invalid or expired token", "data": None}, status=401)
    if parts.chances.strikes(FaultKind.UPGRADE_429) or len(parts.hub.clients) >= MOST_CONNECTIONS:
        body = {"code": 3003, "message": "Too many connections", "data": None}
        return web.json_response(body, status=429, headers={"Retry-After": "1"})
    return None


def _hear(parts: Parts, client: Client, request: web.Request, text: str) -> None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        client.say(BAD)
        return
    if not isinstance(said, dict):
        client.say(BAD)
    elif said.get("cmd") == "ping":
        parts.steps.ping(client.listener)
    elif client.dialect == "article":
        _article(parts, client, request, said)
    else:
        _documented(parts, client, said)


def _article(parts: Parts, client: Client, request: web.Request, said: dict[str, Any]) -> None:
    params, code = said.get("params"), parts.stage.code_of(request.query.get("symbol", ""))
    channels: list[Channel] = (params.get("channels") if isinstance(params, dict) else None) or []
    if said.get("method") not in COMMANDS or not _are_channels(channels) or code is None:
        client.say(BAD)
        return
    symbol = parts.stage.score.symbols[code]
    wanted: list[Subscription] = [(channel, symbol) for channel in channels]
    _change(parts, client, wanted, {"id": said.get("id"), "result": None}, is_more=said["method"] == "subscribe")


def _documented(parts: Parts, client: Client, said: dict[str, Any]) -> None:
    found, command = said.get("data"), said.get("cmd")
    data: dict[str, Any] = found if isinstance(found, dict) else {}
    symbols: list[str] = data.get("symbols") or []
    channel: Channel = data.get("channel") or "ticker"
    if command not in COMMANDS or not _are_channels([data.get("channel")]) or not _are_symbols(symbols):
        client.say(BAD)
        return
    if not _is_told(parts, channel):
        client.say(_answer(command, 4005, "channel not in plan", {"channel": channel, "symbols": symbols}))
        return
    failed = [symbol for symbol in symbols if parts.stage.code_of(symbol) is None]
    if not failed and command == "subscribe" and parts.chances.strikes(FaultKind.PARTIAL):
        failed = symbols[-1:]
    live = [symbol for symbol in symbols if symbol not in failed]
    if not live:
        client.say(_answer(command, 2002, "symbol not found", {"channel": channel, "failed_symbols": failed}))
        return
    told: dict[str, Any] = {"channel": channel, "symbols": live}
    if failed:
        told |= {"failed_symbols": failed, "retryable_symbols": failed, "retryable": True}
    answer = _answer(command, 5004 if failed else 0, "partial failure" if failed else "success", told)
    known = [parts.stage.code_of(symbol) for symbol in live]
    wanted: list[Subscription] = [(channel, parts.stage.score.symbols[code]) for code in known if code is not None]
    _change(parts, client, wanted, answer, is_more=command == "subscribe")


def _change(parts: Parts, client: Client, wanted: list[Subscription], answer: dict[str, Any], *, is_more: bool) -> None:
    """Change the subscriptions, acknowledge that, and show what is known."""
    strikes = parts.chances.strikes
    if not is_more:
        client.subscriptions.difference_update(wanted)
        client.say(answer)
        return
    parts.hub.subscribe(client, wanted)
    comes_after = strikes(FaultKind.ACK_AFTER_DATA)
    if comes_after:
        _show(parts, client, wanted)
    if not strikes(FaultKind.ACK_LOST):
        client.say(answer, parts.chances.delay if strikes(FaultKind.ACK_LATE) else 0.0)
    if not comes_after:
        _show(parts, client, wanted)


def _show(parts: Parts, client: Client, wanted: list[Subscription]) -> None:
    """Tell the snapshots; trades have none."""
    stage = parts.stage
    for channel, symbol in wanted:
        code = stage.score.symbols.index(symbol)
        book, last = stage.book(code), stage.last(code)
        if channel == "depth" and book is not None:
            client.tell("depth", book_data(symbol, book, client.dialect))
        elif channel == "ticker" and last is not None:
            client.tell("ticker", ticker_data(symbol, last, stage.day(code), book))


def _is_told(parts: Parts, channel: Channel) -> bool:
    return parts.stage.has_books if channel == "depth" else parts.stage.score.trades is not None


def _are_channels(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) and each in CHANNELS for each in value)


def _are_symbols(value: Any) -> bool:
    is_list = isinstance(value, list) and 0 < len(value) <= MOST_SYMBOLS
    return is_list and all(isinstance(each, str) for each in value)


def _answer(command: str, code: int, text: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"cmd": command, "code": code, "message": text, "data": data}
