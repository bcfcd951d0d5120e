"""The index of one series: which windows are held and in which chunks, as a JSON file with a digest of its own."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import Any

from runner.errors import DataError, Fault
from runner.market.store.stretches import Stretch
from runner.market.store.whole_files import replace
from runner.spec.run import canonical_json

__all__ = ["Index", "Piece", "read_index", "series_name", "write_index"]

FORMAT = 2
"""Version of the layout; a reader refuses a version it doesn't know."""


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """One window of a series and the chunk that holds its rows."""

    start: int
    """UTC nanoseconds, included."""
    end: int
    """UTC nanoseconds, not included."""
    rows: int
    """Rows in the window; none where the service has none."""
    chunk: str
    """SHA-256 of the chunk's file; it may hold rows beyond the window, which were fetched again since."""
    fetched: int
    """UTC nanoseconds by which it was fetched."""
    settled: int
    """UTC nanoseconds from which on the service may still add or change rows, from `start` to `end`; see `settling`."""

    @property
    def stretch(self) -> Stretch:
        """The window."""
        return self.start, self.end

    @property
    def settled_stretch(self) -> Stretch:
        """The part of the window that never has to be fetched again."""
        return self.start, self.settled

    def without(self, stretch: Stretch) -> "tuple[Piece, ...]":
        """Return what is left of the piece, of the same chunk, beside a stretch fetched anew; `rows` stays what it was."""
        first, last = stretch
        if first >= self.end or last <= self.start:
            return (self,)
        left = (
            replace_fields(self, end=min(self.end, first), settled=min(self.settled, first)),
            replace_fields(self, start=max(self.start, last), settled=max(self.settled, last)),
        )
        return tuple(piece for piece in left if piece.start < piece.end)


@dataclass(frozen=True, slots=True)
class Index:
    """What is held of one series."""

    key: Mapping[str, str]
    """What identifies the series."""
    pieces: tuple[Piece, ...] = ()
    """Ascending; they don't overlap."""


def series_name(key: Mapping[str, str]) -> str:
    """Return the name of a series' files: the SHA-256 of its key as canonical JSON."""
    return hashlib.sha256(canonical_json(dict(key)).encode()).hexdigest()


def read_index(path: Path, key: Mapping[str, str] | None = None) -> Index:
    """Return the index in a file, an empty one if there is no file; raises DataError if it was damaged.

    With a key, the file must be the index of that series.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Index(key or {})
    except OSError as error:
        raise DataError(Fault(str(path), "must be readable", error.strerror or "", "Check its permissions.")) from error
    return _parsed(path, content, key)


def write_index(path: Path, index: Index) -> None:
    """Replace an index file."""
    body = {"format": FORMAT, "key": dict(index.key), "pieces": [asdict(piece) for piece in sorted(index.pieces)]}
    replace(path, json.dumps({**body, "digest": _digest(body)}, indent=1).encode())


def _parsed(path: Path, content: bytes, key: Mapping[str, str] | None) -> Index:
    write = "The file was damaged; remove it, and its windows are fetched again."
    try:
        found = json.loads(content)
    except ValueError as error:
        raise DataError(Fault(str(path), "must be an index of the store", "no JSON", write)) from error
    if not isinstance(found, dict) or found.pop("digest", None) != _digest(found):
        raise DataError(Fault(str(path), "must be an index of the store", "content that its digest doesn't fit", write))
    if found["format"] != FORMAT:
        write = "Read it with the version that wrote it, or name another folder."
        raise DataError(Fault(str(path), f"must be of format {FORMAT}", f"format {found['format']}", write))
    if key is not None and found["key"] != dict(key):
        raise DataError(Fault(str(path), "must be the index of its series", f"that of {found['key']}", write))
    return Index(found["key"], tuple(Piece(**piece) for piece in found["pieces"]))


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()
