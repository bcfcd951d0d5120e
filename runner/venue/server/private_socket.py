"""The private stream's socket; what it says is in `trading_words`."""

import asyncio
import json

from aiohttp import WSMsgType, web

from runner.venue.server.fault_plan import FaultKind
from runner.venue.server.outbox import Outbox
from runner.venue.server.parts import Parts
from runner.venue.server.private import PrivateClient
from runner.venue.server.words import line

__all__ = ["private_socket"]

LONGEST_MESSAGE = 4 * 1024
MOST_CONNECTIONS = 16


async def private_socket(request: web.Request) -> web.StreamResponse:
    """Serve one connection until it ends."""
    parts = request.app[Parts.KEY]
    is_full = len(parts.private.clients) >= MOST_CONNECTIONS
    if is_full or parts.chances.strikes(FaultKind.PRIVATE_REFUSED):
        return web.json_response({"code": 5001, "message": "unavailable", "data": None}, status=503)
    socket = web.WebSocketResponse(max_msg_size=LONGEST_MESSAGE, compress=False)
    await socket.prepare(request)
    outbox = Outbox(socket, request, parts.settings.most_waiting, parts.data_latency)
    client = PrivateClient(outbox, parts.clocks, parts.chances)
    parts.private.join(client)
    sending = asyncio.create_task(outbox.run(), name="private stream")
    try:
        async for received in socket:
            if received.type is WSMsgType.TEXT and _is_ping(received.data):
                parts.private.ping(client)
            else:
                outbox.put(line({"type": "error", "code": 2001, "message": "Invalid message format"}))
    finally:
        parts.private.leave(client)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return socket


def _is_ping(text: str) -> bool:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("cmd") == "ping"
