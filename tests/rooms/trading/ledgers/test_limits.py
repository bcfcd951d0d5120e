"""Stories of limit orders that open a position. Prices of a bar are open, high, low, close; its volume of 1 decides."""

import math

import pytest
from markets import ENTER, MINUTE, SHORT_SCRIPT, ended, filled, told_of

from runner.trading.slippage.fixed_bps import FixedBps

LIMIT = {"kind": "limit", "offset": 100.0}
OWN_PRICE = {"kind": "limit", "price": "close", "tick": 0.05}
FIRST = (100, 100, 100, 100, 1)
"""Decides to buy at 100 less 100 bps: a limit of 99."""


def test_an_open_beyond_the_limit_fills_at_the_open():
    """The market gaps from 100 to 98: who wanted 99 gets 98, at the opening instant."""
    tables = told_of(FIRST, (98, 99, 97, 98, 0), order=LIMIT)

    assert filled(tables) == [(1.0, "buy", 10.0, 98.0)]
    assert tables.fills["maker"].tolist() == [False]
    assert tables.orders["price"].tolist() == [99.0]


def test_a_limit_that_is_only_touched_is_not_filled():
    """The low is 99 to the cent: all others may have been first in the queue."""
    tables = told_of(FIRST, (100, 101, 99, 100, 0), order=LIMIT)

    assert filled(tables) == []
    assert ended(tables) == ["unfilled"]


def test_a_limit_that_is_traded_through_fills_at_itself_free_of_slippage():
    """The low is 98.5: bought at 99 at the bar's end, whatever market orders would have paid beyond it."""
    tables = told_of(FIRST, (100, 101, 98.5, 100, 0), order=LIMIT, slippage=FixedBps(bps=500))

    assert filled(tables) == [(2.0, "buy", 10.0, 99.0)]
    assert tables.fills["maker"].tolist() == [True]
    assert tables.fills["slippage"].tolist() == [0.0]


@pytest.mark.parametrize(("low", "count"), [(98.0, 0), (97.99, 1)])
def test_a_market_must_trade_through_the_limit_by_as_much_as_is_asked(low, count):
    """With `through: 1` a limit of 99 is filled below 98 and not at it."""
    tables = told_of(FIRST, (100, 101, low, 100, 0), order={**LIMIT, "through": 1.0})

    assert filled(tables) == [(2.0, "buy", 10.0, 99.0)] * count


def test_a_short_sale_waits_above_the_market():
    """Its limit is 101: a high of 101 is a touch, one of 102 fills it."""
    tables = told_of(FIRST, (100, 101, 99, 100, 0), (100, 102, 99, 100, 0), order=LIMIT, signal=SHORT_SCRIPT)

    assert filled(tables) == [(3.0, "sell", 10.0, 101.0)]


def test_slippage_never_carries_a_price_beyond_the_limit():
    """The open of 98.9 and 200 bps would be 100.878; the limit says 99."""
    tables = told_of(FIRST, (98.9, 99, 98.9, 99, 0), order=LIMIT, slippage=FixedBps(bps=200))

    assert filled(tables) == [(1.0, "buy", 10.0, 99.0)]
    assert tables.fills["slippage"].tolist() == pytest.approx([1.0])


@pytest.mark.parametrize(("price", "rounded"), [(98.97, 98.95), (98.95, 98.95)])
def test_a_bid_off_the_tick_is_rounded_down(price, rounded):
    """In steps of five cents a buyer bids less, which fills later; what is on the tick stays."""
    tables = told_of((price, price, price, price, 1), order=OWN_PRICE)

    assert tables.orders["price"].tolist() == pytest.approx([rounded], abs=1e-12)


@pytest.mark.parametrize(("price", "rounded"), [(101.03, 101.05), (101.05, 101.05)])
def test_an_offer_off_the_tick_is_rounded_up(price, rounded):
    """A seller asks more."""
    tables = told_of((price, price, price, price, 1), order=OWN_PRICE, signal=SHORT_SCRIPT)

    assert tables.orders["price"].tolist() == pytest.approx([rounded], abs=1e-12)


def test_a_limit_from_an_expression_that_is_undefined_sends_nothing():
    """No price at the second bar, no order and a line that says so; the third has one."""
    price = {"kind": "limit", "price": "lag(close, 1) - 1"}
    bars = [(100, 100, 100, math.nan, 1), (100, 100, 100, 100, 1), (100, 100, 100, 100, 1)]
    tables = told_of(*bars, order=price)

    assert tables.orders["price"].tolist() == [99.0]
    assert tables.refusals["rule"].tolist() == ["order.price: undefined"]
    assert (tables.refusals["ts"].tolist(), tables.refusals["wanted"].tolist()) == ([2 * MINUTE], [10.0])


def test_a_resting_entry_is_cancelled_when_its_exit_holds():
    """Decided at minute 1, cancelled at minute 2, traded through in the third bar: nothing is bought."""
    tables = told_of(FIRST, (100, 100, 99.5, 100, 2), (100, 100, 90, 100, 0), order=LIMIT)

    assert ended(tables) == ["cancelled"]
    assert filled(tables) == []


def test_a_resting_entry_is_left_alone_while_its_entry_goes_on_to_hold():
    """Two bars ask for the same; one order waits, at the price of the first."""
    tables = told_of(FIRST, (110, 110, 110, 110, 1), (100, 100, 98, 100, 0), order=LIMIT)

    assert tables.orders["price"].tolist() == [99.0]
    assert filled(tables) == [(3.0, "buy", 10.0, 99.0)]


def test_an_entry_and_an_exit_that_hold_together_renew_a_resting_order():
    """Each bar cancels the order before it and places one at its own price: a quote that follows the market."""
    both = {"long": {"enter": ENTER, "exit": ENTER}}
    tables = told_of(FIRST, (110, 110, 110, 110, 1), (109, 110, 108, 110, 0), order=LIMIT, signal=both, capital=2000.0)

    assert ended(tables) == ["cancelled", "filled"]
    assert tables.orders["price"].tolist() == pytest.approx([99.0, 108.9])
    assert tables.fills["price"].tolist() == pytest.approx([108.9])
