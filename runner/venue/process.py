"""One life of the process under test: its clocks, its chance, its alarm and kill switch, and whether it is alive.

`alive` is the single word of truth: once it is False every door raises `Killed`, so that nothing a dying process still says
in a `finally` block reaches the world.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from runner.venue.exchange import EPOCH_NS
from runner.venue.loop import Killed
from runner.venue.world import World

__all__ = ["Life", "SimAlarm", "SimClock", "SimKill", "SimRandomness", "WallClock"]


class Life:
    """Whether one process is alive, and what it waits for."""

    def __init__(self, world: World, number: int) -> None:
        """Begin to live."""
        self.world = world
        self.number = number
        """The first process is 0, its successor 1."""
        self.alive = True
        self.boot = 1_000_000 * (number + 1)
        """What its monotonic clock shows when the world begins: another number in every life."""

    def check(self) -> None:
        """Raise `Killed` in a dead process."""
        if not self.alive:
            raise Killed

    def later(self, delay: int, future: "asyncio.Future[Any]", settle: Callable[[], None]) -> None:
        """Settle a future after a delay, if the process still lives and still waits."""

        def happen() -> None:
            if self.alive and not future.done():
                settle()

        self.world.after(delay, happen)


class WallClock:
    """The machine's wall clock: it outlives the process, and somebody may set it."""

    def __init__(self, world: World) -> None:
        """Begin with the exchange's time."""
        self.world = world
        self.offset = 0
        """Nanoseconds by which it is ahead."""

    def utc_ns(self) -> int:
        """Return what it shows."""
        return EPOCH_NS + self.world.now + self.offset


class SimClock:
    """The clock port."""

    def __init__(self, life: Life, wall: WallClock) -> None:
        """Tell the time of one life and of one machine."""
        self._life = life
        self._wall = wall

    def utc_ns(self) -> int:
        """Return the wall clock."""
        self._life.check()
        return self._wall.utc_ns()

    def mono_ns(self) -> int:
        """Return the monotonic clock."""
        self._life.check()
        return self._life.world.now + self._life.boot

    async def sleep(self, duration_ns: int) -> None:
        """Return after so many nanoseconds."""
        self._life.check()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life.later(max(duration_ns, 0), future, lambda: future.set_result(None))
        await future


class SimRandomness:
    """The randomness port."""

    def __init__(self, life: Life) -> None:
        """Draw from the world's stream for jitter."""
        self._life = life

    def below(self, bound: int) -> int:
        """Return a whole number of 0 … bound-1."""
        self._life.check()
        return int(self._life.world.chance("jitter").random() * bound)


class SimAlarm:
    """The alarm port: keeps what was rung, over all lives."""

    def __init__(self, world: World) -> None:
        """Ring nobody yet."""
        self.rung: list[tuple[str, str]] = []
        self._world = world
        self.life: Life | None = None

    def ring(self, code: str, detail: str) -> None:
        """Write one line down; a dead process rings nobody."""
        if self.life is not None and self.life.alive:
            self.rung.append((code, detail))
            self._world.note(f"alarm {code}")


class SimKill:
    """The kill port: the kill file outlives the process."""

    def __init__(self, world: World) -> None:
        """Ask for nothing."""
        self.reason: str | None = None
        self.life: Life | None = None
        self._world = world

    def asked(self) -> str | None:
        """Return why the session must stop."""
        return self.reason

    def ask(self, reason: str) -> None:
        """Ask for the kill from outside: nobody needs to live for that."""
        if self.reason is None:
            self.reason = reason
            self._world.note(f"kill asked for: {reason}")

    def latch(self, reason: str) -> None:
        """Remember, beyond this life, that the session must stop."""
        if self.life is not None and self.life.alive and self.reason is None:
            self.reason = reason
            self._world.note(f"kill latched: {reason}")

    def beat(self) -> None:
        """Nobody watches the loop: it can't block in virtual time."""
