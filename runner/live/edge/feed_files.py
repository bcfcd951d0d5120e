"""The files of a recorded feed: appended to in pieces, each file bounded, none ever written to again.

A record is handed to the operating system within a few thousand others, so that recording costs little; whoever needs it to
survive the process calls `flush`. Nothing is synced: what a loss of power may take is the last seconds of what venues said,
never an order, which the journal keeps.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from runner.live.ports import DiskFailed

__all__ = ["FeedFiles", "feed_files"]

SUFFIX = ".feed"
MOST_WAITING = 128 * 1024
MOST_BYTES = 64 * 2**20


class FeedFiles:
    """Writes one session's files into a folder, after those that are there already; see `Recorder`."""

    def __init__(self, folder: Path, head: Callable[[int], bytes], *, most_bytes: int = MOST_BYTES) -> None:
        """Begin a session; raises DiskFailed.

        Args:
            folder: made if it isn't there.
            head: returns the record that a file begins with, given which part of the session it is.
            most_bytes: a file with more than so many is followed by another.
        """
        self.written = 0
        """Bytes handed to the operating system."""
        self._folder = folder
        self._head = head
        self._most = most_bytes
        self._part = 0
        self._file = -1
        self._size = 0
        self._waiting: list[bytes] = []
        self._waits = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DiskFailed(error.strerror or "the folder can't be made") from error
        self._number = max((_number(path) for path in _paths(folder)), default=0)
        self._next()

    def put(self, records: bytes) -> None:
        """Take a record, or some that came at once."""
        self._waiting.append(records)
        self._waits += len(records)
        if self._waits >= MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Hand everything to the operating system."""
        if not self._waiting:
            return
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._waits = 0
        self._write(data)
        if self._size >= self._most:
            self._next()

    def close(self) -> None:
        """Flush and close."""
        try:
            self.flush()
        finally:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def _write(self, data: bytes) -> None:
        if self._file < 0:
            raise DiskFailed("the recording is closed")
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as error:
            raise DiskFailed(error.strerror or "the recording can't be written") from error
        self._size += len(data)
        self.written += len(data)

    def _next(self) -> None:
        self._number += 1
        self._part += 1
        path = self._folder / f"{self._number:06}{SUFFIX}"
        try:
            if self._file >= 0:
                os.close(self._file)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except OSError as error:
            raise DiskFailed(error.strerror or "a file of the recording can't be made") from error
        self._size = 0
        self._write(self._head(self._part))


def feed_files(folder: Path) -> Iterator[bytes]:
    """Yield the contents of a recording's files, in their order."""
    for path in sorted(_paths(folder), key=_number):
        yield path.read_bytes()


def _paths(folder: Path) -> list[Path]:
    return [path for path in folder.glob(f"*{SUFFIX}") if path.stem.isdecimal()]


def _number(path: Path) -> int:
    return int(path.stem)
