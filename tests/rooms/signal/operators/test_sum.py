"""Rolling sum, against exact sums, and how often a condition holds."""

import math

import numpy as np
import pytest
from evaluated import expressed
from held_windows import HELD, Case

from runner.signal.operators.sum import sum_

SUM = Case(sum_, math.fsum, size=lambda x: np.abs(x).sum())


@pytest.mark.parametrize("held", HELD)
def test_it_is_the_sum_of_the_windows_rows(held):
    """In both kinds of windows, to 1e-9 of the sizes that are added."""
    held(SUM)


def test_sums_that_overflow_are_infinite_and_leave_nothing_behind():
    """Three values near the largest number add up to infinity while they are in the window."""
    x = np.array([1.0, 1e308, 1e308, 1e308, 2.0, 3.0, 4.0])

    assert [np.inf, np.inf, np.inf, 9.0] == SUM.rows([x], 3)[[3, 3, 3, 6]].tolist()


def test_conditions_are_counted():
    """True rows count one each; while the condition is undefined, so is the count."""
    close = [1, 3, 2, np.nan, 5, 4, 6, 7]

    count = expressed("count_true(close > 2.5, 3)", close=close)
    share = expressed("share_true(close > 2.5, 3)", close=close)

    np.testing.assert_array_equal(count, [np.nan, np.nan, 1, np.nan, np.nan, np.nan, 3, 3])
    np.testing.assert_allclose(share, count / 3)
