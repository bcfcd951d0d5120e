"""Exponential averages, against pandas; and how soon they forget."""

import math

import numpy as np
import pandas as pd
import pytest
from evaluated import expressed, values

from runner.signal.operators.ema import ema, rma

NAN, INF = math.nan, math.inf


def warm_up(op, *p):
    return op.body.warm_up(*p)


@pytest.fixture(scope="module")
def far():
    """A million values around 1e6."""
    return 1e6 + np.cumsum(np.random.default_rng(5).normal(size=1_000_000))


def averaged(x, alpha):
    return pd.Series(x).ewm(alpha=alpha, adjust=False, ignore_na=True).mean().to_numpy()


@pytest.mark.parametrize("lookback", [1, 2, 20, 200])
def test_averages_agree_with_pandas(far, lookback):
    """`ewm(adjust=False)` with the same weight, on every row after the warm-up."""
    for op, alpha in ((ema, 2 / (lookback + 1)), (rma, 1 / lookback)):
        first = warm_up(op, lookback, 1e-6)

        actual = values(op, far, p=(lookback, 1e-6))

        assert np.isnan(actual[:first]).all()
        np.testing.assert_allclose(actual[first:], averaged(far, alpha)[first:], rtol=1e-12)


@pytest.mark.parametrize(("lookback", "tolerance"), [(2, 0.5), (3, 0.25), (20, 1e-6), (250, 1e-3), (7, 1.0)])
def test_the_warm_up_is_the_least_that_leaves_no_more_than_the_tolerance(lookback, tolerance):
    """(1 − alpha)^w is at most the tolerance, (1 − alpha)^(w−1) is not, and the first value is at row w."""
    for op, alpha in ((ema, 2 / (lookback + 1)), (rma, 1 / lookback)):
        w = warm_up(op, lookback, tolerance)

        actual = values(op, np.ones(w + 3), p=(lookback, tolerance))

        assert (1 - alpha) ** w <= tolerance * (1 + 1e-12)
        assert w == 0 or (1 - alpha) ** (w - 1) > tolerance
        assert np.isnan(actual).tolist() == [True] * w + [False] * 3


@pytest.mark.parametrize(
    "text",
    [
        "ema(close, 9, T)",
        "rma(close, 9, T)",
        "dema(close, 9, T)",
        "tema(close, 9, T)",
        "macd(close, 5, 11, T)",
        "macd_signal(close, 5, 11, 4, T)",
        "macd_histogram(close, 5, 11, 4, T)",
        "keltner_upper(close, close, close, 9, 5, 2, T)",
        "atr(close, close, close, 9, T)",
    ],
)
@pytest.mark.parametrize("tolerance", [1e-6, 0.01])
def test_what_came_before_the_warm_up_has_no_more_weight_than_the_tolerance(text, tolerance):
    """A level of 1 that ended when the warm-up began has left at most the tolerance; 0 is what a fresh start gives."""
    text = text.replace("T", repr(tolerance))
    wait = int(np.isnan(expressed(text, close=np.zeros(2_000))).sum())
    x = np.zeros(4_000)
    x[:1_000] = 1.0

    left = expressed(text, close=x)[1_000 + wait :]

    assert 0 < wait < 1_000
    assert np.abs(left).max() <= tolerance


def test_undefined_rows_are_as_if_they_had_not_been_there(far):
    """NaN and infinity give NaN and change nothing else, to the bit."""
    x = far[:500].copy()
    holes = np.random.default_rng(1).random(500) < 0.2
    x[holes] = np.random.default_rng(2).choice([NAN, INF, -INF], holes.sum())

    for op in (ema, rma):
        actual = values(op, x, p=(5, 0.01))

        assert np.isnan(actual[holes]).all()
        assert actual[~holes].tobytes() == values(op, x[~holes], p=(5, 0.01)).tobytes()


def test_a_constant_is_its_own_average_to_the_bit():
    """So the difference of two averages of it is zero and crosses nothing."""
    for level in (0.1, 1e6 + 0.1, -3.3, 0.0):
        actual = values(ema, np.full(400, level), p=(7, 1e-6))

        assert set(actual[~np.isnan(actual)].tolist()) == {level}


def test_an_average_over_one_row_is_the_row():
    """Nothing of a huge value remains, not even its rounding error."""
    for op in (ema, rma):
        assert values(op, [1, 1e17, 3, 1e308, -1e308, 5], p=(1, 1e-6)).tolist() == [1, 1e17, 3, 1e308, -1e308, 5]


def test_opposite_extremes_do_not_overflow():
    """From 1e308 to −1e308 is further than a float reaches; the average lies between and comes back to ordinary values."""
    x = np.array([1e308, -1e308, 1e308] + [1.0] * 5_000)

    actual = values(ema, x, p=(3, 1.0))

    assert np.isfinite(actual).all()
    assert actual[-1] == 1.0


def test_an_average_of_nothing_fades_to_zero():
    """It doesn't stay at the smallest number there is, which costs a processor a hundred times the time."""
    x = np.zeros(10_000)
    x[0] = 1.0

    assert values(ema, x, p=(9, 1e-6))[-1] == 0.0


@pytest.mark.parametrize("lookback", [3, 20])
def test_dema_and_tema_agree_with_pandas(far, lookback):
    """Their published sums of averages of averages; each average starts at its input's first defined value."""
    x, alpha = far[:50_000], 2 / (lookback + 1)
    e1 = averaged(x, alpha)
    e2 = averaged(e1, alpha)
    e3 = averaged(e2, alpha)

    double, triple = expressed(f"dema(close, {lookback})", close=x), expressed(f"tema(close, {lookback})", close=x)

    np.testing.assert_allclose(double[5_000:], (2 * e1 - e2)[5_000:], rtol=1e-12)
    np.testing.assert_allclose(triple[5_000:], (3 * e1 - 3 * e2 + e3)[5_000:], rtol=1e-12)
