"""Which rows may teach: intervals that touch, one row at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.sweeps.statistics.purge import teaching_rows

DAY = 86_400 * 10**9
HOUR = DAY // 24


def days(*numbers):
    return np.array(numbers, dtype=np.int64) * DAY


def test_a_week_with_a_test_in_its_middle():
    """Days 3 and 4 test; outcomes take a day, so day 2 is open in the test and day 5 overlaps it; the embargo takes day 6."""
    may = teaching_rows(days(*range(10)), [(3, 5)], span_ns=DAY, embargo_ns=DAY)

    assert np.flatnonzero(may).tolist() == [0, 1, 7, 8, 9]


def test_a_weekend_counts_as_the_time_it_is():
    """A span of three days from Friday reaches Monday; three rows before Monday would have been Wednesday."""
    wednesday, thursday, friday, monday, tuesday = days(0, 1, 2, 5, 6)
    instants = np.array([wednesday, thursday, friday, monday, tuesday])

    may = teaching_rows(instants, [(3, 4)], span_ns=3 * DAY)

    assert may.tolist() == [True, True, False, False, False]


def test_without_span_and_embargo_only_the_tests_are_left_out():
    """Rows beside a test teach where nothing is open there."""
    may = teaching_rows(days(0, 1, 2, 3, 4, 5), [(1, 2), (4, 6)])

    assert np.flatnonzero(may).tolist() == [0, 2, 3]


@given(
    steps=st.lists(st.integers(1, 30), min_size=2, max_size=30),
    span=st.integers(0, 60),
    embargo=st.integers(0, 60),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_no_interval_touches_a_test(steps, span, embargo, data):
    """A row teaches just where [t, t + span] is apart from every test's [a, b + span] and not within the embargo after it."""
    instants = np.cumsum(np.array(steps, dtype=np.int64)) * HOUR
    rows = len(instants)
    first = data.draw(st.integers(0, rows - 1))
    after = data.draw(st.integers(first + 1, rows))
    tests = [(first, after)] + ([(0, 1)] if first > 1 else [])

    may = teaching_rows(instants, tests, span_ns=span * HOUR, embargo_ns=embargo * HOUR)

    for row, instant in enumerate((instants // HOUR).tolist()):
        expected = True
        for start, end in tests:
            a, b = instants[start] // HOUR, instants[end - 1] // HOUR
            apart = instant + span < a or instant > b + span
            expected = expected and apart and not b + span < instant <= b + span + embargo
        assert may[row] == expected


@pytest.mark.parametrize(
    ("instants", "span", "match"),
    [
        (days(), 0, "instants must ascend"),
        (days(1, 1), 0, "instants must ascend"),
        (days(2, 1), 0, "instants must ascend"),
        (days(1, 2), -1, "must be 0 or more"),
    ],
)
def test_impossible_times_are_refused(instants, span, match):
    """Time goes forward, and lengths of it aren't negative."""
    with pytest.raises(ValueError, match=match):
        teaching_rows(instants, [(0, 1)], span_ns=span)
