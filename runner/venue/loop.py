"""The event loop of a simulated process: virtual time, one handle per step, chosen by chance, and dead when told to be.

1. A step runs exactly one ready handle, so that a crash point is a number of steps and every `await` can be hit.
2. Where nothing is ready, time jumps to the next timer or the world's next happening, whichever comes first.
3. `in_order` keeps asyncio's promise that callbacks run in the order they were asked for; without it, any ready handle may
   run next. The second is harsher than life, the first is what production gets: both must hold.
4. Each step may cost virtual time (`step_cost`), so that the world goes on while the process is busy.

A kill is no cancellation: `Killed` leaves `run_forever` between two handles, and `bury` throws the tasks away. Python then
runs their `finally` blocks; the caller makes every door dead before, or the crash would be a polite shutdown.

There is no selector, no thread and no signal here: whatever asks for one fails.
"""

import asyncio
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context
from heapq import heapify, heappop
from typing import Any

from runner.venue.world import SECOND, World

__all__ = ["Killed", "SimLoop", "StuckError"]

MOST_STEPS = 400_000
"""Steps a single process may take: more is a loop that never ends."""


class Killed(BaseException):
    """The process dies here. No `except Exception` of the code under test may hold it."""


class StuckError(RuntimeError):
    """Nothing is ready and nothing will ever happen, or steps never end."""


class SimLoop(asyncio.BaseEventLoop):
    """An asyncio loop in the world's time."""

    _ready: "deque[asyncio.Handle]"
    _scheduled: list[Any]  # of timer handles; what is used of them has no types

    def __init__(self, world: World, *, in_order: bool, step_cost: int, dies_at: int | None = None) -> None:
        """Begin at the world's time."""
        super().__init__()
        self.world = world
        self.dies_at = dies_at
        """The scheduler step, of all lives together, before which the process is killed."""
        self.blow_at: int | None = None
        """The scheduler step before which `blow` is called."""
        self.blow: Callable[[], None] = _do_nothing
        self.doom = 0
        """When the process dies by time instead of by step; zero for never."""
        self.main: asyncio.Task[Any] | None = None
        """The task of `run_process`."""
        self.unobserved: list[str] = []
        """Exceptions nobody looked at."""
        self.most_ready = 0
        self._in_order = in_order
        self._step_cost = step_cost
        self._chance = world.chance("sched")
        self._taken = 0
        self._buried = False
        self._clock_resolution = 1e-9
        self.set_exception_handler(self._observe)

    def time(self) -> float:
        """Return the world's time in seconds."""
        return self.world.now / SECOND

    def _run_once(self) -> None:
        """Take one step: bring what is due to the ready handles, jump if there are none, run one."""
        world = self.world
        self._wake_due()
        self._die_if_due()
        while not self._ready:
            self._jump()
            self._die_if_due()
            self._wake_due()
        if world.steps == self.blow_at:
            self.blow()
        world.steps += 1
        self._taken += 1
        if self._taken > MOST_STEPS:
            raise StuckError(f"more than {MOST_STEPS} steps in one process")
        ready = self._ready
        self.most_ready = max(self.most_ready, len(ready))
        if not self._in_order and len(ready) > 1:
            ready.rotate(-int(self._chance.random() * len(ready)))
        handle = ready.popleft()
        if not handle._cancelled:
            handle._run()
        if self._step_cost:
            self._pass_time(self._step_cost)

    def _die_if_due(self) -> None:
        world = self.world
        if world.is_over or (self.doom and world.now >= self.doom):
            raise Killed
        if self.dies_at is not None and world.steps >= self.dies_at:
            raise Killed

    def _pass_time(self, cost: int) -> None:
        world = self.world
        until = world.now + cost
        due = world.next_time()
        while due is not None and due <= until:
            world.happen_next()
            due = world.next_time()
        world.now = max(world.now, until)

    def _jump(self) -> None:
        """Go to whatever comes first: a timer, or something that happens in the world."""
        scheduled = self._scheduled
        while scheduled and scheduled[0]._cancelled:
            heappop(scheduled)._scheduled = False
        timer = round(scheduled[0]._when * SECOND) if scheduled else None
        happening = self.world.next_time()
        if timer is None and happening is None:
            raise StuckError("nothing is ready and nothing will happen")
        if happening is not None and (timer is None or happening <= timer):
            self.world.happen_next()
        elif timer is not None:
            self.world.now = max(self.world.now, timer)

    def _wake_due(self) -> None:
        scheduled = self._scheduled
        now = self.world.now / SECOND + 5e-10
        while scheduled and (scheduled[0]._cancelled or scheduled[0]._when <= now):
            handle = heappop(scheduled)
            handle._scheduled = False
            if not handle._cancelled:
                self._ready.append(handle)

    def bury(self) -> None:
        """Throw every task away without letting it say a word; the doors must be dead already."""
        self._buried = True
        tasks = sorted(asyncio.all_tasks(self), key=lambda task: task.get_name())
        self._ready.clear()
        self._scheduled.clear()
        for task in tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            coroutine = task.get_coro()
            if isinstance(coroutine, Coroutine):
                with suppress(RuntimeError, ValueError, Killed):  # it waits in `finally`, or knocks at a dead door
                    coroutine.close()
        self._ready.clear()
        self._scheduled.clear()
        super().close()

    def close(self) -> None:
        """Close the loop of a process that ended by itself."""
        self._scheduled = [handle for handle in self._scheduled if not handle._cancelled]
        heapify(self._scheduled)
        super().close()

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:  # type: ignore[override]
        """Refuse: what a thread does can't be repeated."""
        del executor, args
        raise RuntimeError(f"a thread would run {func!r}; the simulation has none")

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Ask for a callback; there is only one thread."""
        return self.call_soon(callback, *args, context=context)

    def _process_events(self, event_list: Any) -> None:
        """Nothing comes from a selector."""

    def _write_to_self(self) -> None:
        """Nobody sleeps in a selector."""

    def _observe(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Keep what would only be printed: an exception nobody looked at is a failure."""
        del loop
        if not self._buried:
            self.unobserved.append(f"{context.get('exception')!r}, {context.get('message')}")

    def run_process(self, main: Any) -> Any:
        """Run a coroutine to its end and return what it returns; `Killed` passes through."""
        task = self.main = self.create_task(main, name="main")
        task.add_done_callback(lambda _: self.stop())
        previous = events._get_running_loop()
        try:
            self.run_forever()
        finally:
            events._set_running_loop(previous)
        return task.result()


def _do_nothing() -> None:
    """Strike nobody."""
