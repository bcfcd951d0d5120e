"""Who may send next: sliding windows over all requests, by their weight, and over new orders, and three lanes.

    cancels  before  questions  before  new orders

A fifth of the window is kept for cancels, so that no flood of questions or orders keeps one waiting. While the venue has
shut us out nothing is let through at all, cancels neither: every call would make it longer.
"""

import asyncio
import heapq
from collections import deque

from runner.live.ports import Action, Clock
from runner.live.profile import MS, Profile

__all__ = ["Limiter"]

LANES = {Action.CANCEL: 0, Action.DEAD_MAN: 0, Action.PLACE: 2, Action.REPLACE: 2}
QUESTION = 1
NEW_ORDER = 2
ON_THE_WAY_NS = 100 * MS
"""What may lie between being let through and leaving: a window of departures is never as full as two of admissions."""
KEPT_FOR_CANCELS = 5
"""One part in so many."""


class Limiter:
    """Lets requests through in the order of their lanes, no more than the venue takes."""

    def __init__(self, profile: Profile, clock: Clock) -> None:
        """Begin with half the window used up: a session before this one may have used it."""
        self._clock = clock
        self._window = profile.window_ns + ON_THE_WAY_NS
        self._most = profile.requests_per_window
        self._most_orders = profile.orders_per_window
        now = clock.mono_ns()
        self._sent = deque([now] * (self._most // 2))
        self._orders = deque([now] * (self._most_orders // 2))
        self._weight = profile.weight
        self._waiting: list[tuple[int, int, int, asyncio.Future[None]]] = []
        self._count = 0
        self._shut_until = now
        self._timer: asyncio.Task[None] | None = None
        self._is_over = False

    async def admit(self, action: Action) -> None:
        """Return when a request may leave; it then counts as sent."""
        lane = LANES.get(action, QUESTION)
        self._count += 1
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (lane, self._count, self._weight(action), turn))
        self._let_through()
        await turn

    def shut(self, duration_ns: int) -> None:
        """Let nothing through for so long."""
        self._shut_until = max(self._shut_until, self._clock.mono_ns() + duration_ns)

    def is_shut(self) -> bool:
        """Return whether nothing may leave at all now."""
        return self._clock.mono_ns() < self._shut_until

    def waiting(self) -> int:
        """Return how many requests wait."""
        return sum(not turn.done() for *_, turn in self._waiting)

    async def stop(self) -> None:
        """Let go of the timer; who waits then is for its own task to end."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.gather(self._timer, return_exceptions=True)

    def _let_through(self) -> None:
        now = self._clock.mono_ns()
        for sent in (self._sent, self._orders):
            while sent and now - sent[0] >= self._window:
                sent.popleft()
        while self._waiting:
            lane, _, weight, turn = self._waiting[0]
            if not turn.done() and not self._has_room(lane, weight, now):
                break
            heapq.heappop(self._waiting)
            if turn.done():
                continue
            self._sent.extend([now] * weight)
            if lane == NEW_ORDER:
                self._orders.append(now)
            turn.set_result(None)
        if self._waiting and self._timer is None and not self._is_over:
            self._timer = asyncio.create_task(self._try_later(self._next_room(now) - now), name="limiter")

    def _has_room(self, lane: int, weight: int, now: int) -> bool:
        most = self._most if lane == 0 else self._most - max(1, self._most // KEPT_FOR_CANCELS)
        if now < self._shut_until or len(self._sent) + weight > max(most, weight):
            return False
        return lane != NEW_ORDER or len(self._orders) < self._most_orders

    def _next_room(self, now: int) -> int:
        """Return when to look again: at the next thing that may make room."""
        if now < self._shut_until:
            return self._shut_until
        ends = [sent[0] + self._window for sent in (self._sent, self._orders) if sent]
        return max(min(ends, default=now), now + 1)

    async def _try_later(self, duration_ns: int) -> None:
        await self._clock.sleep(duration_ns)
        self._timer = None
        self._let_through()
