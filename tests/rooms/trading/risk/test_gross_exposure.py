"""A limit on what all positions are worth together."""

import math

import pytest
from pydantic import ValidationError
from risk_desk import Desk

from runner.trading.risk.gross_exposure import GrossExposure

NEVER = GrossExposure(share=None, notional=1e15)
ALWAYS = GrossExposure(share=None, notional=1e-9)


@pytest.mark.parametrize("limit", [{"share": 0.5}, {"share": None, "notional": 500.0}])
@pytest.mark.parametrize(
    ("wanted", "block", "reduce"), [(19, 19, 19), (20, 20, 20), (21, 0, 20), (-20, -20, -20), (-21, 0, -20)]
)
def test_just_below_at_and_just_above_the_limit(limit, wanted, block, reduce):
    """Half of 1,000 less a short of 30 at 10 leaves 200, 20 units on either side."""
    for action, expected in (("block", block), ("reduce", reduce)):
        desk = Desk(GrossExposure(**limit, action=action), symbols=2).hold(1, -30)

        assert desk.allowed(wanted) == expected


@pytest.mark.parametrize(
    ("held", "on_its_way", "room"),
    [(0, 30, 20), (0, -30, 20), (30, -30, 20), (10, 20, 20), (10, -40, 20), (30, -50, 20), (20, 30, 0)],
)
def test_orders_on_their_way_count_where_that_is_more(held, on_its_way, room):
    """An entry counts as filled, an exit as not filled, one that turns round as the larger of its sides."""
    desk = Desk(GrossExposure(share=0.5, action="reduce"), symbols=2).hold(1, held, wanted=on_its_way)

    assert desk.allowed(50) == room


def test_an_order_that_turns_a_position_round_counts_with_what_it_leads_to():
    """Long 40 to be turned short 50: 500 in the end, not 400 and 500."""
    desk = Desk(GrossExposure(share=0.5), symbols=2).hold(0, 40)

    assert desk.allowed(-50, turns=True) == -50
    assert desk.allowed(-51, turns=True) == 0
    assert desk.allowed(10) == 10
    assert desk.allowed(11) == 0


@pytest.mark.parametrize(
    ("price", "equity", "other"), [(math.nan, 1000, 10), (10, math.nan, 10), (10, 0, 10), (10, 1000, math.nan)]
)
def test_it_fails_closed(price, equity, other):
    """Without a price, equity, or the price of another position nothing is allowed."""
    desk = Desk(GrossExposure(action="reduce"), symbols=2, equity=equity).hold(0, 0, price=price).hold(1, 1, price=other)

    assert desk.allowed(1) == 0


@pytest.mark.parametrize("values", [{"share": 0.0}, {"notional": 0.0}, {"share": None}])
def test_what_limits_nothing_is_refused(values):
    """Zero, or neither of the two."""
    with pytest.raises(ValidationError):
        GrossExposure(**values)
