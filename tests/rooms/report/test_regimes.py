"""Bull, bear and high volatility, from the closes of the universe and nothing later."""

import numpy as np
import pytest
from drawn import tape_of
from hypothesis import given
from hypothesis import strategies as st

from runner.report.regimes import bear_markets, high_volatility, market_index, market_of

DAY = 1440


def tape(**closes):
    """Return daily bars; None leaves a day out."""
    rows = {
        symbol: [(day * DAY, day * DAY + 1, 1.0, close) for day, close in enumerate(values) if close is not None]
        for symbol, values in closes.items()
    }
    return tape_of(rows)


def test_the_index_weighs_every_symbol_alike():
    """+10 % and −20 % make −5 %, whatever the prices; the index begins at one."""
    sessions, levels = market_index(tape(A=[10.0, 11.0, 11.0], B=[1_000.0, 800.0, 1_200.0]))

    assert sessions.tolist() == [0, 1, 2]
    assert levels.tolist() == pytest.approx([1.0, 0.95, 0.95 * 1.25])


def test_a_symbol_counts_where_it_has_a_price_and_one_before():
    """B is missing on the second day and C begins on the third; a close that isn't there or is zero is none."""
    _, levels = market_index(tape(A=[10.0, 11.0, 11.0, np.nan], B=[100.0, None, 120.0, 0.0], C=[None, None, 5.0, 5.5]))

    assert levels.tolist() == pytest.approx([1.0, 1.1, 1.1 * 1.1, 1.1 * 1.1 * 1.1])


def test_the_last_price_of_a_session_is_its_close():
    """Two bars of one day are one session."""
    rows = {"A": [(0, 1, 1.0, 10.0), (5, 6, 1.0, 20.0), (DAY, DAY + 1, 1.0, 30.0)]}

    assert market_index(tape_of(rows))[1].tolist() == [1.0, 1.5]


def test_the_market_turns_a_fifth_below_its_peak_and_a_fifth_above_its_trough():
    """100, 125, 101: not yet; 100 is a fifth below 125. The trough is 50, so 60 ends it; 48 is a fifth below 60."""
    levels = np.array([100.0, 125.0, 101.0, 100.0, 50.0, 59.0, 60.0, 49.0, 48.0])

    assert bear_markets(levels).tolist() == [False, False, False, True, True, True, False, False, True]


def test_volatility_is_high_above_four_fifths_of_the_earlier_ones():
    """Calm returns of ±1 % for 80 sessions, then one of 10 %: high while it is in the window of 20, not before."""
    returns = np.append(np.tile([0.01, -0.01], 45), [0.1, *np.tile([0.01, -0.01], 15)])
    levels = np.cumprod(np.append(1.0, 1.0 + returns))

    found = np.flatnonzero(high_volatility(levels))

    assert found[found >= 91].tolist() == list(range(91, 111))


def test_volatility_is_usual_until_there_is_something_to_compare_it_with():
    """The 61st volatility, that of the 81st level, is the first that can be high."""
    returns = 0.001 * np.cumsum(np.ones(100)) * np.tile([1.0, -1.0], 50)

    found = high_volatility(np.cumprod(np.append(1.0, 1.0 + returns)))

    assert np.flatnonzero(found)[0] == 80
    assert found[80:].all()


def test_a_session_belongs_to_the_market_that_was_known_the_day_before():
    """The fall on the second day makes the third a bear session, not the second."""
    found = market_of(tape(A=[100.0, 70.0, 71.0]))

    assert found.bear.tolist() == [False, False, True]
    assert found.returns.tolist() == pytest.approx([0.0, -0.3, 1 / 70])


def test_a_tape_without_a_price_stands_still():
    """No close at all leaves the index at one."""
    found = market_of(tape(A=[np.nan, np.nan]))

    assert (found.levels.tolist(), found.bear.tolist()) == ([1.0, 1.0], [False, False])


@given(st.lists(st.floats(0.5, 1.6), min_size=2, max_size=120), st.integers(1, 119))
def test_what_comes_later_changes_no_session_before_it(steps, cut):
    """The market of the sessions up to any day is the same when the data end there."""
    closes = (100.0 * np.cumprod(steps)).tolist()
    cut = min(cut, len(closes))

    whole, part = market_of(tape(A=closes)), market_of(tape(A=closes[:cut]))

    assert whole.bear[:cut].tolist() == part.bear.tolist()
    assert whole.high[:cut].tolist() == part.high.tolist()
