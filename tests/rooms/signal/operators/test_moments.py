"""Rolling skewness and kurtosis, against scipy and polars."""

import numpy as np
import polars as pl
import pytest
from held_windows import HELD, Case
from scipy import stats

from runner.signal.operators.moments import kurtosis, skew


def scipys(function):
    """Return scipy's sample moment, corrected for bias, of values less their first; undefined where all are equal."""
    return lambda x: np.nan if np.ptp(x) == 0 else float(function(x - x[0], bias=False))


# Relative to 1 where the moment itself is less: near zero it is a difference of large numbers.
CASES = [
    Case(skew, scipys(stats.skew), lambda _: 1.0, least=3),
    Case(kurtosis, scipys(stats.kurtosis), lambda _: 1.0, least=4),
]


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_that_of_the_windows_rows(case, held):
    """In both kinds of windows, to 1e-9."""
    held(case)


def test_it_agrees_with_polars():
    """Where polars has the digits: around zero."""
    x = np.random.default_rng(1).standard_t(4, size=10_000)

    np.testing.assert_allclose(CASES[0].rows([x], 40), pl.Series(x).rolling_skew(40, bias=False).to_numpy(), atol=1e-9)
    np.testing.assert_allclose(CASES[1].rows([x], 40), pl.Series(x).rolling_kurtosis(40, bias=False).to_numpy(), atol=1e-9)


def test_fourth_powers_that_overflow_leave_nothing_behind():
    """Moments have no unit, so near the root of the largest number they are what they are near one."""
    small = np.array([0.25, 1.0, -1.0, 0.5, -0.75] * 8)
    small[1:10] *= 2.5
    x = small * 0.65e77

    for case in CASES:
        np.testing.assert_allclose(case.rows([x], 5)[14:], case.rows([small], 5)[14:], atol=1e-9)
