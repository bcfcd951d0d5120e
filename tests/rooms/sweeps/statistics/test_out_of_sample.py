"""What choosing by the past comes to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.sweeps.statistics import lane_chunks as chunks
from runner.sweeps.statistics.best_lanes import best_lanes
from runner.sweeps.statistics.out_of_sample import out_of_sample
from runner.sweeps.statistics.purge import Split

UP, DOWN = [0.01, 0.02], [-0.01, -0.02]


def split(train, test):
    return Split(np.array(train, dtype=np.intp), np.array(test, dtype=np.intp))


def test_the_best_of_each_training_trades_its_test():
    """Lane 0 is good at first and lane 1 then; each is chosen by what it was, and stitched with what it became."""
    returns = np.array([UP + DOWN + UP, DOWN + UP + DOWN]).T

    found = out_of_sample(returns, [split([0, 1], [2, 3]), split([2, 3], [4, 5])])

    assert found.lanes.tolist() == [0, 1]
    assert found.rows.tolist() == [2, 3, 4, 5]
    assert found.returns.tolist() == [-0.01, -0.02, -0.01, -0.02]
    assert found.equity == pytest.approx([0.99, 0.9702, 0.960498, 0.94128804], rel=1e-12)


@given(seed=st.integers(0, 2**32), lanes=st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_the_best_lane_is_the_one_with_the_highest_ratio(seed, lanes):
    """Whatever the rows, the choice is what computing each ratio by itself says."""
    generator = np.random.default_rng(seed)
    returns = generator.normal(size=(40, lanes)) * 0.01
    sets = [np.flatnonzero(generator.random(40) < share) for share in (0.3, 0.6, 1.0)]
    sets = [rows if rows.size > 1 else np.array([0, 1]) for rows in sets]

    found = best_lanes(returns, sets)

    expected = [(returns[rows].mean(axis=0) / returns[rows].std(axis=0, ddof=1)).argmax() for rows in sets]
    assert found.tolist() == expected


def test_lanes_in_chunks_are_chosen_alike(waves, monkeypatch):
    """Going through the lanes one by one finds the same best, and the first of equals."""
    returns = np.concatenate([waves(30, 5), waves(30, 5)], axis=1)
    sets = [np.arange(20), np.arange(10, 30)]
    together = best_lanes(returns[:, :5], sets)

    monkeypatch.setattr(chunks, "LARGEST", 30)

    assert best_lanes(returns, sets).tolist() == together.tolist()


def test_doing_nothing_is_better_than_losing():
    """A lane that never traded has the ratio 0, above any loss."""
    returns = np.array([[-0.01, -0.03, -0.01], [0.0, 0.0, 0.0]]).T

    assert best_lanes(returns, [np.arange(3)]).tolist() == [1]


def test_what_can_not_be_chosen_is_refused(waves):
    """One row tells no deviation, no lane is no choice, and a hole has no rank."""
    holed = waves(10, 2)
    holed[0, 0] = np.nan

    with pytest.raises(ValueError, match=r"too few rows in sets \[1\]"):
        best_lanes(waves(10, 2), [np.arange(5), np.arange(1)])
    with pytest.raises(ValueError, match="must be a lane"):
        best_lanes(np.ones((5, 0)), [np.arange(5)])
    with pytest.raises(ValueError, match="returns must be finite"):
        best_lanes(holed, [np.arange(5, 10)])
    with pytest.raises(ValueError, match="there must be a split"):
        out_of_sample(waves(10, 2), [])
