"""Market data of one stream family as columns.

Rows of one symbol lie together, sorted by the instant they are first known; `merge_order` gives the time-major order over
all symbols. Symbols keep their own clocks: nothing is aligned, padded or forward-filled.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BAR_COLUMNS", "Tape"]

BAR_COLUMNS = ("open", "high", "low", "close", "volume")
"""Columns of a bar tape, in quote currency per unit; volume in units, NaN where the source has none."""


@dataclass(frozen=True, slots=True)
class Tape:
    """Bars of several symbols. Arrays are C-contiguous and must not be written to."""

    symbols: tuple[str, ...]
    """Symbol of each code in `symbol`, in the order of the universe."""
    ts: NDArray[np.int64]
    """[R] UTC nanoseconds since 1970 at which the row is first known: the bar's close."""
    opened: NDArray[np.int64]
    """[R] UTC nanoseconds at which the bar opened; `opened < ts`."""
    session: NDArray[np.int32]
    """[R] session date of the row, in days since 1970-01-01, in the exchange's zone."""
    symbol: NDArray[np.int32]
    """[R] index into `symbols`; rows of one symbol are contiguous and ascending in `ts`."""
    columns: Mapping[str, NDArray[np.float64]]
    """[R] values per column name; see `BAR_COLUMNS`."""
    offsets: NDArray[np.int64]
    """[N+1] rows `offsets[i]:offsets[i + 1]` belong to symbol `i`; a symbol without rows has an empty range."""

    @property
    def rows(self) -> int:
        """Number of rows over all symbols."""
        return int(self.ts.size)

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        index = self.ts.nbytes + self.opened.nbytes + self.session.nbytes + self.symbol.nbytes + self.offsets.nbytes
        return index + sum(column.nbytes for column in self.columns.values())
