"""An impact that grows with the square of the share of the volume."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.trading.slippage.volume_share import VolumeShare


def price(kind, quantity, reference, volume):
    return kind.price(np.array(kind.numbers()), quantity, reference, np.array([np.nan, np.nan, volume]))


@pytest.mark.parametrize(
    ("quantity", "expected"), [(100, 100.1), (-100, 99.9), (50, 100.025), (200, 100.4), (250, 100.625), (900, 100.625)]
)
def test_the_cost_is_the_impact_times_the_square_of_the_share(quantity, expected):
    """A tenth of the volume: 0.1 × 0.1² = 10 bps of 100; half of that a quarter; from a limit of a quarter on no more."""
    assert price(VolumeShare(impact=0.1, limit=0.25), quantity, 100.0, 1000.0) == pytest.approx(expected)


def test_the_default_is_the_model_of_zipline():
    """Zipline caps at 0.025 of a bar, an impact of 0.1 × 0.025² = 0.0000625: 3,000 of 100,000 at 3.0 fill at 3.0001875."""
    assert price(VolumeShare(), 3_000, 3.0, 100_000.0) == pytest.approx(3.0001875, rel=1e-15)


@pytest.mark.parametrize("volume", [math.nan, 0.0, -1.0])
def test_without_a_volume_the_cost_is_undefined(volume):
    """What would be a share of nothing is no price."""
    assert math.isnan(price(VolumeShare(), 1, 100.0, volume))


@given(quantity=st.floats(1e-3, 1e9), volume=st.floats(1e-3, 1e9), impact=st.floats(0, 1e6))
def test_a_cost_is_between_nothing_and_the_price(quantity, volume, impact):
    """However large the impact, a sale gets nothing at worst."""
    kind = VolumeShare(impact=impact, limit=1)

    assert 0.0 <= price(kind, -quantity, 10.0, volume) <= 10.0 <= price(kind, quantity, 10.0, volume) <= 20.0
