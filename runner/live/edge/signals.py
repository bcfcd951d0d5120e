"""What a process is told from outside: to end, to end at once, or to latch."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["listening"]

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def listening(loop: asyncio.AbstractEventLoop, stop: Callable[[], None], latch: Callable[[str], None]) -> Iterator[None]:
    """Have a session end in order on SIGINT, SIGTERM and SIGHUP, the second of which is to hurry, and latch on SIGUSR1.

    What the process was told to ignore, as `nohup` does, it goes on ignoring. Afterwards signals mean what they did before.
    """
    before = {number: signal.getsignal(number) for number in (*ENDS, signal.SIGUSR1)}
    heard = [number for number in ENDS if before[number] is not signal.SIG_IGN]
    for number in heard:
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGUSR1, latch, "SIGUSR1")
    try:
        yield
    finally:
        for number in (*heard, signal.SIGUSR1):
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
