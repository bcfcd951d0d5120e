"""A charge per unit with a minimum."""

import numpy as np
import pytest

from runner.trading.fees.per_share import PerShare


@pytest.mark.parametrize(("quantity", "expected"), [(100, 1.0), (200, 1.0), (1000, 5.0), (-1000, 5.0), (0.5, 1.0)])
def test_the_published_schedule_of_half_a_cent_and_a_dollar_at_least(quantity, expected):
    """USD 0.005 per share, minimum USD 1.00: 1,000 shares cost 5, 100 cost the minimum (Interactive Brokers' fixed pricing)."""
    kind = PerShare(rate=0.005, minimum=1.0)

    assert kind.fee(np.array(kind.numbers()), quantity, 30.0) == pytest.approx(expected)
