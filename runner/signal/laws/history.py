"""Rows of several symbols, as an operator reads them, and the ways a law takes them apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Flags", "History", "Values"]

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class History:
    """Rows of N symbols, one symbol after another, R in all."""

    columns: tuple[Values, ...]
    """[R] values per input, then per column that the operator reads by itself."""
    known: Values
    """[R] instants in microseconds since 1970, ascending within a symbol."""
    session: Values
    """[R] session dates in days since 1970, ascending within a symbol."""
    offsets: NDArray[np.int64]
    """[N+1] rows `offsets[i]:offsets[i + 1]` belong to symbol i."""

    @property
    def rows(self) -> int:
        """Rows of all symbols."""
        return int(self.offsets[-1])

    @property
    def parts(self) -> tuple[slice, ...]:
        """Rows of each symbol."""
        return tuple(slice(a, b) for a, b in zip(self.offsets[:-1].tolist(), self.offsets[1:].tolist(), strict=True))

    @property
    def starts(self) -> NDArray[np.int64]:
        """[R] first row of the symbol that a row belongs to."""
        return np.repeat(self.offsets[:-1], np.diff(self.offsets))

    def taken(self, parts: Sequence[NDArray[np.int64]]) -> "History":
        """Return another history: one array of row numbers per symbol, in its order."""
        rows = np.concatenate([*parts, np.zeros(0, dtype=np.int64)])
        counts = [part.size for part in parts]
        return History(
            tuple(column[rows] for column in self.columns),
            self.known[rows],
            self.session[rows],
            np.cumsum([0, *counts], dtype=np.int64),
        )

    def kept(self, keep: Flags) -> "History":
        """Return the rows where `keep` is true, of as many symbols."""
        return self.taken([part.start + np.flatnonzero(keep[part]) for part in self.parts])

    def put(self, column: int, rows: Flags | NDArray[np.int64] | int, values: Values | float) -> "History":
        """Return the history with other values at some rows of a column."""
        changed = self.columns[column].copy()
        changed[rows] = values
        return replace(self, columns=(*self.columns[:column], changed, *self.columns[column + 1 :]))
