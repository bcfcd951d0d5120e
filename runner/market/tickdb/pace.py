"""At most so many requests in any 60 seconds, over all conversations under one key."""

from collections import deque
from collections.abc import Callable
from threading import Lock

__all__ = ["Pace"]

MINUTE = 60.0


class Pace:
    """Remembers when requests were made. Those of one minute may come at once; the next has to wait."""

    def __init__(self, elapsed: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """Begin without requests; `elapsed` is a clock in seconds that never goes back, `sleep` rests for seconds."""
        self._made: deque[float] = deque()
        self._elapsed = elapsed
        self._sleep = sleep
        self._lock = Lock()

    def take(self, rate: int) -> None:
        """Wait until one more request keeps to `rate` requests in any 60 seconds, and count it."""
        while (rest := self._rest(rate)) > 0:
            # Not under the lock: a fork while another thread rests must not hold it for ever.
            self._sleep(rest)

    def _rest(self, rate: int) -> float:
        """Count a request if it is allowed now; else return the seconds until one may be."""
        with self._lock:
            now = self._elapsed()
            while self._made and now - self._made[0] >= MINUTE:
                self._made.popleft()
            if len(self._made) >= rate:
                return self._made[-rate] + MINUTE - now
            self._made.append(now)
            return 0.0
