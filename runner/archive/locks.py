"""Locks between processes: the system frees them however their holder ends, and a killed one leaves an empty file at most.

A lock that is free again takes its file with it. So whoever has locked a file looks whether it is still the one that the
name stands for: otherwise two processes could hold two files of one name.

A lock belongs to the opened file, not to the process: threads keep each other out too, and a process that is forked while
its parent holds a lock holds it as well.
"""

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Held", "locked", "locked_folder", "pause", "swept_out", "taken"]


OWNER_ONLY = 0o600
"""Who may read and write the files: they lie in folders of results."""


class Held:
    """A lock that is held until it is released."""

    def __init__(self, path: Path, handle: int) -> None:
        """Take over a locked file; use `taken`."""
        self.path = path
        self._handle = handle

    def beat(self) -> None:
        """Say that the holder is still at work."""
        os.utime(self._handle)

    def release(self) -> None:
        """Let it go, and its file with it, unless the name stands for another's by now."""
        try:
            if _is_file_of(self.path, self._handle):
                self.path.unlink(missing_ok=True)
        finally:
            os.close(self._handle)


def taken(path: Path, *, patience: float | None = None) -> Held | None:
    """Lock a file without waiting; None if somebody holds it.

    Args:
        path: The file; its folder must be there.
        patience: Seconds without a beat after which a holder counts as stuck, so that the lock is taken from him; he may
            be at work still, and both then do what it stands for. None waits for him forever.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            is_stuck = patience is not None and time.time() - os.fstat(handle).st_mtime > patience
            if is_stuck and _is_file_of(path, handle):
                path.unlink(missing_ok=True)
            os.close(handle)
            if is_stuck:
                continue
            return None
        except BaseException:
            os.close(handle)
            raise
        if _is_file_of(path, handle):
            os.utime(handle)
            return Held(path, handle)
        os.close(handle)


@contextmanager
def locked(path: Path, *, is_shared: bool = False) -> Iterator[int]:
    """Hold a file's lock, waiting for it: alone, or with others that share it. The file stays.

    Yields:
        The opened file, to read and write.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder itself, waiting for it: no file is made for it.

    Raises OSError if there is no such folder.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def swept_out(path: Path, *leftovers: Iterable[Path]) -> None:
    """Remove files that killed processes left unfinished, if nobody is writing.

    Args:
        path: The lock that is shared by all who write.
        leftovers: Unfinished files.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # some may be finished any moment
    else:
        for found in leftovers:
            for each in found:
                each.unlink(missing_ok=True)
    finally:
        os.close(handle)


def pause(seconds: float) -> None:
    """Wait before looking again."""
    time.sleep(seconds)


def _is_file_of(path: Path, handle: int) -> bool:
    """Return whether a name stands for an opened file."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(handle))
