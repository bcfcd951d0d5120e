"""Listens to the venue's private stream: connects within a budget, and puts frames in line. It draws no conclusions.

A server that accepts and closes at once would otherwise be called thousands of times: the wait between two openings doubles
up to a minute, is spread by chance, and begins anew only after a minute of frames; and whatever happens, no more openings
are made within the venue's window than it allows.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from runner.live.ports import NoAnswer, Ports, StreamClosed, StreamRefused
from runner.live.profile import SECOND, Profile

__all__ = ["Listener"]

MOST_WAITING = 10_000
"""Frames in line; more than that are nobody's to follow, and the REST side knows what they said."""
HEALTHY_NS = 60 * SECOND
LONGEST_NS = 60 * SECOND
FATAL = {401, 403}


class Listener:
    """Holds one stream open."""

    def __init__(self, ports: Ports, profile: Profile, latch: Callable[[str], None]) -> None:
        """Begin unconnected."""
        self.frames: deque[bytes] = deque()
        """Frames in line, oldest first."""
        self.arrived = asyncio.Event()
        self.connected_ns: int | None = None
        """Since when the stream is open, on the monotonic clock; None while it isn't."""
        self.heard_ns = ports.clock.mono_ns()
        """When the last frame came."""
        self._ports = ports
        self._profile = profile
        self._latch = latch
        self._openings: deque[int] = deque()
        self._failures = 0

    async def run(self) -> None:
        """Open, listen, and open again, until cancelled."""
        while True:
            await self._within_budget()
            wait_ns = await self._listen()
            await self._ports.clock.sleep(self._spread() if wait_ns is None else wait_ns)

    async def close_if_silent(self) -> None:
        """Close a stream that has said nothing for too long; `run` opens another."""
        silence = self._ports.clock.mono_ns() - self.heard_ns
        if self.connected_ns is not None and silence > self._profile.silence_ns:
            await self._ports.stream.close()

    async def _listen(self) -> int | None:
        """Listen to one connection until it ends; return how long the venue asks to wait, None if it doesn't."""
        self._openings.append(self._ports.clock.mono_ns())
        try:
            await self._ports.stream.connect()
        except NoAnswer:
            return None
        except StreamRefused as refusal:
            if refusal.status in FATAL:
                self._latch(f"the stream refuses our credentials (status {refusal.status})")
            return refusal.retry_after_ns
        self.connected_ns = self.heard_ns = self._ports.clock.mono_ns()
        try:
            while True:
                self._put(await self._ports.stream.receive())
        except StreamClosed:
            if self.heard_ns - self.connected_ns >= HEALTHY_NS:
                self._failures = 0
        finally:
            self.connected_ns = None
            await self._ports.stream.close()
        return None

    def _put(self, frame: bytes) -> None:
        self.heard_ns = self._ports.clock.mono_ns()
        if len(self.frames) >= MOST_WAITING:
            self._latch("the stream brings frames faster than they are read")
            return
        self.frames.append(frame)
        self.arrived.set()

    def _spread(self) -> int:
        self._failures += 1
        return 1 + self._ports.randomness.below(min(SECOND << min(self._failures - 1, 6), LONGEST_NS))

    async def _within_budget(self) -> None:
        """Wait until one more opening is within the venue's window."""
        while True:
            now = self._ports.clock.mono_ns()
            while self._openings and now - self._openings[0] >= self._profile.connect_window_ns:
                self._openings.popleft()
            if len(self._openings) < self._profile.connects_per_window:
                return
            self._ports.alarm.ring("CONNECTS", "the stream was opened as often as the venue allows")
            await self._ports.clock.sleep(self._openings[0] + self._profile.connect_window_ns - now)
