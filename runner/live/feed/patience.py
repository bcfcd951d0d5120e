"""How often a venue is called: a budget of openings for all connections, waits that grow, and a pace for our own messages.

Without them a server that accepts and closes at once would be called thousands of times a second. The wait before the n-th
opening in a row that led to nothing is drawn from

    [0, min(base · 2ⁿ, longest))

so that many who lost the same venue don't all come back at the same time; n begins anew only after data have come for
`HEALTHY_NS`. A venue that names a wait is waited for so long at least.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from runner.live.feed.dialect import Manners
from runner.live.ports import Clock, Randomness

__all__ = ["HEALTHY_NS", "Backoff", "Budget", "Pace"]

SECOND = 1_000_000_000
BASE_NS = SECOND
LONGEST_NS = 60 * SECOND
HEALTHY_NS = 60 * SECOND
"""How long data must have come for a connection to count as one that worked."""
MOST_DOUBLINGS = 16


class Budget:
    """Openings of all connections to one venue: no more per window than it takes."""

    def __init__(self, manners: Manners, clock: Clock, alarm: Callable[[], None]) -> None:
        """Begin with a whole budget; `alarm` is called when it is used up."""
        self._most, self._window = manners.connections, manners.connections_ns
        self._clock = clock
        self._alarm = alarm
        self._openings: deque[int] = deque()
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Return when one more may be opened; it then counts as opened."""
        async with self._turn:
            while True:
                now = self._clock.mono_ns()
                while self._openings and now - self._openings[0] >= self._window:
                    self._openings.popleft()
                if len(self._openings) < self._most:
                    self._openings.append(now)
                    return
                self._alarm()
                await self._clock.sleep(self._openings[0] + self._window - now)


class Backoff:
    """The waits of one connection."""

    def __init__(self, chance: Randomness) -> None:
        """Begin as if all were well."""
        self.failures = 0
        """Openings in a row that led to nothing."""
        self._chance = chance

    def after_failure(self, at_least: int | None) -> int:
        """Return how long to wait after an opening that led to nothing."""
        longest = min(BASE_NS << min(self.failures, MOST_DOUBLINGS), LONGEST_NS)
        self.failures += 1
        drawn = self._chance.below(longest)
        return drawn if at_least is None else at_least + drawn

    def after_success(self) -> None:
        """Know that the last opening led to data for long enough."""
        self.failures = 0


class Pace:
    """Messages of ours on one connection: no more per window than the venue takes."""

    def __init__(self, manners: Manners, clock: Clock) -> None:
        """Begin with a whole window."""
        self._most, self._window = manners.messages, manners.messages_ns
        self._clock = clock
        self._sent: deque[int] = deque()

    async def turn(self) -> None:
        """Return when one more may be sent; it then counts as sent."""
        while True:
            now = self._clock.mono_ns()
            while self._sent and now - self._sent[0] >= self._window:
                self._sent.popleft()
            if len(self._sent) < self._most:
                self._sent.append(now)
                return
            await self._clock.sleep(self._sent[0] + self._window - now)
