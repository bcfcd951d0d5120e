"""A pause after a position was closed."""

import pytest
from pydantic import ValidationError
from risk_desk import MINUTE, Desk

from runner.trading.kernel.layout import AVERAGE, LEFT, OUTCOME
from runner.trading.risk.cooldown import Cooldown

NEVER = None  # an order that turns a position round leaves no time for the shortest pause
ALWAYS = None  # the first entry has nothing before it
NOW = 1_700_000_000_000_000_123
"""An instant whose nanoseconds a float64 can't tell apart."""


def left(kind, ago, outcome):
    """A symbol whose position was closed so long ago, with such a profit."""
    desk = Desk(kind)
    desk.times[LEFT, 0], desk.book[OUTCOME, 0], desk.ts = NOW - ago, outcome, NOW
    return desk


@pytest.mark.parametrize(("ago", "expected"), [(5 * MINUTE - 1, 0), (5 * MINUTE, 3), (5 * MINUTE + 1, 3)])
@pytest.mark.parametrize("outcome", [-1.0, 0.0, 1.0])
def test_just_before_at_and_just_after_the_end_of_the_pause(ago, expected, outcome):
    """To the nanosecond, whatever was earned, for either side."""
    desk = left(Cooldown(duration="5min"), ago, outcome)

    assert desk.allowed(3) == expected
    assert desk.allowed(-3) == -expected


@pytest.mark.parametrize(("outcome", "expected"), [(-0.01, 0), (0.0, 3), (0.01, 3)])
def test_a_pause_after_losses_needs_one(outcome, expected):
    """Nothing lost is no loss."""
    assert left(Cooldown(duration="5min", after="loss"), MINUTE, outcome).allowed(3) == expected


def test_a_symbol_that_was_never_held_has_no_pause():
    """Also at the very first instants there are."""
    assert Desk(Cooldown(duration="9999d")).allowed(3, ts=0) == 3


def test_what_grows_is_no_entry():
    """A position is added to at any time, even if it followed another one at once."""
    assert left(Cooldown(), MINUTE, -1.0).hold(0, 5).allowed(3) == 3


@pytest.mark.parametrize(
    ("after", "price", "expected"),
    [("any", 12, 0), ("loss", 12, 3), ("loss", 10, 3), ("loss", 9, 0), ("loss", float("nan"), 0)],
)
@pytest.mark.parametrize("side", [1, -1])
def test_turning_round_is_an_exit_and_an_entry_without_a_pause(after, price, expected, side):
    """Bought at 10 and about to be sold: at 12 without a loss, at 9 with one; mirrored for shorts."""
    desk = Desk(Cooldown(after=after)).hold(0, 5 * side, price=10 + side * (price - 10))
    desk.book[AVERAGE, 0] = 10.0

    assert desk.allowed(-3 * side, turns=True) == -expected * side


def test_a_pause_is_a_length_of_time():
    """Nothing, or a number without a unit, is none."""
    for duration in ("0min", "5", 5):
        with pytest.raises(ValidationError):
            Cooldown(duration=duration)
