"""This machine's time and chance."""

import asyncio
import random
import time

__all__ = ["MachineChance", "MachineClock"]

SECOND = 1e9


class MachineClock:
    """The clocks of the operating system."""

    def utc_ns(self) -> int:
        """Return the wall clock."""
        return time.time_ns()

    def mono_ns(self) -> int:
        """Return the clock that never goes back."""
        return time.monotonic_ns()

    async def sleep(self, duration_ns: int) -> None:
        """Let the loop sleep."""
        await asyncio.sleep(duration_ns / SECOND)


class MachineChance:
    """Chance for jitter."""

    def __init__(self) -> None:
        """Begin anywhere."""
        self._source = random.SystemRandom()

    def below(self, bound: int) -> int:
        """Return a whole number of 0 … bound-1."""
        return self._source.randrange(bound)
