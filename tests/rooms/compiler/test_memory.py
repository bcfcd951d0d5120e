"""Columns by address, rows asked for ahead, numbers in registers."""

import numpy as np
import pytest
from numba import njit

from runner.compiler import fetch, load, load_whole, places, registers


@njit(_nrt=False)
def _summed(at, rows):
    held = registers(3)
    for i in range(3):
        held[i] = 0.0
    for row in range(rows):
        held[0] += load(at[0], row)
        held[1] += load_whole(at[1], row)
        held[row % 3] += 0.5
    return held[0], held[1], held[2], held.size


@njit(_nrt=False)
def _asked(at, row):
    fetch(at[0], row)
    fetch(0, row)
    return load(at[0], 1)


def test_columns_are_read_where_they_lie():
    """Sums over a float64 and an int64 column, kept in registers, are those of numpy."""
    numbers, wholes = np.array([1.5, 2.5, 4.0, 8.0]), np.array([1, 2, 3, 4])

    assert _summed(places([numbers, wholes]), 4) == (numbers.sum() + 1.0, wholes.sum() + 0.5, 0.5, 3)


def test_each_call_has_registers_of_its_own():
    """What one call left behind doesn't reach the next."""
    numbers, wholes = np.ones(3), np.ones(3, np.int64)

    assert _summed(places([numbers, wholes]), 3) == _summed(places([numbers, wholes]), 3)


@pytest.mark.parametrize("row", [0, 10**9, -(10**9)])
def test_asking_for_a_row_reads_nothing(row):
    """A row that doesn't exist, and a column that isn't there, may be asked for."""
    assert _asked(places([np.array([3.0, 7.0])]), row) == 7.0


@pytest.mark.parametrize("column", [np.ones(4, np.float32), np.ones((4, 2))[:, 0]], ids=["float32", "in pieces"])
def test_columns_that_cannot_be_read_so_are_refused(column):
    """Another type, or numbers that don't lie side by side."""
    with pytest.raises(ValueError, match="in one piece"):
        places([column])
