"""Values of rows side by side: taken whole where they lie together, put together where they don't."""

import math

import numpy as np
import pytest

from runner.signal.cells import CellNames, Cells, block_of

CALLED = CellNames(("a", "b"))
ONE, OTHER = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([[7.0, 8.0], [9.0, math.nan]])


def row(block, at, called=CALLED):
    return Cells(called, block, at)


@pytest.mark.parametrize(
    "rows",
    [
        [row(ONE, 1)],
        [row(ONE, 0), row(ONE, 1), row(ONE, 2)],
        [row(ONE, 2), row(ONE, 0), row(ONE, 0)],
        [row(ONE, 1), row(ONE, 2), row(OTHER, 0), row(OTHER, 1), row(ONE, 0)],
        [row(ONE, 1), {"b": 2.5, "a": 1.5}],
        [{"b": 2.5, "a": 1.5}, row(OTHER, 0)],
        [row(ONE[:, ::-1], 1, CellNames(("b", "a"))), row(ONE, 2)],
    ],
)
def test_a_block_has_every_rows_values_in_the_order_of_the_names(rows):
    """Whether the rows lie together, apart, the other way round, or come by name."""
    expected = np.array([[each["a"], each["b"]] for each in rows])

    assert block_of(rows, ("a", "b")).tobytes() == expected.tobytes()


def test_rows_that_lie_together_are_not_copied():
    """They are what most rows are."""
    assert np.shares_memory(block_of([row(ONE, 1), row(ONE, 2)], ("a", "b")), ONE)


def test_a_row_is_a_mapping_that_is_equal_to_itself():
    """Also where a value isn't known."""
    found = row(OTHER, 1)

    assert (list(found), len(found), found["a"], "c" in found) == (["a", "b"], 2, 9.0, False)
    assert found == row(OTHER.copy(), 1)
    assert found != row(OTHER, 0)
    assert row(ONE, 0) == {"a": 1.0, "b": 2.0}
