"""Stories of positions that are closed whatever the rules say. The first bar decides, the second opens at 100."""

import pytest
from markets import SHORT_SCRIPT, days, filled, tape_of, told, told_of

from runner.market.streams import RAW_PRICES
from runner.trading.fees.per_share import PerShare
from runner.trading.sizing.units import Units
from runner.trading.slippage.fixed_bps import FixedBps

FIRST = (100, 100, 100, 100, 1)
HELD = (100, 101, 99, 100, 0)
LOSS = {"stop_loss": 0.05}
PROFIT = {"take_profit": 0.05}
BOUGHT = (1.0, "buy", 10.0, 100.0)
SHORTED = (1.0, "sell", 10.0, 100.0)


def test_a_stop_loss_inside_a_bar_fills_at_its_price():
    """Bought at 100, a loss of 5 % is 95; the low is 94. 1,000 - 50 = 950."""
    tables = told_of(FIRST, HELD, (99, 99, 94, 96, 0), exits=LOSS)

    assert filled(tables) == [BOUGHT, (3.0, "sell", 10.0, 95.0)]
    assert tables.orders["reason"].tolist() == ["long.enter", "exits.stop_loss"]
    assert tables.equity["equity"].tolist() == [1000.0, 1000.0, 950.0]


def test_a_stop_loss_that_is_gapped_fills_at_the_open():
    """The night takes the price from 100 to 90: sold at 90, not at 95."""
    tables = told_of(FIRST, HELD, (90, 92, 89, 91, 0), exits=LOSS)

    assert filled(tables) == [BOUGHT, (2.0, "sell", 10.0, 90.0)]


def test_a_stop_loss_may_be_reached_in_the_bar_that_opened_the_position():
    """Bought at the open, the low of the same bar is 94."""
    tables = told_of(FIRST, (100, 101, 94, 100, 0), exits=LOSS)

    assert filled(tables) == [BOUGHT, (2.0, "sell", 10.0, 95.0)]


def test_of_two_exits_in_one_bar_the_loss_comes_first():
    """A bar from 94 to 106 has reached 95 and 105; nobody knows which first, so the worse is taken."""
    tables = told_of(FIRST, HELD, (100, 106, 94, 100, 0), exits={**LOSS, **PROFIT})

    assert filled(tables) == [BOUGHT, (3.0, "sell", 10.0, 95.0)]


def test_profit_is_taken_at_its_price_free_of_slippage():
    """100 bought at 101 with 100 bps; 5 % above is 106.05, where the order waited."""
    tables = told_of(FIRST, HELD, (100, 107, 99, 100, 0), exits=PROFIT, slippage=FixedBps(bps=100), capital=2000.0)

    assert tables.fills["price"].tolist() == pytest.approx([101.0, 106.05])
    assert tables.fills["maker"].tolist() == [False, True]


def test_profit_that_is_only_touched_is_not_taken():
    """The high is 105 to the cent."""
    assert filled(told_of(FIRST, HELD, (100, 105, 99, 100, 0), exits=PROFIT)) == [BOUGHT]


def test_profit_that_is_gapped_is_taken_at_the_open():
    """The open of 107 is better than 105."""
    tables = told_of(FIRST, HELD, (107, 108, 106, 107, 0), exits=PROFIT)

    assert filled(tables) == [BOUGHT, (2.0, "sell", 10.0, 107.0)]


def test_a_trailing_stop_follows_the_last_price_and_never_the_high():
    """Closes of 100, then 120: a tenth below is 108. The high of 130 before it says nothing."""
    tables = told_of(FIRST, (100, 130, 99, 120, 0), (115, 118, 107, 110, 0), exits={"trailing_stop": 0.1})

    assert filled(tables) == [BOUGHT, (3.0, "sell", 10.0, 108.0)]
    assert tables.orders["reason"].tolist()[1] == "exits.trailing_stop"


def test_of_a_stop_loss_and_a_trailing_stop_the_nearer_one_closes():
    """90 by the loss, 90 by the trail at first; after a close of 110 the trail is 99."""
    exits = {"stop_loss": 0.1, "trailing_stop": 0.1}
    tables = told_of(FIRST, (100, 111, 95, 110, 0), (105, 106, 98, 100, 0), exits=exits)

    assert filled(tables) == [BOUGHT, (3.0, "sell", 10.0, 99.0)]
    assert tables.orders["reason"].tolist()[1] == "exits.trailing_stop"


def test_a_short_position_is_stopped_above_and_takes_profit_below():
    """Sold at 100: the high of 106 buys back at 105; another that falls to 94 buys back at 95."""
    lost = told_of(FIRST, HELD, (100, 106, 99, 100, 0), exits=LOSS, signal=SHORT_SCRIPT)
    won = told_of(FIRST, HELD, (100, 101, 94, 96, 0), exits=PROFIT, signal=SHORT_SCRIPT)

    assert filled(lost) == [SHORTED, (3.0, "buy", 10.0, 105.0)]
    assert filled(won) == [SHORTED, (3.0, "buy", 10.0, 95.0)]


def test_a_position_is_closed_when_it_was_held_long_enough():
    """Opened at minute 1, two minutes are over at minute 3; the order fills at the open then."""
    tables = told_of(FIRST, HELD, HELD, (102, 102, 102, 102, 0), exits={"max_holding": "2min"})

    assert filled(tables) == [BOUGHT, (3.0, "sell", 10.0, 102.0)]
    assert tables.orders["reason"].tolist()[1] == "exits.max_holding"


def test_an_exit_cancels_what_the_rules_had_ordered():
    """The rule's exit waits for the open, which is below the stop: one sale, not two."""
    tables = told_of(FIRST, (100, 101, 99, 100, 2), (90, 91, 89, 90, 0), exits=LOSS, fees=PerShare(), capital=1001.0)

    assert [side for _, side, *_ in filled(tables)] == ["buy", "sell"]
    assert tables.positions["quantity"].tolist() == [10.0, 0.0]
    assert tables.equity["cash"].tolist()[-1] == 1001.0 - 1000.0 - 1.0 + 900.0 - 1.0


def test_after_a_stop_the_same_bars_rule_may_open_again():
    """Stopped inside the third bar, whose close asks for a position: it is opened at the fourth."""
    tables = told_of(FIRST, HELD, (99, 99, 94, 90, 1), (91, 91, 91, 91, 0), exits=LOSS)

    assert filled(tables) == [BOUGHT, (3.0, "sell", 10.0, 95.0), (3.0, "buy", 10.0, 91.0)]


def test_a_split_overnight_is_no_loss_on_adjusted_prices():
    """Two for one: the traded price halves, the adjusted one goes on. The stop stays where it was, equity as well."""
    bars = tape_of(
        "bars", {"A": days(FIRST, HELD, (101, 102, 100, 101, 0), (101, 102, 100, 102, 2), (103, 103, 103, 103, 0))}
    )
    raw = {name: bars.columns[name[4:]] * [2.0, 2.0, 1.0, 1.0, 1.0] for name in RAW_PRICES}
    bars.columns.update(raw)

    tables = told({"bars": bars}, exits={"stop_loss": 0.2})

    assert [(side, quantity, price) for _, side, quantity, price in filled(tables)] == [
        ("buy", 10.0, 100.0),
        ("sell", 10.0, 103.0),
    ]
    assert tables.equity["equity"].tolist() == [1000.0, 1000.0, 1010.0, 1020.0, 1030.0]


def test_profit_is_not_taken_in_the_range_that_opened_the_position():
    """Bought at the limit of 99 somewhere between 108 and 98: the high may have come first. The next bar's counts."""
    limit = {"kind": "limit", "offset": 100.0}
    tables = told_of(FIRST, (100, 108, 98, 100, 0), (100, 108, 99, 100, 0), exits=PROFIT, order=limit)

    assert [(at, side) for at, side, *_ in filled(tables)] == [(2.0, "buy"), (3.0, "sell")]
    assert tables.fills["price"].tolist() == pytest.approx([99.0, 103.95])


def test_a_loss_counts_in_the_range_that_opened_the_position():
    """Bought at 99 on the way to 94: whatever came first, 94.05 was passed after it."""
    limit = {"kind": "limit", "offset": 100.0}
    tables = told_of(FIRST, (100, 108, 94, 100, 0), exits={**PROFIT, **LOSS}, order=limit)

    assert [(at, side) for at, side, *_ in filled(tables)] == [(2.0, "buy"), (2.0, "sell")]
    assert tables.fills["price"].tolist() == pytest.approx([99.0, 94.05])


def test_a_stop_that_is_sold_in_parts_is_one_order():
    """A quarter of 20 units a bar: five at the gap of 90, and the other five at the next open, not in the same bar's range."""
    bars = [FIRST, (100, 101, 99, 100, 40), (90, 92, 85, 91, 20), (88, 89, 80, 85, 20)]
    tables = told_of(*bars, exits=LOSS, order={"volume_share": 0.25})

    assert filled(tables) == [BOUGHT, (2.0, "sell", 5.0, 90.0), (3.0, "sell", 5.0, 88.0)]
    assert tables.orders["status"].tolist() == ["filled", "filled"]


def test_profit_that_is_reached_where_an_entry_had_all_the_bar_gives_is_taken_at_the_next():
    """A quarter of 12 at the limit of 99, of 12 at the open of 98: 5 % above is reached in that bar too, which gave its three;
    the entry is called off, and six are sold at the next open."""
    bars = [FIRST, (100, 101, 98.5, 100, 12), (98, 104, 97, 100, 12), (103, 103, 103, 103, 100)]
    limit = {"kind": "limit", "offset": 100.0, "volume_share": 0.25}
    tables = told_of(*bars, exits=PROFIT, order=limit)

    assert filled(tables) == [(2.0, "buy", 3.0, 99.0), (2.0, "buy", 3.0, 98.0), (3.0, "sell", 6.0, 103.0)]
    assert tables.orders["status"].tolist() == ["cancelled", "filled"]
    assert tables.orders["reason"].tolist()[1] == "exits.take_profit"


def test_profit_waits_in_the_book_also_where_an_entry_was_filled_at_the_bars_open():
    """Four are bought at the open of 98, below the limit; 5 % above, at 102.9, the bar has another four."""
    bars = [FIRST, (98, 104, 97, 100, 32)]
    limit = {"kind": "limit", "offset": 100.0, "volume_share": 0.25}
    tables = told_of(*bars, exits=PROFIT, order=limit, slippage=FixedBps(bps=10), sizing=Units(units=4.0))

    assert [(side, quantity) for _, side, quantity, _ in filled(tables)] == [("buy", 4.0), ("sell", 4.0)]
    assert tables.fills["maker"].tolist() == [False, True]
    assert tables.fills["price"].tolist()[-1] == tables.fills["reference"].tolist()[-1]
