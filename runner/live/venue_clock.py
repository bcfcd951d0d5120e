"""The venue's time, told on our monotonic clock: a wall clock that steps changes nothing.

    venue time = monotonic time + offset,   offset = venue's answer − middle of asking,   error = half the round trip

The error grows with the age of the measurement, because two clocks never run alike. Where it is too large nothing is sent.
"""

from runner.live.ports import Clock
from runner.live.profile import SECOND

__all__ = ["DRIFT", "VenueClock"]

DRIFT = 10_000
"""One part in so many: how far two clocks drift apart at most."""
DAY_NS = 86_400 * SECOND


class VenueClock:
    """Knows the venue's time after the first measurement."""

    def __init__(self, clock: Clock) -> None:
        """Know nothing."""
        self.is_known = False
        """Whether there was a measurement that still holds."""
        self.epoch = 0
        """How often everything was forgotten: what was read in two epochs can't be compared."""
        self._clock = clock
        self._offset = 0
        self._half_trip = 0
        self._measured_ns = 0

    def measure(self, sent_ns: int, back_ns: int, venue_ns: int) -> None:
        """Take an answer to "what time is it"; a worse one than what is known is not taken."""
        half = (back_ns - sent_ns + 1) // 2
        if not self.is_known or half <= self.error_ns():
            self._offset = venue_ns - (sent_ns + back_ns) // 2
            self._half_trip = half
            self._measured_ns = back_ns
            self.is_known = True

    def forget(self) -> None:
        """Trust nothing any more, e.g. after the machine slept: the time told until then is early, never late."""
        self.is_known = False
        self.epoch += 1

    def now_ns(self) -> int:
        """Return the venue's time; the caller sees to it that it is known."""
        return self._clock.mono_ns() + self._offset

    def error_ns(self) -> int:
        """Return how far off that may be."""
        return self._half_trip + (self._clock.mono_ns() - self._measured_ns) // DRIFT

    def skew_ns(self) -> int:
        """Return how far this machine's wall clock is ahead of the venue's."""
        return self._clock.utc_ns() - self.now_ns()

    def day(self) -> int:
        """Return the venue's UTC date as days since 1970."""
        return self.now_ns() // DAY_NS
