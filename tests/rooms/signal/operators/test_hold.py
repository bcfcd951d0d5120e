"""Conditions that outlast their row."""

import math

import numpy as np
from evaluated import values
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.hold import hold_for, latch

NAN = math.nan
CONDITION = st.sampled_from([0.0, 0.0, 1.0, NAN])


@given(condition=st.lists(CONDITION, min_size=1, max_size=30), rows=st.integers(1, 6))
@settings(max_examples=100, deadline=None)
def test_it_holds_for_so_many_rows_after(condition, rows):
    """Over the defined rows: true if any of the last `rows` + 1 is, undefined while there aren't as many."""
    known = [c for c in condition if not math.isnan(c)]
    expected = [NAN if t < rows else max(known[t - rows : t + 1]) for t in range(len(known))]

    actual = values(hold_for, condition, p=(rows,))

    np.testing.assert_array_equal(actual[~np.isnan(condition)], expected)
    assert np.isnan(actual[np.isnan(condition)]).all()


def test_it_starts_anew_whenever_the_condition_is_true_again():
    """Two rows after the first and the second time, not four after the first."""
    assert values(hold_for, [0, 0, 1, 1, 0, 0, 0, 0], p=(2,))[2:].tolist() == [1, 1, 1, 1, 0, 0]


@given(rows=st.lists(st.tuples(CONDITION, CONDITION), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_a_latch_is_what_was_said_last(rows):
    """The last fully known row that sets or resets decides, and a row that does both resets."""
    said = [not off for on, off in [(0.0, 1.0), *rows] if not math.isnan(on + off) and (on or off)]
    known = not math.isnan(sum(rows[-1]))

    actual = values(latch, *np.array(rows).T.copy())[-1]

    np.testing.assert_equal(actual, float(said[-1]) if known else NAN)
