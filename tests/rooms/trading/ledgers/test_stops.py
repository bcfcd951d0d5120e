"""Stories of stop orders that open a position, as a breakout does. A bar's volume of 1 decides at 100; the stop is 101."""

import pytest
from markets import SHORT_SCRIPT, ended, filled, told_of

from runner.trading.slippage.fixed_bps import FixedBps

STOP = {"kind": "stop", "offset": 100.0}
FIRST = (100, 100, 100, 100, 1)


def test_a_stop_that_is_gapped_fills_at_the_gap():
    """The market opens at 105: who wanted in at 101 pays 105."""
    tables = told_of(FIRST, (105, 106, 104, 105, 0), order=STOP, capital=2000.0)

    assert filled(tables) == [(1.0, "buy", 10.0, 105.0)]


def test_a_stop_inside_a_bar_becomes_a_market_order_at_its_price():
    """101 and 100 bps of slippage, at the end of the bar."""
    tables = told_of(FIRST, (100, 102, 99, 100, 0), order=STOP, slippage=FixedBps(bps=100), capital=2000.0)

    assert tables.fills["ts"].tolist() == [120 * 10**9]
    assert tables.fills["price"].tolist() == pytest.approx([102.01])
    assert tables.fills["maker"].tolist() == [False]


@pytest.mark.parametrize(("high", "status"), [(100.99, "unfilled"), (101.0, "filled")])
def test_a_stop_needs_no_more_than_a_touch(high, status):
    """It takes from the market, so that nobody can be first in the queue."""
    assert ended(told_of(FIRST, (100, high, 99, 100, 0), order=STOP, capital=2000.0)) == [status]


def test_a_short_stop_lies_below_the_market():
    """99, gapped at 95 in the second bar after it."""
    tables = told_of(FIRST, (100, 101, 99.5, 100, 0), (95, 96, 94, 95, 0), order=STOP, signal=SHORT_SCRIPT)

    assert filled(tables) == [(2.0, "sell", 10.0, 95.0)]


def test_a_stop_off_the_tick_is_rounded_to_where_it_fills_later():
    """101 on a tick of 0.4 is 101.2 for a buyer, 98.8 for a seller of 99."""
    order = {**STOP, "tick": 0.4}

    assert told_of(FIRST, order=order).orders["price"].tolist() == pytest.approx([101.2])
    assert told_of(FIRST, order=order, signal=SHORT_SCRIPT).orders["price"].tolist() == pytest.approx([98.8])
