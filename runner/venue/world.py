"""What goes on whether or not anybody trades: one heap of things that will happen, and chance in named streams.

The world survives the process under test. A request that is on its way when the process dies stays on the heap and arrives
anyway; a fill that happens while nobody is there has happened.

Time is an integer of nanoseconds since the world began. Each stream of chance is its own generator seeded by `seed/name`, so
that one draw more in one of them shifts no other, and a string seed doesn't depend on the process's hash seed.
"""

from collections.abc import Callable
from hashlib import sha256
from heapq import heappop, heappush
from random import Random

__all__ = ["MS", "SECOND", "US", "Chance", "World"]

US = 1_000
MS = 1_000_000
SECOND = 1_000_000_000
"""Nanoseconds in a microsecond, a millisecond and a second."""

Chance = Random
"""One stream of chance."""

LONGEST_LINE = 200
"""Characters of a line that are kept to be shown; the digest is of all."""

KEPT_LINES = 2_000
"""Lines of the trace's tail that are kept to be shown."""


class World:
    """One heap of time and everything random, from one seed."""

    __slots__ = ("_digest", "_heap", "_number", "_streams", "_tail", "is_over", "now", "seed", "steps")

    def __init__(self, seed: int) -> None:
        """Start at time zero with nothing to happen."""
        self.seed = seed
        self.now = 0
        self.is_over = False
        """Whether something is wrong beyond doubt: no process takes another step."""
        self.steps = 0
        """Scheduler steps of all processes so far: a crash point is such a number."""
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        self._streams: dict[str, Random] = {}
        self._digest = sha256()
        self._tail: list[str] = []

    def chance(self, name: str) -> Random:
        """Return the stream of chance of this name."""
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = Random(f"{self.seed}/{name}")  # noqa: S311 - reproducible chance is the point
        return stream

    def at(self, when: int, happening: Callable[[], None]) -> None:
        """Let something happen at a time, not before now; what is due together happens in the order it was asked for."""
        self._number += 1
        heappush(self._heap, (max(when, self.now), self._number, happening))

    def after(self, delay: int, happening: Callable[[], None]) -> None:
        """Let something happen after a delay."""
        self.at(self.now + delay, happening)

    def next_time(self) -> int | None:
        """Return when the next thing happens; None if nothing will."""
        return self._heap[0][0] if self._heap else None

    def happen_next(self) -> None:
        """Move to the next thing and let it happen."""
        when, _, happening = heappop(self._heap)
        self.now = max(self.now, when)
        happening()

    def run_until(self, when: int) -> None:
        """Let everything up to a time happen, and be there."""
        while self._heap and self._heap[0][0] <= when:
            self.happen_next()
        self.now = max(self.now, when)

    def note(self, line: str) -> None:
        """Write a line into the trace: it counts in the digest, and the last ones can be shown."""
        text = f"{self.now} {line}"
        self._digest.update(text.encode())
        self._digest.update(b"\n")
        self._tail.append(text[:LONGEST_LINE])
        if len(self._tail) > 2 * KEPT_LINES:
            del self._tail[:KEPT_LINES]

    def digest(self) -> str:
        """Return the digest of the trace so far."""
        return self._digest.hexdigest()

    def tail(self, lines: int) -> tuple[str, ...]:
        """Return the last lines of the trace."""
        return tuple(self._tail[-lines:])
