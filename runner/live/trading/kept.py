"""The rows that a session was handed, kept as columns, so that it can be looked at like any other run.

A session may last for weeks, and its rows are asked for when it has ended. So only the latest are held in memory; the others
lie in a file without a name, which is gone with the process: whoever goes on after it has the recording.
"""

import os
import tempfile
import weakref
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.engine.arriving import Columns
from runner.live.ports import DiskFailed
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.cells import block_of
from runner.signal.push import PushedRow

__all__ = ["KeptRows"]

CHUNK = 128
"""Rows that are held in memory at most; few, as nothing else is done while they are put down."""
MOMENTS = 4
"""Whole numbers of a row: when it was known, when it opened, its session date, its symbol."""
NUMBER = 8
"""Bytes of one."""

Wholes = NDArray[np.int64]
Values = NDArray[np.float64]


class _Stream:
    def __init__(self, names: Sequence[str], folder: Path | None) -> None:
        self.names = tuple(names)
        self._folder = folder
        self._file = -1
        self._chunks = array("q")
        """Rows of each stretch of the file."""
        self._moments: list[tuple[int, int, int, int]] = []
        self._values: list[Values] = []

    def add(self, rows: Sequence[PushedRow]) -> None:
        self._moments += [(row.ts, row.ts if row.opened is None else row.opened, row.session, row.symbol) for row in rows]
        self._values.append(block_of([row.columns for row in rows], self.names))
        if len(self._moments) >= CHUNK:
            self._put_down()

    def moments(self) -> Wholes:
        """Return [R, MOMENTS] of every row."""
        held = np.array(self._moments, np.int64).reshape(-1, MOMENTS)
        return np.concatenate([*(self._read(at, rows, MOMENTS, np.int64) for at, rows in self._places()), held])

    def values(self) -> Iterator[Values]:
        """Yield [S, K] of stretches of rows, which are all rows in their order."""
        for at, rows in self._places():
            yield self._read(at + rows * MOMENTS * NUMBER, rows, len(self.names), np.float64)
        yield from self._values

    def _put_down(self) -> None:
        data = np.array(self._moments, np.int64).tobytes() + np.concatenate(self._values).tobytes()
        try:
            if self._file < 0:
                with tempfile.TemporaryFile(dir=self._folder) as file:
                    self._file = os.dup(file.fileno())
                weakref.finalize(self, os.close, self._file)
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            raise DiskFailed(error.strerror or "rows can't be kept") from error
        self._chunks.append(len(self._moments))
        self._moments, self._values = [], []

    def _places(self) -> Iterator[tuple[int, int]]:
        """Yield where each stretch of the file begins, and how many rows it has."""
        at = 0
        for rows in self._chunks:
            yield at, rows
            at += rows * (MOMENTS + len(self.names)) * NUMBER

    def _read(self, at: int, rows: int, width: int, kind: type[np.int64] | type[np.float64]) -> NDArray[Any]:
        return np.frombuffer(os.pread(self._file, rows * width * NUMBER, at), kind).reshape(rows, width)


class KeptRows:
    """Rows by stream, as they came."""

    def __init__(self, symbols: tuple[str, ...], columns: Columns, folder: Path | None = None) -> None:
        """Keep rows of these streams with these columns, in a folder; None for the system's, of files that pass."""
        self._symbols = symbols
        self._streams: dict[Stream, _Stream] = {stream: _Stream(names, folder) for stream, names in columns.items()}

    def add(self, rows: Sequence[PushedRow]) -> None:
        """Keep the rows of an instant, or of some that follow each other."""
        for stream, held in self._streams.items():
            own = [row for row in rows if row.clock == stream]
            if own:
                held.add(own)

    def tapes(self) -> dict[Stream, Tape]:
        """Return the rows as tapes."""
        return {stream: self._tape(stream, held) for stream, held in self._streams.items()}

    def _tape(self, stream: Stream, held: _Stream) -> Tape:
        moments = held.moments()
        order = np.argsort(moments[:, 3], kind="stable")
        columns, begin = np.empty((len(held.names), len(order))), 0
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        # A stretch at a time: more than once they might not fit into memory.
        for values in held.values():
            end = begin + len(values)
            columns[:, place[begin:end]] = values.T
            begin = end
        moments = moments[order]
        counts = np.bincount(moments[:, 3], minlength=len(self._symbols))
        return Tape(
            symbols=self._symbols,
            ts=np.ascontiguousarray(moments[:, 0]),
            opened=np.ascontiguousarray(moments[:, 1]),
            session=moments[:, 2].astype(np.int32),
            symbol=moments[:, 3].astype(np.int32),
            columns=dict(zip(held.names, columns, strict=True)),
            offsets=np.append(0, np.cumsum(counts)).astype(np.int64),
            stream=stream,
        )
