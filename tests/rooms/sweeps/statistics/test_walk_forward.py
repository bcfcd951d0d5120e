"""Walk-forward windows on instants."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.sweeps.statistics.walk_forward import WalkForward, walk_forward

DAY = 86_400 * 10**9


def days(*numbers):
    return np.array(numbers, dtype=np.int64) * DAY


def windows(splits):
    return [(split.train.tolist(), split.test.tolist()) for split in splits]


def test_rolling_windows_keep_their_length():
    """Four days teach, two test, and all move on by two; the last test has the one day that is left."""
    splits = walk_forward(days(*range(9)), WalkForward(train_ns=4 * DAY, test_ns=2 * DAY))

    assert windows(splits) == [([0, 1, 2, 3], [4, 5]), ([2, 3, 4, 5], [6, 7]), ([4, 5, 6, 7], [8])]


def test_anchored_windows_grow():
    """Anchored, training starts with the record and takes in every test that is over."""
    splits = walk_forward(days(*range(9)), WalkForward(train_ns=4 * DAY, test_ns=2 * DAY, is_anchored=True))

    assert windows(splits) == [([0, 1, 2, 3], [4, 5]), ([0, 1, 2, 3, 4, 5], [6, 7]), ([0, 1, 2, 3, 4, 5, 6, 7], [8])]


def test_what_is_open_or_under_embargo_does_not_teach():
    """A day of span and a day of embargo part training from its test, and move the first test on."""
    walk = WalkForward(train_ns=3 * DAY, test_ns=2 * DAY, span_ns=DAY, embargo_ns=DAY)

    splits = walk_forward(days(*range(9)), walk)

    assert windows(splits) == [([0, 1, 2], [5, 6]), ([2, 3, 4], [7, 8])]
    assert [each.train.tolist() for each in walk_forward(days(*range(9)), replace(walk, is_anchored=True))] == [
        [0, 1, 2],
        [0, 1, 2, 3, 4],
    ]


@pytest.mark.parametrize("is_anchored", [False, True])
def test_the_first_training_has_its_full_length(is_anchored):
    """The gap comes on top of the training and not out of it."""
    walk = WalkForward(train_ns=3 * DAY, test_ns=DAY, is_anchored=is_anchored, span_ns=DAY)

    assert windows(walk_forward(days(*range(8)), walk))[0] == ([0, 1, 2], [4])


def test_windows_are_time_and_not_rows():
    """Rows of hours and a hole of days: a window holds what was known in it, and one without rows to test is passed over."""
    instants = np.array([0, 6, 12, 18, 24, 30, 36, 42, 200, 206], dtype=np.int64) * (DAY // 24)

    splits = walk_forward(instants, WalkForward(train_ns=DAY, test_ns=DAY, is_anchored=True))

    assert windows(splits) == [([0, 1, 2, 3], [4, 5, 6, 7]), ([0, 1, 2, 3, 4, 5, 6, 7], [8, 9])]


def test_a_window_that_can_not_teach_is_passed_over():
    """After the hole a rolling window holds no two rows to choose a lane by."""
    splits = walk_forward(days(0, 1, 2, 3, 20, 21, 22), WalkForward(train_ns=2 * DAY, test_ns=DAY))

    assert windows(splits) == [([0, 1], [2]), ([1, 2], [3]), ([4, 5], [6])]


def test_a_record_that_is_too_short_has_no_windows():
    """Training that takes the whole record leaves nothing to test."""
    assert walk_forward(days(*range(5)), WalkForward(train_ns=5 * DAY, test_ns=DAY)) == []


@given(
    steps=st.lists(st.integers(1, 10), min_size=1, max_size=60),
    train=st.integers(1, 60),
    test=st.integers(1, 30),
    span=st.integers(0, 20),
    embargo=st.integers(0, 20),
    is_anchored=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_training_is_over_before_its_test(steps, train, test, span, embargo, is_anchored):
    """No outcome of training is open in its test or within the embargo before it; no row is tested twice."""
    instants = np.cumsum(np.array(steps, dtype=np.int64))

    splits = walk_forward(instants, WalkForward(train, test, is_anchored, span, embargo))

    for split in splits:
        assert instants[split.train].max() + span + embargo < instants[split.test].min()
        assert np.ptp(instants[split.test]) < test
        assert is_anchored or np.ptp(instants[split.train]) < train
        assert not is_anchored or split.train[0] == 0
    tested = np.concatenate([split.test for split in splits]) if splits else np.empty(0)
    assert np.all(np.diff(tested) > 0)


@pytest.mark.parametrize(("train", "test"), [(0, DAY), (DAY, 0), (-DAY, DAY)])
def test_windows_without_length_are_refused(train, test):
    """A window of no length would never end."""
    with pytest.raises(ValueError, match="train_ns and test_ns must be above 0"):
        WalkForward(train_ns=train, test_ns=test)


def test_instants_that_do_not_ascend_are_refused():
    """Two rows of one instant can't be told apart in time."""
    with pytest.raises(ValueError, match="instants must ascend"):
        walk_forward(days(0, 1, 1), WalkForward(DAY, DAY))
