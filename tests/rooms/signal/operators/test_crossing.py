"""Crossings, against a plain reading of the definition."""

import math

import numpy as np
from evaluated import values
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.crossing import cross_above, cross_below

NAN = math.nan
LEVELS = st.lists(st.tuples(*[st.sampled_from([0.0, -0.0, 1.0, 2.0, NAN, math.inf])] * 2), min_size=1, max_size=30)


def crossed(ahead, behind):
    """True where it is above now and wasn't a row ago; undefined where one of the two rows is."""
    found = [NAN]
    for t in range(1, len(ahead)):
        rows = (ahead[t - 1], behind[t - 1], ahead[t], behind[t])
        found.append(float(rows[0] <= rows[1] and rows[2] > rows[3]) if all(map(math.isfinite, rows)) else NAN)
    return found


@given(rows=LEVELS)
@settings(max_examples=100, deadline=None)
def test_a_crossing_is_a_change_of_sides_between_two_known_rows(rows):
    """Whatever comes before or after."""
    a, b = np.array(rows).T.copy()

    np.testing.assert_array_equal(values(cross_above, a, b), crossed(a, b))
    np.testing.assert_array_equal(values(cross_below, a, b), crossed(b, a))


def test_a_touch_is_a_crossing_only_if_it_goes_on():
    """Up to the level and back is none; up to the level and beyond is one, at the row that is beyond."""
    back, beyond = values(cross_above, [0, 1, 0], [1]), values(cross_above, [0, 1, 2], [1])

    assert back[1:].tolist() == [0, 0]
    assert beyond[1:].tolist() == [0, 1]
