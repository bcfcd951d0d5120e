"""The kill switch that works while the loop doesn't: a thread that watches the kill file and the loop's pulse.

    run directory/KILL          asks for the kill; its first line is the reason
    run directory/KILL.armed    waits to be renamed to it, which needs no space on a full disk

The thread looks four times a second. It can't send a cancel, the loop does that; but once it has latched, the first thing
the loop asks before it sends anything is this.
"""

import os
import threading
import time
from pathlib import Path

from runner.live.edge.lock import OWNER_ONLY

__all__ = ["KILL_FILE", "KillWatch", "leave_kill_file", "take_kill_file"]

KILL_FILE = "KILL"
ARMED = "KILL.armed"
EVERY = 0.25
"""Seconds between two looks."""
LONGEST_SILENCE = 5.0
"""Seconds without a pulse after which the loop is taken for stuck."""
LONGEST_REASON = 200


class KillWatch:
    """Watches from construction to `stop`."""

    def __init__(self, folder: Path, *, longest_silence: float = LONGEST_SILENCE, every: float = EVERY) -> None:
        """Arm the kill file of a run directory and begin to watch it."""
        self._file = folder / KILL_FILE
        self._armed = folder / ARMED
        self._longest = longest_silence
        self._every = every
        self._reason: str | None = None
        self._pulse: float | None = None
        self._is_over = threading.Event()
        if not self._file.exists():
            os.close(os.open(self._armed, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY))
        self._look()
        self._thread = threading.Thread(target=self._watch, name="kill watch", daemon=True)
        self._thread.start()

    def asked(self) -> str | None:
        """Return why the session must stop."""
        return self._reason

    def beat(self) -> None:
        """Note the loop's pulse; the first one begins the watch over it."""
        self._pulse = time.monotonic()

    def ask(self, reason: str) -> None:
        """Ask from inside the process, e.g. for a signal."""
        self._reason = self._reason or reason

    def latch(self, reason: str) -> None:
        """Leave the kill file behind for the sessions after this one."""
        self.ask(reason)
        try:
            self._armed.rename(self._file)
        except OSError:
            # Nothing to rename, or a disk that takes nothing at all: memory is latched in either case.
            self._leave()

    def stop(self) -> None:
        """End the watch."""
        self._is_over.set()
        self._thread.join()

    def _leave(self) -> None:
        try:
            _put(self._file, b"")
        except OSError:
            self._reason = f"{self._reason} (the kill file could not be left)"

    def _watch(self) -> None:
        while not self._is_over.wait(self._every):
            self._look()

    def _look(self) -> None:
        if self._reason is not None:
            return
        if self._file.exists():
            self._reason = f"kill file: {_first_line(self._file)}"
        elif self._pulse is not None and time.monotonic() - self._pulse > self._longest:
            self._reason = f"the loop was stuck for more than {self._longest:g} s"


def leave_kill_file(folder: Path, reason: str) -> Path:
    """Ask a session, and every one after it, to stop: leave the kill file in its run directory; return its path.

    A file that is there already stays as it is.
    """
    path = folder / KILL_FILE
    if path.exists():
        return path
    # Whoever sees it must see its reason, so it is written beside it; where that can't be, an empty one does.
    beside = folder / f"{KILL_FILE}.{os.getpid()}"
    try:
        _put(beside, f"{reason}\n".encode())
        beside.rename(path)
    except OSError:
        _put(path, b"")
    finally:
        beside.unlink(missing_ok=True)
    return path


def _put(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)
    try:
        os.write(file, content)
    finally:
        os.close(file)


def take_kill_file(folder: Path) -> bool:
    """Take a kill file away, once the operator has looked into why it was left; return whether there was one."""
    try:
        (folder / KILL_FILE).unlink()
    except FileNotFoundError:
        return False
    return True


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            line = file.readline(LONGEST_REASON)
    except OSError as problem:
        return problem.strerror or "unreadable"
    return "".join(letter for letter in line if letter.isprintable()) or "no reason given"
