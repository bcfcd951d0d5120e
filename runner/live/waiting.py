"""Waiting for one of two things, on the clock's own door."""

import asyncio

from runner.live.ports import Clock

__all__ = ["either"]


async def either(event: asyncio.Event, clock: Clock, longest_ns: int) -> None:
    """Wait for an event, for so long at most; the event is then over."""
    waiting = asyncio.create_task(event.wait())
    sleeping = asyncio.create_task(clock.sleep(longest_ns))
    try:
        await asyncio.wait((waiting, sleeping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        sleeping.cancel()
        await asyncio.gather(waiting, sleeping, return_exceptions=True)
    event.clear()
