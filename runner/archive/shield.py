"""A stretch of work that a request to stop doesn't break into: it waits until the stretch is done, or asks for it.

Why: a file half-written, and compiled code. An exception that a signal handler raises while the compiler or a compiled
function calls back into Python is swallowed there, or turned into another one; the request would be lost.

The handlers are exchanged, not the signal mask: a process-wide signal is delivered to any thread that doesn't block it, and
Python would then run the handler in the main thread all the same.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["shielded"]

REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def shielded() -> Iterator[Callable[[], None]]:
    """Hold back requests to stop; they arrive when the context ends, or when the function it yields is called.

    Only signals that somebody handles in Python are held back. Outside of the main thread none ever arrive.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    before = {number: handler for number in REQUESTS if callable(handler := signal.getsignal(number))}
    waiting: list[int] = []

    def deliver() -> None:
        if waiting:
            number = waiting[0]
            waiting.clear()
            before[signal.Signals(number)](number, None)

    for number in before:
        signal.signal(number, lambda held, _: waiting.append(held))
    try:
        yield deliver
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    deliver()
