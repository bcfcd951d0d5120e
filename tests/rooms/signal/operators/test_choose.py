"""Choosing between values, and filling what is undefined."""

import math

import numpy as np
from evaluated import values

from runner.signal.operators.choose import defined, fill, where

NAN, INF = math.nan, math.inf


def test_where_takes_the_side_that_the_condition_says_whatever_the_other_holds():
    """True takes a, false takes b; an undefined condition or choice is undefined."""
    actual = values(where, [1, 0, 1, 0, NAN, 1, 0], [1, NAN, 3, 4, 5, NAN, 7], [-1, -2, INF, -4, -5, -6, INF])

    np.testing.assert_array_equal(actual, [1, -2, 3, -4, NAN, NAN, NAN])


def test_defined_is_never_undefined():
    """Finite is true; NaN and infinite are false."""
    assert values(defined, [0, -0.0, 1e308, NAN, INF, -INF]).tolist() == [1, 1, 1, 0, 0, 0]


def test_fill_puts_the_value_where_there_is_none():
    """Also in place of infinity; where the value is undefined too, nothing can be done."""
    actual = values(fill, [1, NAN, INF, NAN], [9, 8, 7, -INF])

    np.testing.assert_array_equal(actual, [1, 8, 7, NAN])
    assert values(fill, [NAN, 2], [0]).tolist() == [0, 2]
