"""A charge per unit with a minimum."""

import numpy as np
import pytest

from runner.trading.fees.per_share import PerShare


def charged(kind, quantity, price):
    return kind.fee(np.array(kind.numbers()), np.zeros(2), quantity, price, 0.0)


@pytest.mark.parametrize(("quantity", "expected"), [(100, 1.0), (200, 1.0), (1000, 5.0), (-1000, 5.0), (0.5, 1.0)])
def test_the_published_schedule_of_half_a_cent_and_a_dollar_at_least(quantity, expected):
    """USD 0.005 per share, minimum USD 1.00: 1,000 shares cost 5, 100 cost the minimum (Interactive Brokers' fixed pricing)."""
    kind = PerShare(rate=0.005, minimum=1.0)

    assert charged(kind, quantity, 30.0) == pytest.approx(expected)


@pytest.mark.parametrize(("quantity", "price", "expected"), [(100, 0.25, 0.25), (1, 30, 0.3), (1000, 30, 5.0), (0, 30, 0.0)])
def test_a_maximum_wins_over_the_minimum(quantity, price, expected):
    """One per cent of the value at most, as Interactive Brokers charges: 25 dollars' worth cost 0.25, below the dollar."""
    kind = PerShare(rate=0.005, minimum=1.0, maximum=100.0)

    assert charged(kind, quantity, price) == pytest.approx(expected)
