"""Relative strength index, against Wilder's own procedure and a published table."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from evaluated import values

from runner.signal.operators.rsi import rsi

NAN = math.nan

PRICES = [
    44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826,
    45.8931, 46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439,
]  # fmt: skip
PUBLISHED = [70.53, 66.32, 66.55, 69.41, 66.36, 57.97]
"""A widely printed worked example of 14 rows; its first value stands at the fifteenth price."""


def wilders(prices, lookback):
    """Follow Wilder (1978): the first averages are plain means, then (lookback − 1) parts old and one part new."""
    changes = [b - a for a, b in pairwise(prices)]
    up = sum(max(c, 0) for c in changes[:lookback]) / lookback
    down = sum(max(-c, 0) for c in changes[:lookback]) / lookback
    found = [100 - 100 / (1 + up / down)]
    for change in changes[lookback:]:
        up = (up * (lookback - 1) + max(change, 0)) / lookback
        down = (down * (lookback - 1) + max(-change, 0)) / lookback
        found.append(100 - 100 / (1 + up / down))
    return [NAN] * lookback + found


def test_the_reference_gives_the_published_table():
    """What the operator is held to below is Wilder's index."""
    np.testing.assert_allclose(wilders(PRICES, 14)[14:], PUBLISHED, atol=0.006)


def test_after_the_warm_up_it_is_wilders_index():
    """However the averages started, no more of it is left than the tolerance."""
    x = 1e6 + np.cumsum(np.random.default_rng(9).normal(size=20_000))

    for lookback in (2, 14):
        actual = values(rsi, x, p=(lookback, 1e-9))
        first = int(np.isnan(actual).sum())

        np.testing.assert_allclose(actual[first:], wilders(x.tolist(), lookback)[first:], atol=1e-6)


@pytest.mark.parametrize("lookback", [1, 14, 100])
def test_it_agrees_with_pandas_on_long_offset_data(lookback):
    """A million rows around 1e6."""
    x = 1e6 + np.cumsum(np.random.default_rng(10).normal(size=1_000_000))
    change = pd.Series(np.diff(x))
    up = change.clip(lower=0).ewm(alpha=1 / lookback, adjust=False).mean()
    down = (-change).clip(lower=0).ewm(alpha=1 / lookback, adjust=False).mean()
    first = rsi.body.warm_up(lookback, 1e-6)

    actual = values(rsi, x, p=(lookback, 1e-6))

    assert np.isnan(actual[:first]).all()
    np.testing.assert_allclose(actual[first:], (100 * up / (up + down)).to_numpy()[first - 1 :], rtol=1e-9)


def test_a_series_that_only_rises_or_falls_is_at_the_end_of_the_scale():
    """100 and 0; one that hasn't moved at all is nowhere on it."""
    assert values(rsi, [1, 2, 3, 4], p=(1, 1))[1:].tolist() == [100, 100, 100]
    assert values(rsi, [4, 3, 2, 1], p=(1, 1))[1:].tolist() == [0, 0, 0]
    assert np.isnan(values(rsi, [5, 5, 5, 5], p=(1, 1))).all()


def test_undefined_rows_are_as_if_they_had_not_been_there():
    """Also one that is infinite, or so far away that the change overflows."""
    x = np.array([1e308, -1e308, NAN, 5e307, math.inf, 6e307, 4e307])
    kept = [0, 3, 5, 6]

    actual = values(rsi, x, p=(2, 0.6))

    assert actual[kept].tobytes() == values(rsi, x[kept], p=(2, 0.6)).tobytes()
    assert np.isnan(actual).tolist() == [True, True, True, True, True, False, False]
