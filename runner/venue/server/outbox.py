"""What waits to leave on one connection: in order, as late as the network makes it, and never without bound."""

import asyncio
from collections import deque
from collections.abc import Callable

from aiohttp import web

__all__ = ["Outbox"]


class Outbox:
    """The way out of one WebSocket."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, most: int, latency: Callable[[], float]) -> None:
        """Take the socket, how many messages may wait, and what draws the seconds that each is under way."""
        self.is_open = True
        self.is_dropped = False
        """Whether the connection was broken because too much waited."""
        self._socket = socket
        self._request = request
        self._most = most
        self._latency = latency
        self._waiting: deque[tuple[float, str]] = deque()
        self._arrived = asyncio.Event()
        self._left = asyncio.Event()
        self._last_due = 0.0

    def put(self, text: str, later: float = 0.0) -> None:
        """Send a message after all before it, so many seconds later than they."""
        if not self.is_open:
            return
        if len(self._waiting) >= self._most:
            self.is_dropped = True
            self.break_off()
            return
        seconds = self._latency() + later
        self._last_due = max(self._last_due, asyncio.get_running_loop().time() + seconds if seconds else 0.0)
        self._waiting.append((self._last_due, text))
        self._arrived.set()

    def break_off(self) -> None:
        """Break the connection without a word."""
        self.is_open = False
        self._waiting.clear()
        self._arrived.set()
        self._left.set()
        if self._request.transport is not None:
            self._request.transport.abort()

    @property
    def is_waiting(self) -> bool:
        """Whether anything has still to leave."""
        return self.is_open and bool(self._waiting)

    async def emptied(self) -> None:
        """Return when everything has left, or can't any more."""
        while self.is_open and self._waiting:
            self._left.clear()
            await self._left.wait()

    async def run(self) -> None:
        """Send until the connection ends."""
        loop = asyncio.get_running_loop()
        while self.is_open:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            due, text = self._waiting[0]
            wait = due - loop.time() if due else 0.0
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                await self._socket.send_str(text)
            except (ConnectionError, RuntimeError):
                # The peer is gone, or closing; whoever reads the socket ends it.
                self.is_open = False
            if self._waiting:
                self._waiting.popleft()
            if not self._waiting or not self.is_open:
                self._left.set()
