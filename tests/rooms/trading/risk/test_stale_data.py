"""Nothing is opened on prices that are too old."""

import pytest
from pydantic import ValidationError
from risk_desk import MINUTE, Desk

from runner.trading.kernel.layout import MARKED
from runner.trading.risk.stale_data import StaleData

NEVER = StaleData(max_age="999999d")
ALWAYS = None  # a row that decides has a price
NOW = 1_700_000_000_000_000_123
"""An instant whose nanoseconds a float64 can't tell apart."""


@pytest.mark.parametrize(("age", "expected"), [(5 * MINUTE - 1, 3), (5 * MINUTE, 3), (5 * MINUTE + 1, 0)])
def test_just_below_at_and_just_above_the_age(age, expected):
    """To the nanosecond, for the symbol itself and for what is held."""
    desk = Desk(StaleData(max_age="5min"), symbols=2)
    desk.times[MARKED, 0] = NOW - age

    assert desk.allowed(3, s=0, ts=NOW) == expected

    desk.times[MARKED, :] = NOW - age, NOW
    assert desk.allowed(3, s=1, ts=NOW) == 3
    assert desk.hold(0, 1).allowed(3, s=1, ts=NOW) == expected


def test_what_is_held_can_be_left_out():
    """Then only the symbol of the order counts."""
    desk = Desk(StaleData(max_age="5min", held=False), symbols=2).hold(0, 1)
    desk.times[MARKED, 1] = NOW

    assert desk.allowed(-3, s=1, ts=NOW) == -3


def test_a_symbol_without_any_price_is_stale():
    """Before the first price there is none, however long the age."""
    assert Desk(StaleData(max_age="9999d")).allowed(1, ts=NOW) == 0


def test_an_age_is_a_length_of_time():
    """Nothing, or a number without a unit, is none."""
    for age in ("0min", "5", 5):
        with pytest.raises(ValidationError):
            StaleData(max_age=age)
