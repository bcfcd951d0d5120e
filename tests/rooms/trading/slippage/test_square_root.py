"""The square-root law of market impact."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.trading.slippage.square_root import SquareRoot


def price(kind, quantity, reference, volatility, volume):
    given = np.array([np.nan, np.nan, np.nan, volatility, volume])
    return kind.price(np.array(kind.numbers()), quantity, reference, given)


@pytest.mark.parametrize(("quantity", "expected"), [(100, 100.2), (-100, 99.8), (400, 100.4), (10_000, 102.0)])
def test_four_times_the_quantity_costs_twice_as_much(quantity, expected):
    """A hundredth of the volume at a volatility of 2 %: 0.02 × √0.01 = 20 bps; all of it costs the volatility itself."""
    assert price(SquareRoot(), quantity, 100.0, 0.02, 10_000.0) == pytest.approx(expected)


def test_the_coefficient_scales_the_cost():
    """Half of 20 bps."""
    assert price(SquareRoot(coefficient=0.5), 100, 100.0, 0.02, 10_000.0) == pytest.approx(100.1)


@given(rows=st.integers(1, 1000), quantity=st.floats(1, 1e4))
def test_the_length_of_time_does_not_matter(rows, quantity):
    """Volatility × √rows and volume × rows, those of a longer time, give the same price."""
    of_a_row = price(SquareRoot(), quantity, 100.0, 0.001, 1e6)
    of_a_day = price(SquareRoot(), quantity, 100.0, 0.001 * math.sqrt(rows), 1e6 * rows)

    assert of_a_day == pytest.approx(of_a_row, rel=1e-12)


@pytest.mark.parametrize(
    ("volatility", "volume"), [(math.nan, 1e4), (0.02, math.nan), (0.02, 0.0), (0.02, -1.0), (-0.02, 1e4)]
)
def test_what_is_not_known_leaves_the_cost_undefined(volatility, volume):
    """A volatility or volume that can't be one is no reason for a free fill."""
    assert math.isnan(price(SquareRoot(), 100, 100.0, volatility, volume))


def test_a_calm_symbol_costs_nothing_and_a_wild_one_the_price_at_most():
    """Zero volatility is zero cost; a sale never gets less than nothing."""
    assert price(SquareRoot(), 100, 100.0, 0.0, 1e4) == 100.0
    assert price(SquareRoot(), -1e9, 100.0, 5.0, 1.0) == 0.0


def test_its_expressions_are_numbers():
    """They are compiled with the signal's, under key paths of their own."""
    assert list(SquareRoot().expressions().items()) == [
        ("volatility", ("std(returns(close), 20)", "number")),
        ("volume", ("mean(volume, 20)", "number")),
    ]
