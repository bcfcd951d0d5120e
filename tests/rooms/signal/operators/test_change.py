"""Changes over rows, against pandas and extended precision."""

import math

import numpy as np
import pandas as pd
import pytest
from evaluated import values

from runner.signal.operators.change import diff, log_returns, returns

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("rows", [1, 2, 30])
def test_changes_keep_their_digits_far_from_zero(rows):
    """A million values near 1e6 that differ in the seventh digit: nine digits of every change are right."""
    x = 1e6 + np.random.default_rng(3).normal(size=1_000_000)
    exact = x.astype(np.longdouble)
    ratio = exact[rows:] / exact[:-rows]

    np.testing.assert_array_equal(values(diff, x, p=(rows,)), pd.Series(x).diff(rows))
    np.testing.assert_allclose(values(returns, x, p=(rows,))[rows:], (ratio - 1).astype(float), rtol=1e-9, atol=1e-17)
    np.testing.assert_allclose(values(log_returns, x, p=(rows,))[rows:], np.log(ratio).astype(float), rtol=1e-9, atol=1e-17)


@pytest.mark.parametrize("op", [diff, returns, log_returns])
def test_the_first_rows_have_nothing_to_compare_with(op):
    """Undefined for exactly as many rows as the change reaches back."""
    assert np.isnan(values(op, [1, 2, 3, 4, 5], p=(3,))).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("odd", [NAN, INF, -INF])
@pytest.mark.parametrize("op", [diff, returns, log_returns])
def test_an_undefined_value_spoils_its_own_row_and_the_one_that_looks_back_at_it(op, odd):
    """No other row is touched."""
    actual = values(op, [1, 2, odd, 4, 5, 6], p=(2,))

    assert np.isnan(actual).tolist() == [True, True, True, False, True, False]


def test_returns_are_undefined_where_there_was_nothing():
    """From zero there is no return; logarithms need both prices above zero; what overflows is undefined."""
    assert np.isnan(values(returns, [0, 1], p=(1,))).all()
    assert np.isnan(values(log_returns, [1, 0, 1, -1, -2], p=(1,))).all()
    assert np.isnan(values(diff, [-1e308, 1e308], p=(1,))).all()
    assert values(returns, [4, 5, 0], p=(1,))[1:].tolist() == [0.25, -1]


def test_nothing_remains_of_a_huge_value():
    """Two rows after 1e308 the change is exact again."""
    assert values(diff, [1, 1e308, 2, 5], p=(1,))[3] == 3
