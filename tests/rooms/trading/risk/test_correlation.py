"""No second position that is the first one again."""

import numpy as np
import pytest
from pydantic import ValidationError
from risk_desk import Desk

from runner.trading.risk.correlation import Correlation

NEVER = Correlation(limit=1.0, undefined="allow")
ALWAYS = None  # the first position is alone


def after(kind, *returns, odd=()):
    """A desk of symbols whose prices moved so from session to session, and one more session has begun.

    In the odd places (symbol, session) there was no price.
    """
    moves = np.array(returns)
    prices = 10.0 * np.cumprod(np.column_stack([np.ones(len(moves)), 1.0 + moves]), axis=1)
    desk = Desk(kind, symbols=len(moves))
    for session in range(prices.shape[1] + 1):
        # A price within the session that nothing comes of, then its last one.
        for part in (0, 1):
            now = prices[:, min(session, prices.shape[1] - 1)] * (3.0 if part == 0 or session == prices.shape[1] else 1.0)
            shown = [None if (s, session) in odd else price for s, price in enumerate(now.tolist())]
            desk.watch(10 * session + part, session=session, prices=shown)
    return desk


A = [0.01, -0.02, 0.03, 0.01, -0.01, 0.02]
B = [0.02, -0.01, 0.02, -0.03, -0.02, 0.01]
RHO = float(np.corrcoef(A, B)[0, 1])


@pytest.mark.parametrize(("beyond", "expected"), [(-1e-6, 0), (0.0, 5), (1e-6, 5)])
def test_just_below_at_and_just_above_the_limit(beyond, expected):
    """A limit a millionth below the correlation that NumPy finds refuses; at it and above it passes."""
    desk = after(Correlation(limit=RHO + beyond, lookback=6), A, B).hold(1, 7)

    assert desk.allowed(5) == expected


@pytest.mark.parametrize(("held", "wanted", "expected"), [(7, 5, 0), (-7, -5, 0), (7, -5, -5), (-7, 5, 5)])
def test_one_side_of_two_that_move_together_is_one_bet(held, wanted, expected):
    """Long and long, short and short; long and short is a hedge."""
    desk = after(Correlation(limit=0.8, lookback=6), A, [2 * a for a in A]).hold(1, held)

    assert desk.allowed(wanted) == expected


@pytest.mark.parametrize(("held", "wanted", "expected"), [(7, 5, 5), (-7, -5, -5), (7, -5, 0), (-7, 5, 0)])
def test_opposite_sides_of_two_that_move_against_each_other_are_one_bet(held, wanted, expected):
    """Long of one and short of the other gain and lose together."""
    desk = after(Correlation(limit=0.8, lookback=6), A, [-a for a in A]).hold(1, held)

    assert desk.allowed(wanted) == expected


@pytest.mark.parametrize(("held", "on_its_way", "expected"), [(0, 7, 0), (0, -7, 5), (7, -7, 0), (-7, 14, 0), (0, 0, 5)])
def test_orders_on_their_way_count_with_what_they_lead_to_and_come_from(held, on_its_way, expected):
    """An entry that isn't filled yet may be; an exit may not."""
    desk = after(Correlation(limit=0.8, lookback=6), A, A).hold(1, held, wanted=on_its_way)

    assert desk.allowed(5) == expected


def test_only_the_last_sessions_count():
    """Three that go together after three that don't, in a lookback of three, and the other way round in six."""
    apart, together = [0.01, -0.03, 0.02], [0.02, -0.01, 0.03]
    one, other = apart + together, [-a for a in apart] + together

    assert after(Correlation(limit=0.8, lookback=3), one, other).hold(1, 7).allowed(5) == 0
    assert after(Correlation(limit=0.8, lookback=6), one, other).hold(1, 7).allowed(5) == 5


def test_what_is_held_may_grow_and_what_turns_round_is_new():
    """The first has its own position, the second is correlated with it."""
    desk = after(Correlation(limit=0.8, lookback=6), A, A).hold(0, 7).hold(1, 7)

    assert desk.allowed(5) == 5
    assert desk.hold(1, -7).allowed(-5, turns=True) == 0


@pytest.mark.parametrize(("undefined", "expected"), [("block", 0), ("allow", 5)])
@pytest.mark.parametrize(
    ("one", "other", "odd"),
    [(A[:2], B[:2], ()), (A, [0.0] * 6, ()), (A, B, {(1, 1), (1, 3)}), (A[:2], B[:2], {(1, 0)})],
    ids=["too few sessions", "a price that never moves", "holes", "both"],
)
def test_what_is_undefined_is_as_declared(undefined, expected, one, other, odd):
    """Two returns, none that differ, or two left of six between the holes."""
    desk = after(Correlation(limit=0.9, lookback=6, undefined=undefined), one, other, odd=odd).hold(1, 7)

    assert desk.allowed(5) == expected


def test_a_session_without_a_price_leaves_two_returns_out():
    """Without session 6 its return and the one after are missing for both: NumPy over the others agrees."""
    rho = float(np.corrcoef(A[:5], B[:5])[0, 1])

    for beyond, expected in ((-1e-6, 0), (1e-6, 5)):
        desk = after(Correlation(limit=rho + beyond, lookback=6), A, B, odd={(1, 6)}).hold(1, 7)
        assert desk.allowed(5) == expected


@pytest.mark.parametrize(
    "values", [{"limit": -0.1}, {"limit": 1.1}, {"lookback": 2}, {"lookback": 2521}, {"undefined": "maybe"}]
)
def test_what_means_nothing_is_refused(values):
    """Correlations lie below one, and two sessions say nothing."""
    with pytest.raises(ValidationError):
        Correlation(**values)
