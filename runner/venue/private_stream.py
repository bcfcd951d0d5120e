"""The private stream: orders and fills of the account, told in frames that get lost, doubled, late, or cut off.

Heartbeats go on whatever happens to the frames, as they do in life: a healthy stream proves nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from runner.live.ports import NoAnswer, StreamClosed, StreamRefused
from runner.venue.faults import Fault, FaultPlan, Phase
from runner.venue.process import Life
from runner.venue.world import MS, SECOND, World

__all__ = ["SimStream"]

HEARTBEAT = 5 * SECOND
MOST_WAITING = 20_000
FLOOD = 12_000
"""Frames at once: more than a session may have in line, and less than this connection holds."""


def _unwatched() -> None:
    """Nobody looks."""


class SimStream:
    """The stream port of one life."""

    def __init__(self, world: World, life: Life, plan: FaultPlan, heartbeat: Callable[[], bytes]) -> None:
        """Be closed."""
        self.connections = 0
        """How often it was opened in this life."""
        self._world = world
        self._life = life
        self._plan = plan
        self._heartbeat = heartbeat
        self._pace = world.chance("stream")
        self._open = 0
        """Number of the open connection, zero while there is none."""
        self._frames: deque[bytes | None] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self.watch: Callable[[], None] = _unwatched
        """Called whenever another frame is asked for."""

    async def connect(self) -> None:
        """Open; raise `StreamRefused` or `NoAnswer` as a venue may."""
        self._life.check()
        self._plan.reach(Phase.STREAM_OPENING)
        self._life.check()
        self._open = 0
        self.connections += 1
        await self._wait(int((1 + self._pace.random() * 60) * MS))
        if self._plan.strikes(Fault.HANDSHAKE):
            if self._pace.random() < 0.4:
                await self._wait(2 * SECOND)
                raise NoAnswer("the handshake timed out")
            raise StreamRefused(429 if self._pace.random() < 0.5 else 503, 1 * SECOND if self._pace.random() < 0.5 else None)
        self._open = self.connections
        self._frames.clear()
        self._beat(self._open)

    async def receive(self) -> bytes:
        """Return the next frame; raise `StreamClosed` after the last."""
        self._life.check()
        self.watch()
        while not self._frames:
            if not self._open:
                raise StreamClosed("it is not open")
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        frame = self._frames.popleft()
        if frame is None:
            self._open = 0
            self._frames.clear()
            raise StreamClosed("the connection broke")
        return frame

    async def close(self) -> None:
        """Close."""
        if self._life.alive:
            self._open = 0
            self._wake()

    def tell(self, frame: bytes) -> None:
        """Send one frame of the venue on its way."""
        if not self._open or not self._life.alive:
            return
        plan, connection = self._plan, self._open
        if plan.strikes(Fault.DISCONNECT):
            self._deliver(connection, None)
            return
        if plan.strikes(Fault.FRAME_DROP):
            return
        if plan.strikes(Fault.FLOOD):
            self._world.after(10 * MS, lambda: self._flood(connection))
        if plan.strikes(Fault.GARBAGE_FRAME):
            garbage = (b'{"type": "promotion", "text": "hello"}', b"{", b"\xff\xfe", b'{"type": "fill", "fill": {}}')
            self._send(connection, garbage[int(self._pace.random() * len(garbage))], 0)
        late = int((0.2 + self._pace.random() * 3) * SECOND) if plan.strikes(Fault.FRAME_LATE) else 0
        self._send(connection, frame, late)
        if plan.strikes(Fault.FRAME_TWICE):
            self._send(connection, frame, int(self._pace.random() * 3 * SECOND))

    def _send(self, connection: int, frame: bytes, late: int) -> None:
        """Deliver after the way it takes; the way is equally long for all, so only late frames change places."""
        self._world.after(10 * MS + late, lambda: self._deliver(connection, frame))

    def _flood(self, connection: int) -> None:
        for _ in range(FLOOD):
            self._deliver(connection, self._heartbeat())

    def _deliver(self, connection: int, frame: bytes | None) -> None:
        if self._life.alive and self._open == connection and len(self._frames) < MOST_WAITING:
            self._frames.append(frame)
            self._wake()

    def _beat(self, connection: int) -> None:
        if self._life.alive and self._open == connection:
            self._deliver(connection, self._heartbeat())
            self._world.after(HEARTBEAT, lambda: self._beat(connection))

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _wait(self, delay: int) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life.later(delay, future, lambda: future.set_result(None))
        await future
