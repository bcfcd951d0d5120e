"""Stories of fills on quotes, trades and books. Of quotes the bid's size of 1 decides to buy, one of 2 to sell."""

import numpy as np
import pytest
from markets import SCRIPT, ended, filled, minutes, tape_of, told

from runner.trading.fill.book_walk import BookWalk
from runner.trading.fill.next_event import NextEvent
from runner.trading.fill.touch import Touch
from runner.trading.sizing.units import Units

BY_SIZE = {"long": {"enter": "bid_size == 1", "exit": "bid_size == 2"}}


def quoted(*rows, **sections):
    """Return what a backtest makes of one symbol's quotes, (minute, bid, bid size, ask, ask size)."""
    return told({"quotes": tape_of("quotes", {"A": rows})}, **{"signal": BY_SIZE, "fill": Touch(), **sections})


def test_a_buyer_pays_the_ask_and_a_seller_gets_the_bid():
    """In at 11, out at 9.5: nobody trades half-way. 1,000 - 110 + 95."""
    tables = quoted((1, 9, 1, 10, 5), (2, 10, 2, 11, 5), (3, 9.5, 5, 10.5, 5), (4, 9, 5, 10, 5))

    assert filled(tables) == [(2.0, "buy", 10.0, 11.0), (3.0, "sell", 10.0, 9.5)]
    assert tables.equity["equity"].tolist()[-1] == 985.0


def test_a_position_is_worth_what_lies_half_way():
    """Ten bought at 11; at a bid of 10 and an ask of 11 they are worth 105."""
    tables = quoted((1, 9, 1, 10, 5), (2, 10, 5, 11, 5))

    assert tables.equity["equity"].tolist() == [1000.0, 995.0]


def test_an_order_on_its_way_misses_the_quotes_before_it_arrives():
    """90 seconds after minute 1 comes the quote of minute 3, not that of minute 2."""
    tables = quoted((1, 9, 1, 10, 5), (2, 9, 5, 11, 5), (3, 9, 5, 12, 5), scenario={"latency": "90s"})

    assert filled(tables) == [(3.0, "buy", 10.0, 12.0)]


def test_an_order_that_arrives_with_a_quote_has_it():
    """A minute after minute 1 is minute 2."""
    tables = quoted((1, 9, 1, 10, 5), (2, 9, 5, 11, 5), (3, 9, 5, 12, 5), scenario={"latency": "1min"})

    assert filled(tables) == [(2.0, "buy", 10.0, 11.0)]


def test_an_event_fills_at_the_middle_and_leaves_the_spread_to_the_slippage():
    """Half-way between 10 and 11."""
    assert filled(quoted((1, 9, 1, 10, 5), (2, 10, 5, 11, 5), fill=NextEvent())) == [(2.0, "buy", 10.0, 10.5)]


def test_a_quote_with_one_side_fills_nothing():
    """No ask, nothing to buy; the order waits."""
    nobody = np.nan
    tables = quoted((1, 9, 1, 10, 5), (2, 10, 5, nobody, nobody), (3, 10, 5, 12, 5))

    assert filled(tables) == [(3.0, "buy", 10.0, 12.0)]


def test_of_several_quotes_of_one_instant_the_last_decides_and_none_of_them_fills():
    """The first of minute 1 asks for a position, the second doesn't; then the second does, and minute 3 fills."""
    tables = quoted((1, 9, 1, 10, 5), (1, 9, 5, 10, 5), (2, 9, 5, 11, 5), (2, 9, 1, 12, 5), (3, 9, 5, 13, 5))

    assert tables.orders["ts"].tolist() == [2 * 60 * 10**9]
    assert filled(tables) == [(3.0, "buy", 10.0, 13.0)]
    assert tables.equity["ts"].size == 3


def test_a_limit_among_quotes_waits_for_an_ask_below_it():
    """A bid at 10 less 10 %: asks of 9.5 and 9 are no fill, 8.9 fills at 9; a marketable one fills at once at the ask."""
    order = {"kind": "limit", "price": "0.9 * ask_price"}
    rests = quoted((1, 9, 1, 10, 5), (2, 9, 5, 9.5, 5), (3, 8, 5, 9, 5), (4, 8, 5, 8.9, 5), order=order)
    takes = quoted((1, 9, 1, 10, 5), (2, 8, 5, 8.5, 5), order=order)

    assert filled(rests) == [(4.0, "buy", 10.0, 9.0)]
    assert rests.fills["maker"].tolist() == [True]
    assert filled(takes) == [(2.0, "buy", 10.0, 8.5)]
    assert takes.fills["maker"].tolist() == [False]


def test_a_stop_loss_of_a_long_position_looks_at_the_bid():
    """In at 10; the bid of 9 is a tenth below, whatever the ask says."""
    quotes = [(1, 9.9, 1, 10, 5), (2, 9.9, 5, 10, 5), (3, 9.1, 5, 12, 5), (4, 8.5, 5, 12, 5)]
    tables = quoted(*quotes, exits={"stop_loss": 0.1})

    assert filled(tables) == [(2.0, "buy", 10.0, 10.0), (4.0, "sell", 10.0, 8.5)]


def test_bars_decide_and_the_next_quote_fills():
    """The bar is known at minute 1; the quote of that very instant may have come before it, the next one fills."""
    bars = tape_of("bars", {"A": minutes((10, 10, 10, 10, 1), (10, 10, 10, 10, 0))})
    quotes = tape_of("quotes", {"A": [(0.5, 9, 5, 10, 5), (1, 9, 5, 11, 5), (1.25, 9, 5, 12, 5), (1.5, 9, 5, 13, 5)]})

    tables = told({"bars": bars, "quotes": quotes}, fill=Touch(), signal=SCRIPT)

    assert filled(tables) == [(1.25, "buy", 10.0, 12.0)]
    assert tables.equity["cash"].tolist() == [1000.0, 880.0]


def test_a_trade_fills_a_share_of_its_size():
    """Half of each trade: 4 of 8, 6 of 20."""
    trades = tape_of("trades", {"A": [(1, 10, 1, 1), (2, 11, 8, 1), (3, 12, 20, -1)]})
    signal = {"long": {"enter": "trades.size == 1", "exit": "trades.size == 2"}}

    tables = told({"trades": trades}, fill=NextEvent(), signal=signal, order={"volume_share": 0.5})

    assert filled(tables) == [(2.0, "buy", 4.0, 11.0), (3.0, "buy", 6.0, 12.0)]


def book(at, bids, asks):
    """Return a row of depth of three levels from (price, size) per level."""
    return (at, *(p for p, _ in bids), *(n for _, n in bids), *(p for p, _ in asks), *(n for _, n in asks))


BIDS = [(9, 5), (8, 5), (7, 5)]
DECIDING = book(1, [(9, 1), (8, 5), (7, 5)], [(10, 5), (11, 5), (12, 5)])
BY_LEVEL = {"long": {"enter": "bid_size_0 == 1", "exit": "bid_size_0 == 2"}}


def walked(*books, **sections):
    """Return what a backtest makes of one symbol's books."""
    tape = tape_of("depth", {"A": books}, levels=3)
    return told({"depth": tape}, **{"signal": BY_LEVEL, "fill": BookWalk(), **sections})


def test_an_order_walks_through_three_levels():
    """2 at 10, 3 at 11, 5 of the 9 at 12: (20 + 33 + 60) / 10 = 11.3, of which 10 is the reference."""
    tables = walked(DECIDING, book(2, BIDS, [(10, 2), (11, 3), (12, 9)]))

    assert filled(tables) == [(2.0, "buy", 10.0, pytest.approx(11.3))]
    assert tables.fills["reference"].tolist() == [10.0]
    assert tables.fills["slippage"].tolist() == pytest.approx([13.0])


def test_what_waited_has_no_more_than_the_levels_beyond_it():
    """A bid of 10: two are offered at 9.5 and three at 9.9, which others would have sold to it; the ten shown at 10 are a mere
    touch. The next book has the other five."""
    order = {"kind": "limit", "price": "ask_price_0"}
    above = book(2, BIDS, [(10.5, 5), (11, 5), (12, 5)])
    through = book(3, BIDS, [(9.5, 2), (9.9, 3), (10, 10)])
    tables = walked(DECIDING, above, through, book(4, BIDS, [(9.8, 50), (11, 5), (12, 5)]), order=order)

    assert filled(tables) == [(3.0, "buy", 5.0, 10.0), (4.0, "buy", 5.0, 10.0)]
    assert tables.fills["maker"].tolist() == [True, True]


def test_what_waited_among_trades_has_its_share_of_them():
    """Half of the four traded below the limit of 9, then the other eight of the fifty that come later."""
    trades = tape_of("trades", {"A": [(1, 10, 1, 1), (2, 9.5, 8, 1), (3, 8.9, 4, -1), (4, 8, 50, -1)]})
    signal = {"long": {"enter": "trades.size == 1", "exit": "trades.size == 2"}}
    order = {"kind": "limit", "price": "0.9 * trades.price", "volume_share": 0.5}

    tables = told({"trades": trades}, fill=NextEvent(), signal=signal, order=order)

    assert filled(tables) == [(3.0, "buy", 2.0, 9.0), (4.0, "buy", 8.0, 9.0)]


def test_two_orders_of_a_book_do_not_take_the_same_units():
    """Ten are held at 10; a target of six sells four at 9, and its stop at once the other six: one more at 9, five at 8."""
    deciding = book(1, [(9, 10), (8, 5), (7, 5)], [(10, 50), (11, 5), (12, 5)])
    bought = book(2, [(10, 6), (9, 5), (8, 5)], [(10, 50), (11, 5), (12, 5)])
    falls = book(3, [(9, 5), (8, 5), (7, 5)], [(10, 50), (11, 5), (12, 5)])
    tables = walked(deciding, bought, falls, signal={"target": "bid_size_0 / 10"}, exits={"stop_loss": 0.1})

    assert [(at, side, quantity) for at, side, quantity, _ in filled(tables)] == [
        (2.0, "buy", 10.0),
        (3.0, "sell", 4.0),
        (3.0, "sell", 6.0),
    ]
    assert tables.fills["price"].tolist()[1:] == [9.0, pytest.approx((1 * 9 + 5 * 8) / 6)]


def test_a_book_gives_whole_units_of_whole_orders():
    """Six and a half are shown, six are taken at (2.5 x 10 + 3.5 x 11) / 6; an order of ten and a half takes all of them."""
    thin = book(2, BIDS, [(10, 2.5), (11, 4), (np.nan, np.nan)])
    whole, parts = (walked(DECIDING, thin, sizing=Units(units=units)) for units in (10.0, 10.5))

    assert filled(whole) == [(2.0, "buy", 6.0, pytest.approx(63.5 / 6))]
    assert filled(parts) == [(2.0, "buy", 6.5, pytest.approx(69 / 6.5))]


def test_a_walk_takes_not_a_rounding_more_than_is_wanted():
    """0.75416 and the rest of 1.77181 add up to 1.7718100000000003: the position closes to zero, not to a short of that."""
    thin = [(9, 0.75416), (8, 5), (7, 5)]
    leaving = book(3, [(9, 2), (8, 5), (7, 5)], [(10, 5), (11, 5), (12, 5)])
    books = (DECIDING, book(2, BIDS, [(10, 5), (11, 5), (12, 5)]), leaving, book(4, thin, [(10, 5), (11, 5), (12, 5)]))

    tables = walked(*books, sizing=Units(units=1.77181))

    assert tables.fills["side"].tolist() == ["buy", "sell"]
    assert tables.positions["quantity"].tolist() == [1.77181, 0.0]


def test_a_book_that_is_too_thin_fills_in_part_and_the_next_one_goes_on():
    """6 shown, 6 taken at (20 + 22 + 24) / 6 = 11; then 4 at 10."""
    tables = walked(DECIDING, book(2, BIDS, [(10, 2), (11, 2), (12, 2)]), book(3, BIDS, [(10, 50), (11, 2), (12, 2)]))

    assert filled(tables) == [(2.0, "buy", 6.0, pytest.approx(11.0)), (3.0, "buy", 4.0, 10.0)]


def test_an_immediate_order_takes_the_first_book_alone():
    """6 of 10, and the rest is over."""
    thin = book(2, BIDS, [(10, 2), (11, 2), (12, 2)])
    tables = walked(DECIDING, thin, book(3, BIDS, [(10, 50), (11, 2), (12, 2)]), order={"time_in_force": "ioc"})

    assert [quantity for _, _, quantity, _ in filled(tables)] == [6.0]
    assert ended(tables) == ["expired"]


def test_a_walk_ends_at_a_level_that_is_not_there():
    """The second level has neither price nor size: nobody knows what lies beyond it."""
    nobody = np.nan
    tables = walked(DECIDING, book(2, BIDS, [(10, 2), (nobody, nobody), (12, 50)]))

    assert filled(tables) == [(2.0, "buy", 2.0, 10.0)]


def test_a_marketable_limit_walks_no_further_than_itself():
    """A limit of 11 takes 2 at 10 and 3 at 11, and leaves 12 alone."""
    order = {"kind": "limit", "price": "ask_price_1"}
    tables = walked(DECIDING, book(2, BIDS, [(10, 2), (11, 3), (12, 9)]), order=order)

    assert filled(tables) == [(2.0, "buy", 5.0, pytest.approx(10.6))]
    assert ended(tables) == ["unfilled"]
