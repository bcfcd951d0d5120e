"""How long a condition has been true."""

import math
from itertools import takewhile

import numpy as np
from evaluated import values
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.streak import streak

NAN = math.nan


@given(condition=st.lists(st.sampled_from([0.0, 1.0, 1.0, NAN]), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_it_counts_the_true_rows_up_to_this_one(condition):
    """Among the defined rows; the first that is false ends the count."""
    known = [c for c in condition if not math.isnan(c)]
    expected = [sum(takewhile(bool, known[t::-1])) for t in range(len(known))]

    actual = values(streak, condition)

    np.testing.assert_array_equal(actual[~np.isnan(condition)], expected)
    assert np.isnan(actual[np.isnan(condition)]).all()
