"""Kelly's share of equity, a part of it, and a cap."""

import math

import numpy as np
import pytest

from runner.trading.sizing.kelly import Kelly


def size(kind, mean, variance, *, equity=100_000.0, price=50.0, share=1.0):
    return kind.size(np.array(kind.numbers(3)), equity, price, share, np.array([mean, variance]))


@pytest.mark.parametrize(
    ("mean", "variance", "share", "expected"),
    [(0.0001, 0.0004, 1.0, 250), (0.0001, 0.0004, 0.5, 125), (0.0004, 0.0004, 1.0, 1000), (0.01, 0.0004, 1.0, 1000)],
)
def test_half_of_mean_over_variance_up_to_the_cap(mean, variance, share, expected):
    """0.0001 / 0.0004 is a quarter; half of it of 100,000 at 50 are 250; at a mean of 0.0004 and above it is the cap of half."""
    assert size(Kelly(), mean, variance, share=share) == expected


def test_kelly_grows_faster_than_a_little_more_or_less():
    """The expected logarithm of wealth, two outcomes of even odds, is largest near mean / variance (small returns)."""
    up, down = 0.021, -0.019
    mean, variance = (up + down) / 2, ((up - down) / 2) ** 2
    units = size(Kelly(fraction=1, cap=10, lot=1e-6), mean, variance, equity=1.0, price=1.0)

    growth = {f: (math.log1p(f * up) + math.log1p(f * down)) / 2 for f in (0.9 * units, units, 1.1 * units)}

    assert max(growth, key=growth.get) == units


@pytest.mark.parametrize(
    ("mean", "variance"), [(0.0, 0.01), (-0.01, 0.01), (0.01, 0.0), (0.01, -1.0), (math.nan, 0.01), (0.01, math.nan)]
)
def test_nothing_expected_or_nothing_known_gives_nothing(mean, variance):
    """Without an edge, or a variance to hold it against, no share is the best one."""
    assert size(Kelly(), mean, variance) == 0.0


@pytest.mark.parametrize(("equity", "price"), [(math.nan, 1), (1, math.nan), (-5, 1), (5, 0)])
def test_undefined_or_worthless_gives_nothing(equity, price):
    """Without equity or a price there is no size."""
    assert size(Kelly(), 0.01, 0.01, equity=equity, price=price) == 0.0
