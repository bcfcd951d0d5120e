"""A cap on what one session may lose."""

import math

import pytest
from pydantic import ValidationError
from risk_desk import Desk

from runner.trading.kernel.layout import BLOCK, CLOSE_ALL, HALT, PASS
from runner.trading.risk.daily_loss import DailyLoss

NEVER = DailyLoss(share=None, amount=1e15)
ALWAYS = None  # a session begins without a loss


@pytest.mark.parametrize("limit", [{"share": 0.07}, {"share": None, "amount": 7.0}, {"share": 0.5, "amount": 7.0}])
@pytest.mark.parametrize(("equity", "asked"), [(93.01, PASS), (93, BLOCK), (92.99, BLOCK)])
def test_just_below_at_and_just_above_the_cap(limit, equity, asked):
    """A loss of 7 of 100 trips, one of 6.99 doesn't."""
    desk = Desk(DailyLoss(**limit), equity=100.0)

    assert desk.watch(1, equity=100.0) == PASS
    assert desk.watch(2, equity=equity) == asked


def test_it_stays_for_the_session_and_no_longer():
    """Hit at 11:00 it stays, though the loss is made good at noon; the next session begins anew."""
    desk = Desk(DailyLoss(share=0.1))

    asked = [
        desk.watch(k, session=day, equity=e)
        for k, (day, e) in enumerate([(1, 1000), (1, 899), (1, 1200), (2, 1200), (2, 1081), (2, 1080)])
    ]

    assert asked == [PASS, BLOCK, BLOCK, PASS, PASS, BLOCK]


@pytest.mark.parametrize(("since", "asked"), [("previous_close", BLOCK), ("open", PASS)])
def test_a_gap_over_night_is_part_of_the_session_unless_it_begins_with_its_own_equity(since, asked):
    """1,000 at the close, 900 at the open."""
    desk = Desk(DailyLoss(share=0.1, since=since))
    desk.watch(1, session=1, equity=1000.0)

    assert desk.watch(2, session=2, equity=900.0) == asked
    assert desk.watch(3, session=2, equity=811.0 if since == "open" else 950.0) == asked


@pytest.mark.parametrize(
    ("action", "now", "later"), [("block", BLOCK, PASS), ("flatten", CLOSE_ALL, PASS), ("halt", HALT, PASS)]
)
def test_what_is_asked_for_and_for_how_long(action, now, later):
    """Until the session ends; that a halt never ends is remembered for every rule by who asked it."""
    desk = Desk(DailyLoss(share=0.1, action=action))
    desk.watch(1, session=1, equity=1000.0)

    assert [desk.watch(2, session=1, equity=850.0), desk.watch(3, session=2, equity=850.0)] == [now, later]


def test_it_fails_closed_and_forgets_nothing():
    """While equity is unknown nothing is opened; the session is still measured from its start, and what tripped stays."""
    desk = Desk(DailyLoss(share=0.1, action="flatten"))

    asked = [desk.watch(k, session=1, equity=e) for k, e in enumerate([math.nan, 1000.0, math.nan, 901.0, 900.0, math.nan])]

    assert asked == [BLOCK, PASS, BLOCK, PASS, CLOSE_ALL, CLOSE_ALL]


@pytest.mark.parametrize("values", [{"share": 0.0}, {"share": 1.5}, {"amount": 0.0}, {"share": None}, {"since": "noon"}])
def test_what_caps_nothing_is_refused(values):
    """A cap of zero, or none, or of a time nobody knows."""
    with pytest.raises(ValidationError):
        DailyLoss(**values)
