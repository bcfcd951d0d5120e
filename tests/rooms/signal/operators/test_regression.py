"""Regression on time, against numpy's least squares."""

import numpy as np
import pytest
from held_windows import HELD, Case
from hypothesis import given
from hypothesis import strategies as st

from runner.signal.operators.regression import regression_forecast, regression_residual, regression_slope


def fit(x):
    """Return slope, and the line at the newest row less the first value, by least squares."""
    if x.size < 2:
        return np.nan, np.nan
    slope, level = np.polyfit(np.arange(x.size) - (x.size - 1) / 2, x - x[0], 1)
    return slope, level + slope * (x.size - 1) / 2


CASES = [
    # Values without a trend have a slope that is a difference of large numbers, about this large by chance.
    Case(regression_slope, lambda x: fit(x)[0], lambda x: 3 * np.std(x) / x.size**1.5, least=2),
    Case(regression_residual, lambda x: x[-1] - x[0] - fit(x)[1], np.std, least=2),
    Case(regression_forecast, lambda x: x[0] + fit(x)[1], np.std, p=(0.0,), least=2),
    Case(regression_forecast, lambda x: x[0] + fit(x)[1] + 3 * fit(x)[0], np.std, p=(3.0,), least=2),
]


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case}{case.p}")
def test_it_is_that_of_the_windows_rows(case, held):
    """In both kinds of windows."""
    held(case)


@given(st.floats(-1e3, 1e3), st.floats(-1e6, 1e6), st.integers(2, 50))
def test_a_line_is_found_again(slope, level, rows):
    """Its slope, nothing left over, and where it goes next."""
    x = level + slope * np.arange(200)
    size = np.abs(x).max() + 1

    np.testing.assert_allclose(CASES[0].rows([x], rows)[rows - 1 :], slope, atol=1e-12 * size)
    np.testing.assert_allclose(CASES[1].rows([x], rows)[rows - 1 :], 0, atol=1e-12 * size)
    np.testing.assert_allclose(CASES[3].rows([x], rows)[rows - 1 : -3], x[rows + 2 :], atol=1e-11 * size)
