"""A limit on how far the book leans to one side."""

import math

import pytest
from pydantic import ValidationError
from risk_desk import Desk

from runner.trading.risk.net_exposure import NetExposure

NEVER = NetExposure(share=None, notional=1e15)
ALWAYS = NetExposure(share=None, notional=1e-9)


@pytest.mark.parametrize("limit", [{"share": 0.5}, {"share": None, "notional": 500.0}])
@pytest.mark.parametrize(
    ("wanted", "block", "reduce"), [(79, 79, 79), (80, 80, 80), (81, 0, 80), (-20, -20, -20), (-21, 0, -20)]
)
def test_just_below_at_and_just_above_the_limit(limit, wanted, block, reduce):
    """With a short of 30 at 10, 80 may be bought until the book is 50 long, and 20 sold until it is 50 short."""
    for action, expected in (("block", block), ("reduce", reduce)):
        desk = Desk(NetExposure(**limit, action=action), symbols=2).hold(1, -30)

        assert desk.allowed(wanted) == expected


def test_a_book_that_leans_too_far_may_be_brought_back():
    """Long 90 of a limit of 50: nothing more is bought, 140 may be sold."""
    desk = Desk(NetExposure(share=0.5, action="reduce"), symbols=2).hold(1, 90)

    assert desk.allowed(1) == 0
    assert desk.allowed(-200) == -140


@pytest.mark.parametrize(
    ("held", "on_its_way", "most", "least"), [(0, 30, 20, -50), (0, -30, 50, -20), (-30, 30, 50, -20), (30, -50, 20, -30)]
)
def test_orders_on_their_way_count_where_they_lean_further(held, on_its_way, most, least):
    """A long entry leaves less to buy and not more to sell; a short's exit may fill before anything else does."""
    desk = Desk(NetExposure(share=0.5, action="reduce"), symbols=2).hold(1, held, wanted=on_its_way)

    assert (desk.allowed(100), desk.allowed(-100)) == (most, least)


def test_an_order_that_turns_a_position_round_counts_with_what_it_leads_to():
    """Long 40 to be turned short 50."""
    desk = Desk(NetExposure(share=0.5)).hold(0, 40)

    assert desk.allowed(-50, turns=True) == -50
    assert desk.allowed(-51, turns=True) == 0


@pytest.mark.parametrize(
    ("price", "equity", "other"), [(math.nan, 1000, 10), (10, math.nan, 10), (10, 0, 10), (10, 1000, math.nan)]
)
def test_it_fails_closed(price, equity, other):
    """Without a price, equity, or the price of another position nothing is allowed."""
    desk = Desk(NetExposure(action="reduce"), symbols=2, equity=equity).hold(0, 0, price=price).hold(1, 1, price=other)

    assert desk.allowed(1) == 0


@pytest.mark.parametrize("values", [{"share": 0.0}, {"notional": 0.0}, {"share": None}])
def test_what_limits_nothing_is_refused(values):
    """Zero, or neither of the two."""
    with pytest.raises(ValidationError):
        NetExposure(**values)
