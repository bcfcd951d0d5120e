"""A stop once too much of the best equity is lost."""

import math

import pytest
from pydantic import ValidationError
from risk_desk import Desk

from runner.trading.kernel.layout import BLOCK, CLOSE_ALL, HALT, PASS
from runner.trading.risk.drawdown_stop import DrawdownStop

NEVER = DrawdownStop(share=1.0)
ALWAYS = None  # a run begins at its peak


@pytest.mark.parametrize(("equity", "asked"), [(93.01, PASS), (93, BLOCK), (92.99, BLOCK)])
def test_just_below_at_and_just_above_the_share(equity, asked):
    """7 of a peak of 100 trip, 6.99 don't."""
    desk = Desk(DrawdownStop(share=0.07, action="block"), equity=50.0)
    desk.watch(1, equity=100.0)

    assert desk.watch(2, equity=equity) == asked


def test_the_capital_is_the_first_peak():
    """A run that only loses is measured from what it began with, also where the rule first sees it lower."""
    assert Desk(DrawdownStop(share=0.1), equity=1000.0).watch(1, equity=900.0) == CLOSE_ALL


@pytest.mark.parametrize(("action", "asked"), [("block", BLOCK), ("flatten", CLOSE_ALL), ("halt", HALT)])
def test_it_stays_over_every_recovery_and_session(action, asked):
    """A new record a year later changes nothing."""
    desk = Desk(DrawdownStop(share=0.1, action=action))
    desk.watch(1, session=1, equity=900.0)

    assert {desk.watch(k, session=k, equity=5000.0) for k in range(2, 300)} == {asked}


def test_it_resumes_after_so_many_sessions_with_a_peak_of_its_own():
    """Stopped in session 1 for two: session 2 waits, at the first instant of session 3 it goes on, and 810 stops it again."""
    desk = Desk(DrawdownStop(share=0.1, action="block", resume_after=2))
    steps = [(1, 900), (1, 950), (2, 990), (3, 900), (3, 811), (3, 810), (4, 2000), (5, 2000), (5, 1800)]

    asked = [desk.watch(k, session=day, equity=float(e)) for k, (day, e) in enumerate(steps)]

    assert asked == [BLOCK, BLOCK, BLOCK, PASS, PASS, BLOCK, BLOCK, PASS, BLOCK]


def test_it_fails_closed():
    """While equity is unknown nothing is opened and nothing resumes."""
    desk = Desk(DrawdownStop(share=0.1, action="flatten", resume_after=1))

    asked = [desk.watch(k, session=k, equity=e) for k, e in enumerate([1000.0, math.nan, 899.0, math.nan, 899.0])]

    assert asked == [PASS, BLOCK, CLOSE_ALL, CLOSE_ALL, PASS]


@pytest.mark.parametrize("values", [{"share": 0.0}, {"share": 1.1}, {"resume_after": 0}])
def test_what_means_nothing_is_refused(values):
    """No drawdown, more than all, no session."""
    with pytest.raises(ValidationError):
        DrawdownStop(**values)


def test_a_halt_does_not_resume():
    """Both together contradict each other."""
    with pytest.raises(ValidationError, match="must not resume after a halt"):
        DrawdownStop(action="halt", resume_after=3)
