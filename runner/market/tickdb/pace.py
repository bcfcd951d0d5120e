"""At most so many requests in any 60 seconds."""

from collections import deque
from collections.abc import Callable

__all__ = ["Pace"]

MINUTE = 60.0


class Pace:
    """Remembers when the last requests were made. Requests of one minute may come at once; the next has to wait."""

    def __init__(self, rate: int, elapsed: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """Allow `rate` requests in any 60 seconds of the clock `elapsed`."""
        self._made: deque[float] = deque(maxlen=rate)
        self._elapsed = elapsed
        self._sleep = sleep

    def take(self) -> None:
        """Wait until one more request is allowed, and count it."""
        if len(self._made) == self._made.maxlen:
            rest = self._made[0] + MINUTE - self._elapsed()
            if rest > 0:
                self._sleep(rest)
        self._made.append(self._elapsed())
