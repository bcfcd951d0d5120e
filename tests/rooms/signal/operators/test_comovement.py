"""Rolling covariance, correlation and beta, against two passes and pandas."""

import numpy as np
import pandas as pd
import pytest
from held_windows import HELD, Case

from runner.signal.operators.comovement import beta, correlation, covariance


def products(x, y):
    """Return Σ(x − mean)(y − mean) in two passes, and the roots of both sums of squares; zeros where values are equal."""
    d = np.zeros(x.size) if np.ptp(x) == 0 else (x - x[0]) - np.mean(x - x[0])
    e = np.zeros(y.size) if np.ptp(y) == 0 else (y - y[0]) - np.mean(y - y[0])
    return np.dot(d, e), np.sqrt(np.dot(d, d)), np.sqrt(np.dot(e, e))


def two_pass_covariance(x, y):
    return products(x, y)[0] / (x.size - 1)


def two_pass_correlation(x, y):
    product, x_size, y_size = products(x, y)
    return product / (x_size * y_size) if x_size * y_size > 0 else np.nan


def two_pass_beta(y, x):
    product, _, x_size = products(y, x)
    return product / x_size**2 if x_size > 0 else np.nan


def unrelated_covariance(x, y):
    """Return the size that a covariance has at most: values that hardly move together cancel."""
    return np.std(x, ddof=1) * np.std(y, ddof=1)


def unrelated_beta(y, x):
    return np.std(y) / np.std(x) if np.ptp(x) > 0 else 0.0


CASES = [
    Case(covariance, two_pass_covariance, unrelated_covariance, least=2),
    Case(correlation, two_pass_correlation, lambda *_: 1.0, least=2),
    Case(beta, two_pass_beta, unrelated_beta, least=2),
]


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_that_of_the_windows_rows(case, held):
    """In both kinds of windows, to 1e-9 of what it could be."""
    held(case)


def test_it_agrees_with_pandas():
    """Where pandas has the digits: around zero."""
    x, noise = np.random.default_rng(1).normal(size=(2, 10_000))
    y = 0.5 * x + noise
    a, b = pd.Series(x), pd.Series(y)

    for case, columns, expected in (
        (CASES[0], [x, y], a.rolling(30).cov(b)),
        (CASES[1], [x, y], a.rolling(30).corr(b)),
        (CASES[2], [y, x], a.rolling(30).cov(b) / a.rolling(30).var()),
    ):
        np.testing.assert_allclose(case.rows(columns, 30), expected.to_numpy(), atol=1e-9)


def test_a_series_is_fully_correlated_with_itself_and_never_more():
    """1 and −1 are the bounds, whatever rounding does."""
    x = 1e6 + np.random.default_rng(2).normal(size=20_000)

    same = CASES[1].rows([x, x], 7)[6:]
    opposite = CASES[1].rows([x, -3.0 * x], 7)[6:]

    assert same.max() <= 1.0
    assert opposite.min() >= -1.0
    np.testing.assert_allclose(same, 1.0, rtol=1e-9)
    np.testing.assert_allclose(opposite, -1.0, rtol=1e-9)
