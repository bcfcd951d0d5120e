"""Columns that are used again, for whoever evaluates one graph after another over the same rows.

A column of a long tape is pages that the system has to find and empty, which takes longer than many operators take to fill
it; one that was filled before is there.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spare"]

Values = NDArray[np.float64]


class Spare:
    """Hands out columns, and takes them back; one thread's."""

    def __init__(self) -> None:
        """Begin without any."""
        self._free: dict[int, list[Values]] = {}
        self._lent: dict[int, Values] = {}

    def column(self, rows: int) -> Values:
        """Return a column with anything in it, until it is taken back."""
        free = self._free.get(rows)
        found = free.pop() if free else np.empty(rows)
        self._lent[id(found)] = found
        return found

    def back(self, column: Values) -> None:
        """Take one column back, if it was handed out here."""
        if self._lent.pop(id(column), None) is not None:
            self._free.setdefault(column.size, []).append(column)

    def all_back(self) -> None:
        """Take back everything that was handed out."""
        for column in [*self._lent.values()]:
            self.back(column)
