"""A stretch of work that a request to stop doesn't break into: it waits until the stretch is done.

The handlers are exchanged, not the signal mask: a process-wide signal is delivered to any thread that doesn't block it, and
Python would then run the handler in the main thread all the same.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["shielded"]

REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def shielded() -> Iterator[None]:
    """Hold back requests to stop; they arrive when the context ends. Outside of the main thread none ever arrive."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before = {number: signal.signal(number, lambda n, _: waiting.append(n)) for number in REQUESTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        for held in waiting[:1]:
            signal.raise_signal(held)
