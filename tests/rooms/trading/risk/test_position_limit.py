"""A limit on the size of one position."""

import math

import pytest
from pydantic import ValidationError
from risk_desk import Desk

from runner.trading.risk.position_limit import PositionLimit

NEVER = PositionLimit(share=None, notional=1e15)
ALWAYS = PositionLimit(share=None, notional=1e-9)


def allowed(kind, wanted, position=0.0, price=10.0, equity=1000.0):
    return Desk(kind, equity=equity).hold(0, position, price=price).allowed(wanted)


@pytest.mark.parametrize("limit", [{"share": 0.25}, {"share": None, "units": 25.0}, {"share": None, "notional": 250.0}])
@pytest.mark.parametrize(
    ("wanted", "block", "reduce"), [(24, 24, 24), (25, 25, 25), (26, 0, 25), (-25, -25, -25), (-26, 0, -25)]
)
def test_just_below_at_and_just_above_the_limit(limit, wanted, block, reduce):
    """A quarter of 1,000 at a price of 10 is 25 units, worth 250."""
    assert allowed(PositionLimit(**limit, action="block"), wanted) == block
    assert allowed(PositionLimit(**limit, action="reduce"), wanted) == reduce


@pytest.mark.parametrize("percent", range(1, 101))
def test_a_share_that_binary_numbers_miss_is_met_all_the_same(percent):
    """0.29 × 100 is 28.999…: 29 units at 1 pass, 30 don't, and so for every whole percent."""
    kind = PositionLimit(share=percent / 100, action="reduce")

    assert allowed(kind, percent, price=1.0, equity=100.0) == percent
    assert allowed(kind, percent + 1, price=1.0, equity=100.0) == percent


def test_what_is_held_counts():
    """With 20 held, 5 more are allowed; shorts count by size; beyond a turn nothing is held."""
    kind = PositionLimit(share=0.25, action="reduce")

    assert allowed(kind, 10, position=20) == 5
    assert allowed(kind, -10, position=-20) == -5
    assert allowed(kind, 10, position=30) == 0
    assert Desk(kind).hold(0, 20).allowed(-30, turns=True) == -25


def test_of_several_limits_the_tightest_holds():
    """25 by share, 12 by units, 18 by value; 12 in lots of 5 are 10."""
    kind = PositionLimit(share=0.25, units=12.0, notional=180.0, action="reduce")

    assert allowed(kind, 30) == 12
    assert allowed(kind.model_copy(update={"lot": 5.0}), 30) == 10


@pytest.mark.parametrize(("price", "equity"), [(math.nan, 1000), (10, math.nan), (0, 1000), (-1, 1000), (10, 0), (10, -5)])
def test_it_fails_closed(price, equity):
    """Without a price or equity nothing is allowed, not even by a limit that doesn't need equity."""
    for kind in (PositionLimit(action="reduce"), PositionLimit(share=None, units=5.0)):
        assert allowed(kind, 1, price=price, equity=equity) == 0


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"share": 0}, "greater than 0"),
        ({"units": -1.0}, "greater than 0"),
        ({"share": math.nan}, "finite"),
        ({"share": None}, "must limit something"),
        ({"action": "halt"}, "'block' or 'reduce'"),
    ],
)
def test_what_limits_nothing_is_refused(values, word):
    """A limit of zero or none at all is a slip."""
    with pytest.raises(ValidationError, match=word):
        PositionLimit(**values)
