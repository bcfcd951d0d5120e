"""A charge by the value of a fill."""

import numpy as np
import pytest
from pydantic import ValidationError

from runner.trading.fees.per_notional import PerNotional


def charged(kind, quantity, price):
    return kind.fee(np.array(kind.numbers()), np.zeros(2), quantity, price, 0.0)


@pytest.mark.parametrize(("quantity", "expected"), [(1, 0.5), (10, 0.5), (100, 3.0), (-100, 3.0), (10_000, 25.0), (0, 0.5)])
def test_the_rate_holds_between_minimum_and_maximum(quantity, expected):
    """10 bps of 100 at 30 are 3; of 1 they are below the half that is charged at least, of 10,000 above the 25 at most."""
    assert charged(PerNotional(bps=10, minimum=0.5, maximum=25), quantity, 30.0) == pytest.approx(expected)


def test_without_limits_it_is_the_rate_alone():
    """2.5 bps of a million are 250."""
    assert charged(PerNotional(bps=2.5), 1e4, 100.0) == pytest.approx(250.0)


def test_a_price_below_zero_is_charged_too():
    """What a spread is worth is its size, whichever sign it has."""
    assert charged(PerNotional(bps=100), 10, -2.0) == pytest.approx(0.2)


def test_a_maximum_below_the_minimum_is_refused():
    """No charge could be both."""
    with pytest.raises(ValidationError, match="maximum that isn't below the minimum"):
        PerNotional(minimum=2, maximum=1)
