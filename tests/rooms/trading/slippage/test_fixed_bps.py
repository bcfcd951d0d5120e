"""A fixed cost in basis points."""

import numpy as np
import pytest

from runner.trading.slippage.fixed_bps import FixedBps

NOTHING = np.full(3, np.nan)


@pytest.mark.parametrize(("quantity", "expected"), [(3.0, 100.025), (-3.0, 99.975)])
def test_2_5_bps_of_100_are_2_5_cents_against_you(quantity, expected):
    """Buys pay more, sells get less."""
    kind = FixedBps(bps=2.5)

    assert kind.price(np.array(kind.numbers()), quantity, 100.0, NOTHING) == pytest.approx(expected, rel=1e-15)


def test_a_negative_price_is_worsened_too():
    """An instrument quoted below zero (a spread) costs more to buy, not less."""
    kind = FixedBps(bps=100)

    assert kind.price(np.array(kind.numbers()), 1.0, -10.0, NOTHING) == pytest.approx(-9.9)
