"""Everything that runs in a session: held, so that nothing is lost to the garbage collector, and watched.

A part that fails is told about, and one that takes turns is started again a while later, because what it did may be what
cancels.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from runner.live.ports import Clock
from runner.live.profile import SECOND

__all__ = ["Tasks"]

AFTER_A_BUG_NS = SECOND


class Tasks:
    """The tasks of one session."""

    def __init__(self, clock: Clock, failed: Callable[[str, Exception], None]) -> None:
        """Begin with none.

        Args:
            clock: what is waited on.
            failed: is told the name of a part and why it failed.
        """
        self.running: set[asyncio.Task[None]] = set()
        """Strong references, because the loop keeps none."""
        self._clock = clock
        self._failed = failed

    def spawn(self, running: Callable[[], Coroutine[Any, Any, None]], name: str) -> asyncio.Task[None]:
        """Run something on the side; if it raises, that is told."""
        task = asyncio.create_task(self._watched(running, name), name=name)
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return task

    def repeat(self, turn: Callable[[], Awaitable[None]], name: str) -> None:
        """Take turns until cancelled; of one that fails, that is told."""
        self.spawn(lambda: self._forever(turn), name)

    async def end(self, *, but: asyncio.Task[None] | None = None) -> None:
        """Cancel what still runs, but for one task, and wait until it has ended."""
        running = sorted(self.running - {but}, key=lambda task: task.get_name())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _watched(self, running: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        """Run something; a bug in it is told, and never passed over."""
        try:
            await running()
        except asyncio.CancelledError:
            raise
        except Exception as problem:  # noqa: BLE001 - the last place that can still have everything cancelled
            self._failed(name, problem)

    async def _forever(self, turn: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await turn()
            except asyncio.CancelledError:
                raise
            except Exception as problem:  # noqa: BLE001 - likewise
                self._failed(turn.__name__.strip("_"), problem)
                await self._clock.sleep(AFTER_A_BUG_NS)
