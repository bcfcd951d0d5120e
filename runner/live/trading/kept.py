"""The rows that a session was handed, kept as columns, so that it can be looked at like any other run."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from runner.engine.arriving import Columns
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.cells import block_of
from runner.signal.push import PushedRow

__all__ = ["KeptRows"]

CHUNK = 8_192
"""Rows that are held as Python numbers at most."""


class _Stream:
    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.chunks: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
        self.moments: list[tuple[int, int, int, int]] = []
        self.values: list[NDArray[np.float64]] = []

    def add(self, rows: Sequence[PushedRow]) -> None:
        self.moments += [(row.ts, row.ts if row.opened is None else row.opened, row.session, row.symbol) for row in rows]
        self.values.append(block_of([row.columns for row in rows], self.names))
        if len(self.moments) >= CHUNK:
            self.pack()

    def pack(self) -> None:
        if self.moments:
            self.chunks.append((np.array(self.moments, np.int64), np.concatenate(self.values)))
            self.moments, self.values = [], []


class KeptRows:
    """Rows by stream, as they came."""

    def __init__(self, symbols: tuple[str, ...], columns: Columns) -> None:
        """Keep rows of these streams with these columns."""
        self._symbols = symbols
        self._streams: dict[Stream, _Stream] = {stream: _Stream(names) for stream, names in columns.items()}

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
        held.pack()
        moments = np.concatenate([np.empty((0, 4), np.int64), *(each for each, _ in held.chunks)])
        values = np.concatenate([np.empty((0, len(held.names))), *(each for _, each in held.chunks)])
        order = np.argsort(moments[:, 3], kind="stable")
        moments, values = moments[order], values[order]
        counts = np.bincount(moments[:, 3], minlength=len(self._symbols))
        return Tape(
            symbols=self._symbols,
            ts=np.ascontiguousarray(moments[:, 0]),
            opened=np.ascontiguousarray(moments[:, 1]),
            session=moments[:, 2].astype(np.int32),
            symbol=moments[:, 3].astype(np.int32),
            columns={name: np.ascontiguousarray(values[:, place]) for place, name in enumerate(held.names)},
            offsets=np.append(0, np.cumsum(counts)).astype(np.int64),
            stream=stream,
        )
