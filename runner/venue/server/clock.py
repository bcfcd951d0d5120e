"""The market's time, as anybody may read it, from any thread.

    time = min(base + (monotonic - since) * rate, cap)

In step the rate is zero: between two instants the market stands still. By speed it is the speed, and `cap` keeps it before
the next instant until that has been told, so that nothing is ever told later than its time. After the tape it is one.
"""

from typing import NamedTuple

from runner.venue.server.edge import Machine
from runner.venue.server.stamps import MS

__all__ = ["MarketClock"]


class Hand(NamedTuple):
    """Where the clock stood at a moment of the machine, and how it goes on."""

    base_ns: int
    since_ns: int
    rate: float
    cap_ns: int | None


class MarketClock:
    """The market's time; `mono_ns` and `sleep` are the machine's."""

    def __init__(self, machine: Machine, start_ms: int) -> None:
        """Stand still."""
        self._machine = machine
        # One tuple, replaced as a whole: a reader in another thread never sees half of a change.
        self._hand = Hand(start_ms * MS, 0, 0.0, None)

    def utc_ns(self) -> int:
        """Return the market's UTC nanoseconds."""
        hand = self._hand
        if not hand.rate:
            return hand.base_ns
        now = hand.base_ns + int((self._machine.mono_ns() - hand.since_ns) * hand.rate)
        return now if hand.cap_ns is None else min(now, hand.cap_ns)

    def now_ms(self) -> int:
        """Return the last whole millisecond: everything up to it has been told."""
        return self.utc_ns() // MS

    def mono_ns(self) -> int:
        """Return the machine's monotonic nanoseconds."""
        return self._machine.mono_ns()

    async def sleep(self, duration_ns: int) -> None:
        """Return after so many nanoseconds of the machine."""
        await self._machine.sleep(duration_ns)

    def stand(self, at_ms: int) -> None:
        """Be at a time and stand still; time never goes back."""
        self._hand = Hand(max(at_ms * MS, self.utc_ns()), 0, 0.0, None)

    def run(self, rate: float, before_ms: int | None) -> None:
        """Go on from now, but not to `before_ms` itself (None: without end)."""
        cap = None if before_ms is None else max(before_ms * MS - 1, self.utc_ns())
        self._hand = Hand(self.utc_ns(), self._machine.mono_ns(), rate, cap)
