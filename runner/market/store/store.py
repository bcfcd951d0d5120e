"""The store: fetches what isn't held of a series, part by part, and gives back any window of it.

1. `fill` takes the series' lock, so that of several processes only one asks for a part; the others find it there.
2. A missing stretch is fetched in parts; each is safe before the next is asked for, so a kill loses the part under way.
3. What isn't settled of a window (`settling`) is fetched again each time it is filled, and takes the place of what was held.
4. `read` holds every chunk against its digest and cuts the rows to the window.
5. `tidy` removes chunks no index names. It waits for writers and they for it; readers need no lock.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from runner.duration import DAY
from runner.errors import DataError, Fault
from runner.market.fetch import Fetchable, Progress
from runner.market.store.chunks import chunk_path, read_chunk, write_chunk
from runner.market.store.index import Index, Piece, read_index, series_name, write_index
from runner.market.store.settling import changed, settled_until
from runner.market.store.stretches import Stretch, missing
from runner.market.store.whole_files import TEMPORARY, locked

__all__ = ["Filled", "Kept", "Store"]

FIRST_PART = 30 * DAY
"""Length of the first part of a stretch; the next ones are as long as keeps their rows between the two numbers below."""
FEW, MANY = 20_000, 200_000
"""Rows of a part: with fewer the next is twice as long, with more half as long."""

Clock = Callable[[], int]
"""Returns the current UTC nanoseconds."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling a window did."""

    held: tuple[Piece, ...] = ()
    """Pieces of the window that were there already."""
    fetched: tuple[Piece, ...] = ()
    """Pieces that were fetched."""
    changed: int = 0
    """Rows that were held, not settled, and came with other values now or not at all."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A window of a series, read from the store."""

    frame: pl.DataFrame
    """Rows in the window, ascending in `timestamp`."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Series and window of each chunk read → SHA-256 of its bytes."""
    as_of: int = 0
    """UTC nanoseconds by which the last of it was fetched."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `fill` was asked for."""

    source: Fetchable
    symbol: str
    wanted: Stretch
    now: Clock
    on_progress: Progress


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of kept series, shared by any number of processes."""

    folder: Path

    def missing(self, key: Mapping[str, str], wanted: Stretch) -> list[Stretch]:
        """Return what of a window has to be fetched: it isn't held, as a piece whose chunk was removed, or isn't settled."""
        return missing((piece.settled_stretch for piece in self._held(key).pieces), wanted)

    def fill(
        self, source: Fetchable, symbol: str, wanted: Stretch, *, now: Clock, on_progress: Progress = lambda _: None
    ) -> Filled:
        """Fetch what isn't held, or isn't settled, of a window.

        Args:
            source: where the rows come from.
            symbol: the series, together with the source's own key.
            wanted: the window; it must lie inside of `source.windows(symbol)`.
            now: the clock, asked after each part.
            on_progress: told the instant up to which rows have arrived.

        Raises:
            DataError: The rows can't be had, aren't what was asked for, or the store can't be written.
        """
        key = source.fetch_key(symbol)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            before = _overlapping(self._held(key).pieces, wanted)
            filled = Filled(before)
            length = FIRST_PART
            asked = _Asked(source, symbol, wanted, now, on_progress)
            while part := self._next_part(asked, length, filled.fetched):
                piece, others = part
                filled = Filled(before, (*filled.fetched, piece), filled.changed + others)
                length = length * 2 if piece.rows < FEW else max(length // 2, 1) if piece.rows > MANY else length
        except OSError as error:
            raise DataError(self._not_writable(error)) from error
        return filled

    def read(self, key: Mapping[str, str], wanted: Stretch) -> Kept:
        """Return the rows of a window that is held; raises DataError if part of it isn't, or a chunk was damaged."""
        index = self._held(key)
        gaps = missing((piece.stretch for piece in index.pieces), wanted)
        if gaps:
            write = "Fetch it: runner data fetch, with the same words."
            raise DataError(Fault(_name(key), "must be in the store", f"without {_dates(*gaps[0])}", write))
        pieces = _overlapping(index.pieces, wanted)
        frames = [self._rows(piece, wanted) for piece in pieces]
        digests = {f"{_name(key)}, {_dates(*piece.stretch)}": piece.chunk for piece in pieces}
        return Kept(pl.concat(frames), digests, max(piece.fetched for piece in pieces))

    def tidy(self) -> int:
        """Remove chunks that no index names and files that were never finished; return how many."""
        with locked(self._lock("store")):
            indexes = (read_index(path) for path in (self.folder / "series").glob("*.json"))
            named = {piece.chunk for index in indexes for piece in index.pieces}
            leftover = [path for path in self.folder.glob(f"*/**/.*{TEMPORARY}") if path.is_file()]
            leftover += [path for path in self._chunks.glob("*/*.parquet") if path.stem not in named]
            for path in leftover:
                path.unlink()
            return len(leftover)

    def _next_part(self, asked: _Asked, length: int, fetched: tuple[Piece, ...]) -> tuple[Piece, int] | None:
        """Fetch and keep the first part that isn't held, and count what changed; None if everything is.

        What was fetched by the same filling is held, settled or not.
        """
        source, wanted = asked.source, asked.wanted
        key = source.fetch_key(asked.symbol)
        with locked(self._lock(series_name(key))):
            index = self._held(key)
            held = (piece.settled_stretch for piece in index.pieces)
            gaps = missing((*held, *(piece.stretch for piece in fetched)), wanted)
            if not gaps:
                return None
            first, last = gaps[0]
            # Rows of a series that is restated fit together only if they were fetched together.
            start, end = wanted if source.restates() else (first, min(last, first + length))
            part, over = (start, end), source.over()
            frame = source.fetch(asked.symbol, start, end, asked.on_progress)
            _refuse_strays(frame, asked.symbol, part, _name(key))
            kept = () if source.restates() else index.pieces
            others = changed(self._known(kept, part, frame), frame)
            left = [rest for piece in kept for rest in self._without(piece, part)]
            with locked(self._lock("store"), shared=True):
                chunk = write_chunk(self._chunks, frame)
                piece = Piece(start, end, frame.height, chunk, asked.now(), settled_until(frame, part, over))
                write_index(self._path(key), replace(index, pieces=(*left, piece)))
            return piece, others

    def _known(self, pieces: Iterable[Piece], part: Stretch, like: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a part that are held."""
        return pl.concat([like.clear(), *(self._rows(piece, part) for piece in _overlapping(pieces, part))])

    def _without(self, piece: Piece, part: Stretch) -> tuple[Piece, ...]:
        """Return what is left of a piece beside a part that was fetched anew, its rows counted."""
        left = piece.without(part)
        return (
            left if left == (piece,) else tuple(replace(rest, rows=self._rows(rest, rest.stretch).height) for rest in left)
        )

    def _rows(self, piece: Piece, wanted: Stretch) -> pl.DataFrame:
        """Return the rows a piece holds of a window; raises DataError if its chunk was damaged."""
        start, end = max(piece.start, wanted[0]), min(piece.end, wanted[1])
        inside = pl.col("timestamp").dt.epoch("ns").is_between(start, end, closed="left")
        return read_chunk(self._chunks, piece.chunk).filter(inside)

    def _held(self, key: Mapping[str, str]) -> Index:
        index = read_index(self._path(key), key)
        there = tuple(piece for piece in index.pieces if chunk_path(self._chunks, piece.chunk).is_file())
        return replace(index, pieces=there)

    def _path(self, key: Mapping[str, str]) -> Path:
        return self.folder / "series" / f"{series_name(key)}.json"

    def _lock(self, name: str) -> Path:
        return self.folder / "locks" / f"{name}.lock"

    @property
    def _chunks(self) -> Path:
        return self.folder / "chunks"

    def _not_writable(self, error: OSError) -> Fault:
        was = f"{self.folder} ({error.strerror})"
        return Fault("data.store", "must be a folder that can be written", was, "Write data.store: with another folder.")


def _overlapping(pieces: Iterable[Piece], wanted: Stretch) -> tuple[Piece, ...]:
    start, end = wanted
    return tuple(piece for piece in sorted(pieces) if piece.start < end and piece.end > start)


def _refuse_strays(frame: pl.DataFrame, symbol: str, wanted: Stretch, name: str) -> None:
    """Hold what a source gave against its contract: what is kept is never asked for again."""
    stamps = frame["timestamp"].dt.epoch("ns")
    is_inside = bool(stamps.is_between(*wanted, closed="left").all())
    is_ascending = bool((stamps.diff().drop_nulls() > 0).all())
    if is_inside and is_ascending and bool((frame["symbol"] == symbol).all()):
        return
    was = "rows out of it, out of order or of another symbol"
    write = "Nothing was kept; the source is at fault."
    raise DataError(Fault(name, f"must give the rows of {_dates(*wanted)}", was, write))


def _name(key: Mapping[str, str]) -> str:
    return " ".join(key.values())


def _dates(start: int, end: int) -> str:
    first, last = (np.datetime_as_string(np.datetime64(instant, "ns"), unit="auto") for instant in (start, end))
    return f"{first} to {last} UTC"
