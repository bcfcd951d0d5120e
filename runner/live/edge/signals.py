"""What a process is told from outside: to end, to end at once, or to latch."""

import asyncio
import signal
from collections.abc import Callable

__all__ = ["listen"]

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def listen(loop: asyncio.AbstractEventLoop, stop: Callable[[], None], latch: Callable[[str], None]) -> None:
    """Have a session end in order on SIGINT, SIGTERM and SIGHUP, the second of which is to hurry, and latch on SIGUSR1."""
    for number in ENDS:
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGUSR1, latch, "SIGUSR1")
