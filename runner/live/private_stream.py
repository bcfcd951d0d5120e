"""The private stream of an account over a socket: what is said first, what keeps it alive, and when it is over.

    open → say and hear each step of the venue's manners → frames, as they come → closed

1. `connect` opens the socket, which has introduced itself, takes the steps one after another, and is only through when every
   one was answered with yes: a stream that nobody subscribed to looks as healthy as one that brings nothing. What comes
   between is kept, and is what `receive` hands out first.
2. `receive` hands frames up raw. Where nothing was heard for a while it says what the venue answers to, so that a stream in
   which nothing happens can be told from one that is dead; which of the two it is, is for who listens to say.
3. A stream that has lived as long as the venue lets one live, or on which the venue says that the subscription has ended, is
   over, though its socket is still open.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from runner.live.ports import Clock, NoAnswer, Socket, Sockets, StreamClosed, StreamRefused
from runner.live.profile import SECOND

__all__ = ["ALPACA", "BINANCE", "HEARTBEATS", "Manners", "PrivateStream", "Step"]

YES = 200
MOST_KEPT = 1_000
"""Frames between the opening and its last yes; a venue that says more than that before it answers isn't heard out."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something said, and how its answer is told."""

    say: str | None
    """None where the socket's introduction has said it."""
    judge: Callable[[dict[str, object]], int | None]
    """Returns the status that a frame answers with, 200 for yes; None for a frame that is no answer to this."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How one venue's private stream is begun, kept alive and ended."""

    steps: tuple[Step, ...] = ()
    ping: str | None = None
    """What the venue answers to; None where it sends heartbeats by itself."""
    ping_ns: int = 10 * SECOND
    """How long nothing may have been heard before that is said."""
    longest_ns: int | None = None
    """How long one connection lives; None for as long as it does."""
    is_end: Callable[[dict[str, object]], bool] = lambda _: False
    """Whether a frame says that nothing will follow."""


class PrivateStream:
    """The stream port of one account; see `ports.Stream`."""

    def __init__(self, sockets: Sockets, manners: Manners, clock: Clock, *, timeout_ns: int = 10 * SECOND) -> None:
        """Be closed.

        Args:
            sockets: opens connections that have introduced themselves.
            manners: the venue's.
            clock: what waiting is measured on.
            timeout_ns: how long the whole opening may take.
        """
        self._sockets = sockets
        self._manners = manners
        self._clock = clock
        self._timeout_ns = timeout_ns
        self._socket: Socket | None = None
        self._kept: deque[bytes] = deque()
        self._hearing: asyncio.Task[bytes] | None = None
        self._opened_ns = 0

    async def connect(self) -> None:
        """Open and subscribe; see `ports.Stream.connect`."""
        await self.close()
        self._opened_ns = self._clock.mono_ns()
        opening = asyncio.create_task(self._open(), name="open stream")
        is_through = False
        try:
            is_through = await self._within(opening, self._timeout_ns) and opening.exception() is None
        finally:
            if not is_through:
                await self._end(opening)
                await self.close()
        failure = None if opening.cancelled() else opening.exception()
        if failure is not None and not isinstance(failure, (StreamClosed, NoAnswer)):
            raise failure
        if not is_through:
            raise NoAnswer("the stream didn't open in time, or closed while it was opened")

    async def receive(self) -> bytes:
        """Return the next frame; see `ports.Stream.receive`."""
        while True:
            frame = self._kept.popleft() if self._kept else await self._next()
            if self._manners.is_end(_object(frame)):
                await self.close()
                raise StreamClosed
            return frame

    async def close(self) -> None:
        """Close; who waits in `receive` is told."""
        socket, self._socket = self._socket, None
        self._kept.clear()
        if socket is not None:
            await socket.close()
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            await self._end(hearing)

    async def _open(self) -> None:
        self._socket = await self._sockets.open()
        for step in self._manners.steps:
            if step.say is not None:
                await self._socket.send(step.say)
            status = await self._judged(self._socket, step)
            if status != YES:
                raise StreamRefused(status)

    async def _judged(self, socket: Socket, step: Step) -> int:
        """Return the status that a step is answered with; what comes before is kept."""
        for _ in range(MOST_KEPT):
            frame = await socket.receive()
            status = step.judge(_object(frame))
            if status is not None:
                return status
            self._kept.append(frame)
        raise StreamClosed

    async def _next(self) -> bytes:
        manners = self._manners
        while True:
            socket = self._socket
            if socket is None:
                raise StreamClosed
            if manners.longest_ns is not None and self._clock.mono_ns() - self._opened_ns >= manners.longest_ns:
                await self.close()
                raise StreamClosed
            if self._hearing is None:
                self._hearing = asyncio.create_task(socket.receive(), name="hear stream")
            hearing = self._hearing
            if await self._within(hearing, manners.ping_ns):
                self._hearing = None
                if hearing.cancelled():
                    raise StreamClosed
                return hearing.result()
            if manners.ping is not None:
                await socket.send(manners.ping)

    async def _within(self, task: "asyncio.Task[bytes] | asyncio.Task[None]", longest_ns: int) -> bool:
        """Wait for a task, for so long at most; return whether it is done. It goes on if it isn't."""
        sleeping = asyncio.create_task(self._clock.sleep(longest_ns))
        try:
            await asyncio.wait((task, sleeping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._end(sleeping)
        return task.done()

    async def _end(self, task: "asyncio.Task[bytes] | asyncio.Task[None]") -> None:
        """End a task, and see what it ended with."""
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _object(frame: bytes) -> dict[str, object]:
    """Return the JSON object that a frame is, an empty one for whatever isn't."""
    try:
        found = json.loads(frame)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _authorized(frame: dict[str, object]) -> int | None:
    data = frame.get("data")
    if frame.get("stream") != "authorization" or not isinstance(data, dict):
        return None
    return YES if data.get("status") == "authorized" else 401


def _listening(frame: dict[str, object]) -> int | None:
    data = frame.get("data")
    if frame.get("stream") != "listening" or not isinstance(data, dict):
        return None
    streams = data.get("streams")
    return YES if isinstance(streams, list) and "trade_updates" in streams else 0


def _subscribed(frame: dict[str, object]) -> int | None:
    if frame.get("id") != "subscribe":
        return None
    status = frame.get("status")
    return status if isinstance(status, int) else 0


def _terminated(frame: dict[str, object]) -> bool:
    event = frame.get("event")
    return isinstance(event, dict) and event.get("e") == "eventStreamTerminated"


LISTEN = '{"action":"listen","data":{"streams":["trade_updates"]}}'

HEARTBEATS = Manners()
"""TickDB and the plain dialect: opened is subscribed, and heartbeats come by themselves."""

ALPACA = Manners((Step(None, _authorized), Step(LISTEN, _listening)), ping=LISTEN)
"""The introduction authenticates. Asking again what is listened to changes nothing and is answered."""

BINANCE = Manners(
    (Step(None, _subscribed),),
    ping='{"id":"ping","method":"ping"}',
    longest_ns=(23 * 3600 + 50 * 60) * SECOND,
    is_end=_terminated,
)
"""The introduction subscribes under the id `subscribe`. Connections are cut after 24 hours: we go ten minutes before."""
