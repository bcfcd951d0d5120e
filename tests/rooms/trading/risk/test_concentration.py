"""A limit on how much of the book is one symbol."""

import math

import pytest
from pydantic import ValidationError
from risk_desk import Desk

from runner.trading.risk.concentration import Concentration

NEVER = Concentration(share=1.0)
ALWAYS = Concentration(share=1e-9)


@pytest.mark.parametrize(
    ("wanted", "block", "reduce"), [(39, 39, 39), (40, 40, 40), (41, 0, 40), (-40, -40, -40), (-41, 0, -40)]
)
def test_just_below_at_and_just_above_the_share(wanted, block, reduce):
    """With 60 of others, 40 are 0.4 of 100."""
    for action, expected in (("block", block), ("reduce", reduce)):
        desk = Desk(Concentration(share=0.4, floor=0.0, action=action), symbols=3).hold(1, 30).hold(2, -30)

        assert desk.allowed(wanted) == expected


def test_a_book_begins_with_a_share_of_the_floor():
    """0.4 of half of 1,000 is 200, 20 units at 10."""
    desk = Desk(Concentration(share=0.4, floor=0.5, action="reduce"), symbols=2)

    assert desk.allowed(50) == 20
    assert Desk(Concentration(share=0.4, floor=0.0)).allowed(1) == 0


def test_what_is_on_its_way_makes_the_book_no_larger_and_may_make_it_smaller():
    """60 ordered count for nothing yet, and 60 that are being sold count no more."""
    kind = Concentration(share=0.4, floor=0.0, action="reduce")

    assert Desk(kind, symbols=2).hold(1, 0, wanted=60).allowed(10) == 0
    assert Desk(kind, symbols=2).hold(1, 60, wanted=-60).allowed(10) == 0
    assert Desk(kind, symbols=2).hold(1, 60, wanted=-30).allowed(50) == 20
    assert Desk(kind, symbols=2).hold(1, 30, wanted=30).allowed(50) == 20


@pytest.mark.parametrize(("others", "expected"), [(1, 5), (2, 5), (3, 0)])
def test_just_below_at_and_just_above_the_number_of_positions(others, expected):
    """Three positions at most, of which orders on their way are some."""
    desk = Desk(Concentration(share=None, positions=3), symbols=4)
    for k in range(1, 1 + others):
        desk.hold(k, 0 if k == 1 else 1, wanted=1 if k == 1 else 0)

    assert desk.allowed(5) == expected


def test_a_position_that_is_there_may_grow_and_turn():
    """It is one of the three already."""
    desk = Desk(Concentration(share=None, positions=2), symbols=2).hold(0, 5).hold(1, 5)

    assert desk.allowed(5) == 5
    assert desk.allowed(-5, turns=True) == -5


@pytest.mark.parametrize(
    ("price", "equity", "other"), [(math.nan, 1000, 10), (10, math.nan, 10), (10, 0, 10), (10, 1000, math.nan)]
)
def test_it_fails_closed(price, equity, other):
    """Without a price, equity, or the price of another position nothing is allowed."""
    desk = Desk(Concentration(floor=0.0, action="reduce"), symbols=2, equity=equity).hold(0, 0, price=price)

    assert desk.hold(1, 100, price=other).allowed(1) == 0


@pytest.mark.parametrize("values", [{"share": 0.0}, {"share": 1.5}, {"positions": 0}, {"floor": -0.1}, {"share": None}])
def test_what_limits_nothing_is_refused(values):
    """Shares between 0 and 1, at least one position, and at least one of the two."""
    with pytest.raises(ValidationError):
        Concentration(**values)
