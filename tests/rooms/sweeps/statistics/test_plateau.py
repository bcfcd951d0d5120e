"""The plateau around the best lane: grids that can be drawn."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.sweeps.statistics.plateau import plateau


def grid(*rows):
    """Return positions [N, 2] and metric [N] of a grid written as rows of numbers."""
    table = np.array(rows, dtype=float)
    return np.array(list(np.ndindex(*table.shape)), dtype=np.int64), table.ravel()


def test_a_peak_and_its_surroundings_by_hand():
    """The best is 10, so 9 keeps up: 4 of 8 neighbours do, 6 of 15 lanes up to two away; the region goes by straight steps."""
    positions, metric = grid(
        [9, 1, 1, 9],
        [1, 9, 9, 1],
        [1, 9, 10, 1],
        [1, 1, 1, 9],
    )  # fmt: skip

    found = plateau(positions, metric, is_ordinal=(True, True), radius=2, tolerance=0.1)

    assert (found.lane, found.level) == (10, 9.0)
    assert found.neighbours == (8, 15)
    assert found.shares == (0.5, pytest.approx(6 / 15))
    assert (found.region, found.region_share) == (4, 0.25)


def test_a_categorical_axis_has_no_neighbours():
    """Lanes of another file aren't near, whatever number the file has; on the ordinal axis they are."""
    positions, metric = grid([5, 10, 9], [10, 10, 10])

    found = plateau(positions, metric, is_ordinal=(False, True), radius=1, tolerance=0.2)

    assert found.lane == 1
    assert found.neighbours == (2,)
    assert found.shares == (0.5,)
    assert found.region == 2


def test_only_categorical_axes_leave_the_best_alone():
    """Where no place is near another there is nothing to say, and nothing is said."""
    positions, metric = grid([1, 2], [3, 4])

    found = plateau(positions, metric, is_ordinal=(False, False))

    assert found.neighbours == (0, 0)
    assert found.shares == (None, None)
    assert (found.region, found.region_share) == (1, 0.25)


def test_a_lane_that_failed_is_a_neighbour_that_failed():
    """A crash beside the best isn't a hole in the plateau but its edge."""
    positions, metric = grid([np.nan, 10.0, np.inf, 10.0])

    found = plateau(positions, metric, is_ordinal=(True, True), radius=2)

    assert found.lane == 1
    assert found.neighbours == (2, 3)
    assert found.shares == (0.0, pytest.approx(1 / 3))
    assert found.region == 1


def test_a_best_below_zero_has_its_level_below_it():
    """Losing a tenth of −10 is −11, not −9."""
    positions, metric = grid([-10.5, -10.0, -11.5])

    found = plateau(positions, metric, is_ordinal=(True, True), radius=1)

    assert found.level == -11.0
    assert found.shares == (0.5,)


def test_lanes_at_one_position_are_one_place():
    """The best twice is no neighbour of itself, but both are of the region."""
    positions = np.array([[3], [3], [4], [4], [9]])

    found = plateau(positions, np.array([5.0, 5.0, 4.9, 1.0, 5.0]), is_ordinal=(True,), radius=1)

    assert found.neighbours == (2,)
    assert found.shares == (0.5,)
    assert found.region == 3


def test_a_sweep_of_one_lane_without_axes():
    """One lane is its own plateau."""
    found = plateau(np.empty((1, 0), dtype=np.int64), np.array([1.0]), is_ordinal=())

    assert (found.neighbours, found.shares, found.region) == ((0, 0), (None, None), 1)


def test_many_axes_need_no_more_than_their_number():
    """Twelve axes of two places, all as good: each lane is a neighbour and all are one region."""
    positions = np.array(list(product((0, 1), repeat=12)))

    found = plateau(positions, np.ones(4_096), is_ordinal=(True,) * 12, radius=1)

    assert found.neighbours == (4_095,)
    assert (found.shares, found.region) == ((1.0,), 4_096)


@given(
    cells=st.lists(st.integers(0, 3), min_size=20, max_size=20),
    ordinal=st.tuples(st.booleans(), st.booleans()),
    seed=st.integers(0, 10**6),
)
@settings(max_examples=150, deadline=None)
def test_order_of_lanes_changes_nothing_and_floods_agree(cells, ordinal, seed):
    """The region is what spreading over the whole table until nothing changes finds; lanes may come in any order."""
    cells[7] = 4  # one best
    positions, metric = grid(*[cells[row : row + 5] for row in range(0, 20, 5)])
    order = np.random.default_rng(seed).permutation(20)

    found = plateau(positions, metric, is_ordinal=ordinal, tolerance=0.3)
    shuffled = plateau(positions[order], metric[order], is_ordinal=ordinal, tolerance=0.3)

    reached = {(1, 2)}
    for _ in range(20):
        for row, column in list(reached):
            steps = [(row + 1, column), (row - 1, column)] * ordinal[0] + [(row, column + 1), (row, column - 1)] * ordinal[1]
            reached |= {(r, c) for r, c in steps if 0 <= r < 4 and 0 <= c < 5 and cells[5 * r + c] >= 2.8}
    assert found.region == len(reached)
    assert (shuffled.neighbours, shuffled.shares, shuffled.region) == (found.neighbours, found.shares, found.region)
    assert order[shuffled.lane] == found.lane == 7


@pytest.mark.parametrize(
    ("metric", "ordinal", "radius", "tolerance", "match"),
    [
        ([1.0], (True,), 1, 0.1, "must fit"),
        ([1.0, 2.0], (True, True), 1, 0.1, "must fit"),
        ([1.0, 2.0], (True,), 0, 0.1, "must fit; radius"),
        ([1.0, 2.0], (True,), 1, -0.1, "tolerance at least 0"),
        ([np.nan, np.inf], (True,), 1, 0.1, "a lane must have a finite metric"),
    ],
)
def test_what_does_not_fit_is_refused(metric, ordinal, radius, tolerance, match):
    """Shapes that differ, distances of nothing and lanes without a metric are slips."""
    with pytest.raises(ValueError, match=match):
        plateau(np.array([[0], [1]]), np.array(metric), is_ordinal=ordinal, radius=radius, tolerance=tolerance)
