"""A rate that depends on what was traded before."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from runner.trading.fees.tiered import Tiered

KIND = Tiered(tiers=[{"above": 0, "bps": 10}, {"above": 1000, "bps": 5}, {"above": 5000, "bps": 0}], minimum=0.25)


def charged(kind, traded, quantity=100, price=30.0):
    return kind.fee(np.array(kind.numbers()), np.array([traded, 0.0]), quantity, price, 0.0)


@pytest.mark.parametrize(
    ("traded", "expected"), [(0, 3.0), (999.99, 3.0), (1000, 1.5), (4999, 1.5), (5000, 0.25), (1e12, 0.25)]
)
def test_the_rate_is_that_of_the_tier_reached_before_the_fill(traded, expected):
    """3,000 at 10, 5 and 0 bps; what the fill itself adds counts for the next; the free tier still costs the minimum."""
    assert charged(KIND, traded) == pytest.approx(expected)


def test_what_was_traded_must_be_known():
    """NaN has no tier."""
    assert math.isnan(charged(KIND, math.nan))


@pytest.mark.parametrize(
    ("starts", "must"),
    [([1], "0 in the first tier"), ([0, 5, 5], "more than in the tier before"), ([0, 5, 4], "more than in the tier before")],
)
def test_tiers_begin_at_zero_and_ascend(starts, must):
    """Of two tiers that begin at one value nobody could say which holds."""
    with pytest.raises(ValidationError, match=must):
        Tiered(tiers=[{"above": start, "bps": 1} for start in starts])


def test_there_is_at_least_one_tier():
    """Nothing to charge by is a mistake, not a gift."""
    with pytest.raises(ValidationError, match="at least 1"):
        Tiered(tiers=[])
