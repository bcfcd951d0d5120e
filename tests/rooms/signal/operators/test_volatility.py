"""Realised volatility, against its definition."""

import numpy as np
from evaluated import expressed


def test_it_is_the_root_of_the_sum_of_squared_log_returns():
    """A window of 10 rows has 10 returns and hence needs 11 prices."""
    price = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(size=500)) * 0.01)
    squares = np.diff(np.log(price)) ** 2

    actual = expressed("realised_volatility(close, 10)", close=price)

    assert np.isnan(actual[:10]).all()
    expected = np.sqrt(np.lib.stride_tricks.sliding_window_view(squares, 10).sum(axis=1))
    np.testing.assert_allclose(actual[10:], expected, rtol=1e-9)


def test_prices_that_do_not_move_have_none():
    """Zero exactly."""
    assert {0.0} == set(expressed("realised_volatility(close, 5)", close=np.full(30, 0.1))[5:].tolist())
