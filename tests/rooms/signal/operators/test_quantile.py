"""Rolling median and quantiles, against sorting each window and polars."""

import numpy as np
import polars as pl
import pytest
from held_windows import HELD, Case
from hypothesis import given
from hypothesis import strategies as st

from runner.signal.operators.quantile import median, quantile

MEDIAN = Case(median, np.median)
CASES = [MEDIAN, *(Case(quantile, lambda x, q=q: np.quantile(x, q), np.ptp, p=(q,)) for q in (0.0, 0.1, 0.75, 1.0))]


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case}{case.p}")
def test_it_is_that_of_the_windows_rows(case, held):
    """In both kinds of windows."""
    held(case)


@pytest.mark.parametrize("rows", [1, 2, 5, 6, 64, 333])
def test_it_agrees_with_polars(rows):
    """Random, rising, falling, wandering and stepwise series."""
    rng = np.random.default_rng(rows)
    ramp = np.arange(3000.0)

    for x in (rng.normal(size=3000), ramp, -ramp, np.cumsum(rng.normal(size=3000)), rng.integers(0, 4, 3000) * 1.0):
        series = pl.Series(x)
        np.testing.assert_allclose(MEDIAN.rows([x], rows), series.rolling_median(rows).to_numpy(), rtol=1e-12)
        for q in (0.05, 1 / 3, 0.9):
            expected = series.rolling_quantile(q, interpolation="linear", window_size=rows).to_numpy()
            np.testing.assert_allclose(Case(quantile, np.quantile, p=(q,)).rows([x], rows), expected, rtol=1e-12, atol=1e-12)


@given(
    st.lists(st.sampled_from([0.0, -0.0, 1.0, 2.0, 3.5, np.nan]), min_size=1, max_size=60),
    st.integers(1, 9),
    st.floats(0, 1),
)
def test_ties_and_undefined_rows_keep_the_order(x, rows, q):
    """However rows come and go, the heaps hold what the window holds."""
    case = Case(quantile, lambda window: np.quantile(window, q), np.ptp, p=(q,))

    case.check_rows([np.array(x)], rows, range(rows - 1, len(x)))


def test_values_near_the_largest_number_have_a_middle():
    """No intermediate result overflows."""
    assert MEDIAN.rows([np.array([1.7e308, -1.7e308])], 2)[1] == 0.0
    assert MEDIAN.rows([np.array([1.7e308, 1.7e308])], 2)[1] == 1.7e308
