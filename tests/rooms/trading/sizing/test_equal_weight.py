"""An equal part for every symbol of the universe."""

import math

import numpy as np
import pytest

from runner.trading.sizing.equal_weight import EqualWeight


def size(kind, symbols, equity, price, share=1.0):
    return kind.size(np.array(kind.numbers(symbols)), equity, price, share, ())


@pytest.mark.parametrize(
    ("symbols", "share", "expected"), [(1, 1.0, 33), (4, 1.0, 8), (4, 0.5, 4), (34, 1.0, 0), (0, 1.0, 33)]
)
def test_equity_is_divided_by_the_symbols_of_the_universe(symbols, share, expected):
    """A thousand at 30: 33 for one symbol; 250 for each of four is 8, half of it 4; below a lot it is none."""
    assert size(EqualWeight(share=1), symbols, 1000.0, 30.0, share) == expected


def test_all_symbols_together_stay_within_the_share():
    """Five positions at different prices come to 0.9 of equity at most, and miss it by less than a unit each."""
    prices = [7.0, 13.0, 110.0, 250.0, 999.0]

    worth = [price * size(EqualWeight(), 5, 100_000.0, price) for price in prices]

    assert 90_000.0 - sum(prices) < sum(worth) <= 90_000.0


@pytest.mark.parametrize(("equity", "price"), [(math.nan, 1), (1, math.nan), (-5, 1), (5, 0), (5, -1)])
def test_undefined_or_worthless_gives_nothing(equity, price):
    """Without equity or a price there is no size."""
    assert size(EqualWeight(), 3, equity, price) == 0.0
