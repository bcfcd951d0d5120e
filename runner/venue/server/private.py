"""The private streams: orders and fills of the account, to all who listen, and heartbeats whatever happens to them."""

import asyncio
from typing import Any

from runner.venue.server.broker import Clocks
from runner.venue.server.fault_plan import Chances, FaultKind
from runner.venue.server.outbox import Outbox
from runner.venue.server.steps import Listener, Steps
from runner.venue.server.words import line

__all__ = ["HEARTBEAT_SECONDS", "Private", "PrivateClient"]

HEARTBEAT_SECONDS = 2.0


class PrivateClient:
    """One connection."""

    def __init__(self, outbox: Outbox, clocks: Clocks, chances: Chances) -> None:
        """Begin with what happens next; nothing is repeated."""
        self.outbox = outbox
        self.listener = Listener(self._pong)
        self._clocks = clocks
        self._chances = chances
        self._is_silent = False
        self._late: str | None = None

    def tell(self, frame: dict[str, Any]) -> None:
        """Send one frame, or what the fault plan makes of it."""
        strikes = self._chances.strikes
        if strikes(FaultKind.PRIVATE_DISCONNECT):
            self.outbox.break_off()
        self._is_silent = self._is_silent or strikes(FaultKind.PRIVATE_SILENT)
        if self._is_silent or strikes(FaultKind.PRIVATE_DROP):
            return
        if strikes(FaultKind.PRIVATE_GARBAGE):
            self.outbox.put('{"type": "fill", "fill": {}}')
        text = line(frame)
        if strikes(FaultKind.PRIVATE_LATE) and self._late is None:
            self._late = text
            return
        self.outbox.put(text)
        if strikes(FaultKind.PRIVATE_TWICE):
            self.outbox.put(text)
        self.catch_up()

    def catch_up(self) -> None:
        """Send the frame that was late."""
        if self._late is not None and not self._is_silent:
            self.outbox.put(self._late)
            self._late = None

    def beat(self, kind: str = "heartbeat") -> None:
        """Send a heartbeat."""
        if not self._is_silent:
            clocks = self._clocks
            self.outbox.put(line({"type": kind, "market_ns": clocks.market_ns(), "gateway_ns": clocks.gateway_ns()}))

    def _pong(self) -> bool:
        self.beat("pong")
        return not self._is_silent


class Private:
    """All of them."""

    def __init__(self, steps: Steps) -> None:
        """Begin with none."""
        self.clients: list[PrivateClient] = []
        self.dropped = 0
        """Connections that were broken because they left too much unread."""
        self._steps = steps

    def join(self, client: PrivateClient) -> None:
        """Take a connection in."""
        self.clients.append(client)

    def leave(self, client: PrivateClient) -> None:
        """Let a connection go."""
        self.clients.remove(client)
        self._steps.leave(client.listener)
        self.dropped += client.outbox.is_dropped

    def ping(self, client: PrivateClient) -> None:
        """Hear a ping; from the first one on the market goes in step with this connection, too."""
        if client.listener not in self._steps.listeners:
            self._steps.join(client.listener)
        self._steps.ping(client.listener)

    def tell(self, kind: str, told: dict[str, Any]) -> None:
        """Tell everybody what happened to an order."""
        for client in tuple(self.clients):
            client.tell({"type": kind, kind: told})

    async def emptied(self, longest: float) -> None:
        """Return when all frames have left, after so many seconds at most."""
        waiting = [client.outbox.emptied() for client in self.clients if client.outbox.is_waiting]
        if waiting:
            try:
                async with asyncio.timeout(longest):
                    await asyncio.gather(*waiting)
            except TimeoutError:
                # Whoever doesn't read must not stop the market; it is dropped when too much waits.
                return

    async def beat(self) -> None:
        """Send heartbeats until cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for client in tuple(self.clients):
                client.catch_up()
                client.beat()
