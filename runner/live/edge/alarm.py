"""Calls the operator without ever making the caller wait: a bounded queue, and a thread that writes it out."""

import queue
import threading
from typing import TextIO

__all__ = ["QueuedAlarm"]

MOST_WAITING = 1_000


class QueuedAlarm:
    """One line per alarm on a text stream; when the reader is too slow, alarms are dropped and counted, orders are not."""

    def __init__(self, out: TextIO) -> None:
        """Begin to write to a stream."""
        self.dropped = 0
        self._out = out
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._write, name="alarm", daemon=True)
        self._thread.start()

    def ring(self, code: str, detail: str) -> None:
        """Queue one line, without the control characters that a venue's text might hold."""
        try:
            self._lines.put_nowait("".join(c if c.isprintable() else "?" for c in f"ALARM {code} {detail}"))
        except queue.Full:
            self.dropped += 1

    def stop(self, seconds: float = 1.0) -> None:
        """Write out what waits, for so long at most."""
        try:
            self._lines.put(None, timeout=seconds)
        except queue.Full:
            return
        self._thread.join(seconds)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            print(line, file=self._out, flush=True)
