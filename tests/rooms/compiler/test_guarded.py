"""Guarded row functions: they are held to their arrays, and keep what they broke over."""

import numpy as np
import pytest

from runner.compiler import (
    FLAT,
    FLOAT,
    GRID,
    INT,
    MATRIX,
    SERIES,
    Cell,
    address_of,
    calling,
    checked_part,
    exactly,
    framed,
    guarded,
)

SIGNATURE = FLOAT(FLAT, SERIES, INT, FLOAT, MATRIX, GRID)
call = calling(SIGNATURE)


@checked_part
def chosen(p, place):
    return p[place]


def row(p, given, place, wanted, book, times):
    return chosen(p, place) + given[0] + wanted + book[0, 0] + times[1, 2]


@exactly(FLOAT(INT, FLAT, FLAT, INT, FLOAT, MATRIX, GRID))
def caller(where, p, given, place, wanted, book, times):
    """Call by address, as the kernel does."""
    return call(where, (p, given, place, wanted, book, times))


GIVEN = np.array([0.5])
BOOK = np.array([[4.0, 5.0]])
TIMES = np.array([[1, 2, 3], [4, 5, 2**62 + 1]])


def handed(*numbers, width=0, reach=20):
    """Return numbers with a cell, and the cell."""
    cell = Cell.holding(len(numbers) + reach)
    p = np.array(framed(numbers, width=width))
    p[-1] = cell.place
    return p, cell


def test_what_it_gives_is_what_the_function_gives():
    """Whatever stands between its own numbers and the cell."""
    (p, cell), (wide, _) = handed(1.0, 2.0), handed(1.0, 2.0, width=7)
    expected = row(np.array([1.0, 2.0]), GIVEN, 1, 3.0, BOOK, TIMES)

    assert guarded(row, SIGNATURE)(p, GIVEN, 1, 3.0, BOOK, TIMES) == expected
    assert guarded(row, SIGNATURE)(wide, GIVEN, -1, 3.0, BOOK, TIMES) == expected
    assert not cell.is_broken


@pytest.mark.parametrize("width", [0, 7])
def test_a_break_is_kept_with_all_that_was_handed_over(width):
    """The first one; from then on the function isn't called, and gives NaN."""
    p, cell = handed(1.0, 2.0, width=width)
    where = address_of(guarded(row, SIGNATURE))

    given = [caller(where, p, GIVEN, place, 3.0, BOOK, TIMES) for place in (0, 2, 3, 0)]

    assert np.isfinite(given).tolist() == [True, False, False, False]
    assert cell.is_broken
    kept = cell.arguments(SIGNATURE)
    assert len(kept) == cell.count == 6
    for one, other in zip(kept, ([1.0, 2.0], GIVEN, 2, 3.0, BOOK, TIMES), strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_a_cell_a_break_gives_nan():
    """As of a kind that is tried by itself."""
    assert np.isnan(guarded(row, SIGNATURE)(np.array(framed([1.0])), GIVEN, 1, 3.0, BOOK, TIMES))


def test_what_does_not_fit_is_not_kept():
    """Nothing is written beyond the cell, and reading it says so."""
    p, cell = handed(1.0, 2.0, reach=-17)
    around = np.full(64, 7, np.int64)
    around[: cell.words.size] = cell.words
    p[-1] = Cell(around).place

    guarded(row, SIGNATURE)(p, GIVEN, 5, 3.0, BOOK, TIMES)

    assert Cell(around).is_broken
    assert (around[cell.words.size :] == 7).all()
    with pytest.raises(IndexError):
        Cell(around[: cell.words.size]).arguments(SIGNATURE)
