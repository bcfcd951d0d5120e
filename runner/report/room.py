"""Scratch for the compiled figures: made once, for any number of runs that are no larger."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.report.kernel import layout

__all__ = ["Room", "room_for"]


@dataclass(frozen=True, slots=True)
class Room:
    """Buffers in which the figures of one run after another are made."""

    counts: NDArray[np.int64]
    wholes: NDArray[np.int64]
    """[WHOLES, …] columns of whole numbers."""
    numbers: NDArray[np.float64]
    """[NUMBERS, …] columns of numbers."""
    trade_n: NDArray[np.int64]
    """[fills, TRADE_N] whole numbers of trades."""
    trade_x: NDArray[np.float64]
    """[fills, TRADE_X] numbers of trades."""
    out: NDArray[np.float64]
    """[FIGURES] the figures."""

    @property
    def scratch(self) -> tuple[NDArray[Any], ...]:
        """The buffers in the order in which compiled functions take them."""
        return self.counts, self.wholes, self.numbers, self.trade_n, self.trade_x


def room_for(lines: int, instants: int, symbols: int) -> Room:
    """Return room for runs of so many lines (or rows of a table of events), instants and symbols at most."""
    return Room(
        np.zeros(layout.COUNTS, np.int64),
        np.empty((layout.WHOLES, _apart(max(lines, symbols))), np.int64),
        np.empty((layout.NUMBERS, _apart(max(lines, instants) + 1))),
        np.empty((lines, layout.TRADE_N), np.int64),
        np.empty((lines, layout.TRADE_X)),
        np.empty(layout.FIGURES),
    )


def _apart(rows: int) -> int:
    """Return a length for columns that lie side by side: of a power of two all would share the same lines of the cache."""
    lines = -(-rows // 8)
    return 8 * (lines + 1 - lines % 2)
