"""Typed access to the columns of a table, whose type alone doesn't say which dtype a column has."""

import numpy as np
from numpy.typing import NDArray

from runner.tables import Table

__all__ = ["flags", "numbers", "stamps", "words"]


def numbers(table: Table, name: str) -> NDArray[np.float64]:
    """Return a column of quantities, prices or money."""
    return np.asarray(table[name], dtype=np.float64)


def stamps(table: Table, name: str) -> NDArray[np.int64]:
    """Return a column of UTC nanoseconds or counts."""
    return np.asarray(table[name], dtype=np.int64)


def flags(table: Table, name: str) -> NDArray[np.bool_]:
    """Return a column of true and false."""
    return np.asarray(table[name], dtype=np.bool_)


def words(table: Table, name: str) -> NDArray[np.str_]:
    """Return a column of text."""
    return np.asarray(table[name], dtype=np.str_)
