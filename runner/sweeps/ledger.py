"""The ledger: how many trials were ever made on the same data, one line for each segment of results.

Each line is JSON and holds the SHA-256 of the line before it and of itself, so that no line can be changed, left out or put
in without the next one telling. Lines are only ever added, under a lock that ends with its process; a line that a killed
process left unfinished is no line, and the next process that adds one cuts it off.

What a chain can't show is that its last lines are missing: that is what its anchor is for (`anchor.py`).
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from runner.archive.locks import locked
from runner.errors import Fault, RunError
from runner.spec.run import canonical_json

__all__ = ["Entry", "Ledger", "Line"]

MEND = "Move the folder of these trials away, or put the file back from a copy; without it trials are counted anew."


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says of a segment."""

    segment: str
    """Name of the file."""
    sha256: str
    """Of its bytes."""
    trials: int
    """Trials in it that were never made on these data before."""
    specs: int
    """Specs in it, by their hashes, that were never tried on these data before, by whatever version of the code."""


@dataclass(frozen=True, slots=True)
class Line(Entry):
    """An entry in its place."""

    previous: str
    """Hash of the line before it; of the first line the SHA-256 of the data digest."""
    hash: str
    """SHA-256 over the canonical JSON of all else in the line."""

    @property
    def is_sound(self) -> bool:
        """Whether its hash is that of what it says."""
        return self.hash == _hash(self, self.previous)


@dataclass(slots=True)
class Ledger:
    """The lines of one file, as far as they were read."""

    path: Path
    data_digest: str
    """Of the data that its trials are about."""
    lines: list[Line] = field(default_factory=list)
    trials: int = 0
    """How many distinct trials were made."""
    specs: int = 0
    """How many distinct specs were tried."""
    segments: set[str] = field(default_factory=set)
    """Files that have a line."""
    _size: int = 0
    """Bytes that were read."""

    def read(self) -> Sequence[Line]:
        """Read the lines that were added since, and return them.

        Raises:
            RunError: Naming the first line that is wrong; those before it count.
        """
        try:
            with self.path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                return self._take(os.pread(file.fileno(), max(size - self._size, 0), self._size))
        except FileNotFoundError:
            return self._take(b"")

    def force(self) -> None:
        """Force the lines that are there to disk; raises OSError if that can't be done."""
        with locked(self.path) as handle:
            os.fsync(handle)

    def append(self, entries: Callable[[Sequence[Line]], Iterable[Entry]]) -> None:
        """Add lines, each of them before the next is made.

        They aren't forced to disk: segments are, and those whose lines a failing power took are given lines again.

        Args:
            entries: Is handed the lines that others have added since, while nobody else can add any.

        Raises:
            RunError: If the lines that are there are not sound; nothing is added then.
        """
        with locked(self.path) as handle:
            size = os.fstat(handle).st_size
            if size < self._size:
                raise self._wrong("must not lose lines", "a ledger that was cut")
            fresh = self._take(os.pread(handle, size - self._size, self._size))
            if size > self._size:
                os.ftruncate(handle, self._size)  # a line that was never finished
            for entry in entries(fresh):
                self._add(handle, entry)

    def _add(self, handle: int, entry: Entry) -> None:
        previous = self._last
        line = Line(**asdict(entry), previous=previous, hash=_hash(entry, previous))
        text = canonical_json(asdict(line)).encode() + b"\n"
        _write(handle, text, self._size)
        self._count(line, len(text))

    def _count(self, line: Line, size: int) -> None:
        self.lines.append(line)
        self.segments.add(line.segment)
        self.trials += line.trials
        self.specs += line.specs
        self._size += size

    @property
    def _last(self) -> str:
        return self.lines[-1].hash if self.lines else hashlib.sha256(self.data_digest.encode()).hexdigest()

    def _take(self, content: bytes) -> Sequence[Line]:
        """Take whole lines in, and return them."""
        first = len(self.lines)
        for text in content[: content.rfind(b"\n") + 1].splitlines(keepends=True):
            line = _parsed(text)
            if line is None or not line.is_sound:
                raise self._wrong("must be as it was written", "a changed line")
            if line.previous != self._last:
                raise self._wrong("must follow from the line before it", "a line that follows another")
            self._count(line, len(text))
        return self.lines[first:]

    def _wrong(self, must: str, was: str) -> RunError:
        return RunError(Fault(f"{self.path}:{len(self.lines) + 1}", must, was, MEND))


def _parsed(text: bytes) -> Line | None:
    """Return a line, None if it isn't written as lines are, to the byte."""
    try:
        found = json.loads(text)
        line = Line(**found)
        is_same = canonical_json(asdict(line)).encode() + b"\n" == text
    except (ValueError, TypeError):
        return None
    kinds = [type(value) for value in asdict(line).values()]
    return line if is_same and kinds == [str, str, int, int, str, str] else None


def _hash(entry: Entry, previous: str) -> str:
    said = {"segment": entry.segment, "sha256": entry.sha256, "trials": entry.trials, "specs": entry.specs}
    return hashlib.sha256(canonical_json({**said, "previous": previous}).encode()).hexdigest()


def _write(handle: int, content: bytes, offset: int) -> None:
    """Write all of it; the system may take it in pieces."""
    while content:
        written = os.pwrite(handle, content, offset)
        content, offset = content[written:], offset + written
