"""A fake venue on a socket of this machine: its REST side and its private stream, with faults a test may ask for."""

import asyncio
from collections import deque
from contextlib import asynccontextmanager

from aiohttp import WSMsgType, web

from tests.fake_venues.wire import asked


class Served:
    """One fake venue behind one port."""

    def __init__(self, venue):
        self.venue = venue
        self.faults = deque()
        """What becomes of the next new orders: "after" answers 502, "cut" closes without a word; both were taken."""
        self.asked = []
        self.sockets = set()
        self.address = ""
        self.is_deaf = False
        venue.account.told.append(self._tell)

    async def answer(self, request):
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._stream(request)
        headers = list(request.headers.items())
        ask = asked(request.method, request.raw_path, headers, await request.read())
        self.asked.append((ask.method, ask.path))
        told = self.venue.answer(ask)
        fault = self.faults.popleft() if self.faults and ask.method in {"POST", "PATCH"} else None
        if fault == "cut":
            request.transport.close()
        status, body = (502, b"bad gateway") if fault == "after" else (told.status, told.body)
        return web.Response(status=status, body=body, headers=dict(told.headers))

    async def _stream(self, request):
        status = self.venue.opened(request.headers.items())
        if status != 200:
            return web.Response(status=status)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.add(socket)
        beating = asyncio.create_task(self._beat(socket))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    for frame in self.venue.greet(message.data):
                        await socket.send_bytes(frame)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            self.sockets.discard(socket)
        return socket

    async def _beat(self, socket):
        while self.venue.heartbeat:
            await socket.send_bytes(self.venue.heartbeat)
            await asyncio.sleep(0.5)

    def _tell(self, what, order, fill):
        if not self.is_deaf:
            for socket in tuple(self.sockets):
                self._telling = asyncio.gather(*(socket.send_bytes(frame) for frame in self.venue.frames(what, order, fill)))


@asynccontextmanager
async def serving(venue):
    """Serve a fake venue on a free port of this machine."""
    served = Served(venue)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", served.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield served
    finally:
        await runner.cleanup()
