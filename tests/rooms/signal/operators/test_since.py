"""Rows since a condition was true."""

import math

import numpy as np
from evaluated import values
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.since import since

NAN = math.nan


@given(condition=st.lists(st.sampled_from([0.0, 0.0, 1.0, NAN]), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_it_counts_the_defined_rows_since_the_last_true_one(condition):
    """0 where it is true, undefined before it ever was and where the condition is."""
    known = [c for c in condition if not math.isnan(c)]
    expected = [known[: t + 1][::-1].index(1.0) if 1.0 in known[: t + 1] else NAN for t in range(len(known))]

    actual = values(since, condition)

    np.testing.assert_array_equal(actual[~np.isnan(condition)], expected)
    assert np.isnan(actual[np.isnan(condition)]).all()
