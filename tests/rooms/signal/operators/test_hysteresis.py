"""A switch with two thresholds."""

import math

import numpy as np
from evaluated import values
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.hysteresis import hysteresis

NAN = math.nan


def test_it_turns_on_above_high_and_off_below_low():
    """On the thresholds themselves nothing changes."""
    x = [0.5, 2.0, 2.1, 1.5, 1.0, 0.9, 1.5, 2.1]

    assert values(hysteresis, x, [1], [2]).tolist() == [0, 0, 1, 1, 1, 0, 0, 1]


@given(x=st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, NAN, math.inf]), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_it_is_what_the_last_extreme_said(x):
    """On if the last defined row beyond a threshold was above the high one; undefined rows say nothing."""
    beyond = [(v > 2.0) for v in [0.0, *x] if math.isfinite(v) and not 1.0 <= v <= 2.0]
    defined = math.isfinite(x[-1])

    actual = values(hysteresis, x, [1], [2])[-1]

    np.testing.assert_equal(actual, float(beyond[-1]) if defined else NAN)


def test_thresholds_the_wrong_way_round_are_undefined():
    """Such a row doesn't flip the switch."""
    actual = values(hysteresis, [3, 3, 1.5, 0, 1.5], [1, 1, 1, 2, 1], [2, 2, 2, 1, 2])

    np.testing.assert_array_equal(actual, [1, 1, 1, NAN, 1])
