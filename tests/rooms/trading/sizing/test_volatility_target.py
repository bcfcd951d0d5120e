"""Positions that fluctuate as much as one another."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.trading.sizing.volatility_target import VolatilityTarget


def size(kind, volatility, *, equity=100_000.0, price=50.0, share=1.0):
    return kind.size(np.array(kind.numbers(3)), equity, price, share, np.array([volatility]))


@pytest.mark.parametrize(
    ("volatility", "share", "expected"), [(0.01, 1.0, 1259), (0.02, 1.0, 629), (0.02, 0.5, 314), (0.001, 1.0, 2000)]
)
def test_the_weight_is_the_target_over_the_volatility_of_a_year(volatility, share, expected):
    """0.01 a day is 0.15875 a year; 0.1 of it is 0.62994 of 100,000, 1,259 at 50. One of a tenth of that meets the cap of 1."""
    assert size(VolatilityTarget(), volatility, share=share) == expected


def test_a_volatility_per_year_is_taken_as_it_is():
    """0.1 / 0.4 of 100,000 at 50 are 500."""
    assert size(VolatilityTarget(rows_per_year=1), 0.4) == 500.0


@given(volatility=st.floats(1e-6, 10.0), most=st.floats(0.1, 5.0))
def test_a_position_never_fluctuates_more_than_the_target_nor_exceeds_the_cap(volatility, most):
    """Its own volatility per year, as a share of equity, is at most 0.1; its value at most the cap."""
    units = size(VolatilityTarget(most=most), volatility)

    assert units * 50.0 * volatility * math.sqrt(252) <= 0.1 * 100_000.0 * (1 + 1e-12)
    assert units * 50.0 <= most * 100_000.0 * (1 + 1e-12)


@pytest.mark.parametrize("volatility", [math.nan, 0.0, -0.01])
def test_an_unknown_or_absent_volatility_gives_nothing(volatility):
    """A price that doesn't move is one that isn't known."""
    assert size(VolatilityTarget(), volatility) == 0.0


@pytest.mark.parametrize(("equity", "price"), [(math.nan, 1), (1, math.nan), (-5, 1), (5, 0)])
def test_undefined_or_worthless_gives_nothing(equity, price):
    """Without equity or a price there is no size."""
    assert size(VolatilityTarget(), 0.01, equity=equity, price=price) == 0.0


def test_its_expression_is_a_number():
    """It is compiled with the signal's, under its own key path."""
    assert VolatilityTarget(volatility="std(close, 5)").expressions() == {"volatility": ("std(close, 5)", "number")}
