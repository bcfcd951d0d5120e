"""Market data of one stream as columns.

Rows of one symbol lie together, sorted by the instant they are first known; rows of one instant keep the source's order.
Symbols keep their own clocks: nothing is aligned, padded or forward-filled, and one may tick every 10 ms beside another that
trades twice a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.market.streams import Stream, columns_of

__all__ = ["BAR_COLUMNS", "Tape"]

BAR_COLUMNS = columns_of("bars")
"""Columns of a bar tape, in quote currency per unit; volume in units, NaN where the source has none."""


@dataclass(frozen=True, slots=True)
class Tape:
    """One stream of several symbols. Arrays are C-contiguous and can't be written to."""

    symbols: tuple[str, ...]
    """Symbol of each code in `symbol`, in the order of the universe."""
    ts: NDArray[np.int64]
    """[R] UTC nanoseconds since 1970 at which the row is first known: a bar's close, the instant of anything else."""
    opened: NDArray[np.int64]
    """[R] UTC nanoseconds at which the bar opened, `opened < ts`; of anything else the same as `ts`."""
    session: NDArray[np.int32]
    """[R] session date of the row, in days since 1970-01-01, in the exchange's zone."""
    symbol: NDArray[np.int32]
    """[R] index into `symbols`; rows of one symbol are contiguous and ascending in `ts`."""
    columns: Mapping[str, NDArray[np.float64]]
    """[R] values per column name; see `streams`. Bars adjusted for corporate actions also have `raw_open`,
    `raw_high`, `raw_low` and `raw_close`, the prices that were really traded."""
    offsets: NDArray[np.int64]
    """[N+1] rows `offsets[i]:offsets[i + 1]` belong to symbol `i`; a symbol without rows has an empty range."""

    stream: Stream = "bars"
    """What a row is."""

    @property
    def rows(self) -> int:
        """Number of rows over all symbols."""
        return int(self.ts.size)

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        index = self.ts.nbytes + self.opened.nbytes + self.session.nbytes + self.symbol.nbytes + self.offsets.nbytes
        return index + sum(column.nbytes for column in self.columns.values())
