"""Stories of orders that fill in parts, and of how long they live. Ten units are wanted."""

import math

import pytest
from markets import DAY, ENTER, ended, filled, minutes, tape_of, told, told_of

from runner.trading.fees.per_share import PerShare
from runner.trading.fill.next_close import NextClose
from runner.trading.fill.next_open import NextOpen
from runner.trading.fill.next_vwap import NextVwap
from runner.trading.sizing.units import Units

FIRST = (10, 10, 10, 10, 1)
QUARTER = {"volume_share": 0.25}
LIMIT = {"kind": "limit", "offset": 100.0}


def flat(price, volume):
    """Return a bar of one price."""
    return (price, price, price, price, volume)


def test_an_order_takes_its_share_of_three_bars():
    """A quarter of 8, 20 and 100: 2 at 10, 5 at 11, the last 3 at 12; a fee of 1 each. Average (20 + 55 + 36) / 10."""
    tables = told_of(FIRST, flat(10, 8), flat(11, 20), flat(12, 100), order=QUARTER, fees=PerShare())

    assert filled(tables) == [(1.0, "buy", 2.0, 10.0), (2.0, "buy", 5.0, 11.0), (3.0, "buy", 3.0, 12.0)]
    assert tables.orders["filled"].tolist() == [10.0]
    assert ended(tables) == ["filled"]
    assert tables.positions["average_price"].tolist()[-1] == pytest.approx(11.1)
    assert tables.equity["cash"].tolist()[-1] == pytest.approx(1000 - 111 - 3)


def test_parts_are_whole_lots():
    """A quarter of 20 is 5, of which lots of 2 make 4; a quarter of 6 makes none."""
    order = {**QUARTER, "lot": 2.0}
    tables = told_of(FIRST, flat(10, 20), flat(10, 6), flat(10, 100), order=order)

    assert filled(tables) == [(1.0, "buy", 4.0, 10.0), (3.0, "buy", 6.0, 10.0)]


def test_a_lot_or_tick_too_small_to_count_changes_nothing():
    """A quarter of 20 is 5 whatever the lot; a limit a percent below 10 is 9.9 whatever the tick."""
    parts = told_of(FIRST, flat(10, 20), order={**QUARTER, "lot": 1e-310})
    limited = told_of(FIRST, flat(10, 0), (10, 10, 9, 10, 0), order={**LIMIT, "tick": 1e-310})

    assert filled(parts) == [(1.0, "buy", 5.0, 10.0)]
    assert limited.orders["price"].tolist() == [pytest.approx(9.9)]


@pytest.mark.parametrize("volume", [0.0, math.nan])
def test_a_bar_without_a_known_volume_fills_nothing_and_the_order_waits(volume):
    """Nothing was traded, or nobody knows how much."""
    tables = told_of(FIRST, flat(10, volume), flat(11, 100), order=QUARTER)

    assert filled(tables) == [(2.0, "buy", 10.0, 11.0)]


def test_an_exit_ends_a_half_filled_entry_and_sells_what_was_bought():
    """A quarter of 8 was bought when the exit came: the other eight are cancelled, the two are sold."""
    bars = [FIRST, flat(10, 8), flat(10, 2), flat(12, 100)]
    tables = told_of(*bars, order=QUARTER)

    assert ended(tables) == ["cancelled", "filled"]
    assert tables.orders["filled"].tolist() == [2.0, 2.0]
    assert tables.positions["quantity"].tolist() == [2.0, 0.0]


@pytest.mark.parametrize(
    ("units", "lot", "parts"),
    [(10.0, 0.0, [2.0, 8.0]), (10.5, 0.0, [2.5, 8.0]), (10.0, 0.5, [2.5, 7.5]), (29.0, 0.0, [2.0, 27.0])],
)
def test_whole_units_are_filled_in_whole_units_unless_there_is_a_lot(units, lot, parts):
    """A quarter of 10 are 2.5, of which an order of ten takes two; one of ten and a half takes all of it."""
    order = {**QUARTER, "lot": lot}
    tables = told_of(FIRST, flat(10, 10), flat(10, 200), order=order, sizing=Units(units=units))

    assert tables.fills["quantity"].tolist() == parts


def test_a_share_that_is_whole_but_for_a_rounding_is_whole():
    """0.29 of 100 is 28.999999999999996 in binary, and 29 units."""
    tables = told_of(FIRST, flat(1, 100), order={"volume_share": 0.29}, sizing=Units(units=40.0))

    assert tables.fills["quantity"].tolist() == [29.0]


def test_parts_leave_no_dust():
    """A tenth of 1 three times makes 0.30000000000000004 of it, and no fourth fill of a rounding."""
    order = {"volume_share": 0.1}
    tables = told_of(FIRST, *[flat(10, 1)] * 5, order=order, sizing=Units(units=0.1 * 3), fees=PerShare())

    assert tables.fills["quantity"].tolist() == pytest.approx([0.1, 0.1, 0.1], rel=1e-12)
    assert tables.positions["quantity"].tolist()[-1] == 0.1 * 3


def test_two_orders_of_a_bar_share_its_volume():
    """Half of 16 are eight: six are bought at the open, the stop below it gets the two that are left, the next bar the rest."""
    bars = [FIRST, (10, 10, 8, 9, 16), (7, 7, 7, 7, 100)]
    tables = told_of(*bars, order={"volume_share": 0.5}, sizing=Units(units=6.0), exits={"stop_loss": 0.1})

    assert filled(tables) == [(1.0, "buy", 6.0, 10.0), (2.0, "sell", 2.0, 9.0), (2.0, "sell", 4.0, 7.0)]


@pytest.mark.parametrize("life", ["ioc", "session", "1min"])
def test_no_time_in_force_ends_what_closes_a_position(life):
    """The rule asks once, at minute 2, for ten to be sold; nobody trades in the bar after, a day later four, then six."""
    today = minutes(FIRST, flat(10, 2), flat(10, 0))
    later = minutes(flat(11, 4), flat(12, 100), start=DAY)
    order = {"volume_share": 1.0, "time_in_force": life}
    today[1] = (1, 2, 10, 10, 10, 10, 12)
    signal = {"long": {"enter": ENTER, "exit": "volume == 12"}}

    tables = told({"bars": tape_of("bars", {"A": [*today, *later]})}, order=order, signal=signal)

    assert filled(tables) == [(1.0, "buy", 10.0, 10.0), (DAY, "sell", 4.0, 11.0), (DAY + 1, "sell", 6.0, 12.0)]
    assert ended(tables) == ["filled", "filled"]


def test_a_stop_goes_on_until_everything_is_sold_whatever_the_life_of_entries():
    """Four at the stop's own bar, six at the next: the order for entries would have been over after one row."""
    bars = [FIRST, flat(10, 100), (10, 10, 8, 9, 4), (7, 7, 7, 7, 100)]
    order = {"volume_share": 1.0, "time_in_force": "ioc"}

    tables = told_of(*bars, order=order, exits={"stop_loss": 0.1})

    assert filled(tables) == [(1.0, "buy", 10.0, 10.0), (3.0, "sell", 4.0, 9.0), (3.0, "sell", 6.0, 7.0)]


def test_of_a_turn_the_rest_is_an_entry_once_the_position_is_closed():
    """Twenty are sold to turn ten: six, then ten, with which it is six short; the last four are no exit, and over."""
    rules = {
        "long": {"enter": "close == 11", "exit": "close == 12"},
        "short": {"enter": "close == 12", "exit": "close == 1"},
    }
    bars = [flat(11, 1), flat(12, 100), flat(12.5, 6), flat(12.5, 10), flat(12.5, 100)]

    tables = told_of(*bars, order={"volume_share": 1.0, "time_in_force": "ioc"}, signal=rules)

    assert tables.positions["quantity"].tolist() == [10.0, 4.0, -6.0]
    assert ended(tables) == ["filled", "expired"]


@pytest.mark.parametrize(
    ("target", "orders"), [("0.1 * volume", 1), ("0.1 * volume + 1e-15 * close", 1), ("0.1 * volume + 1e-7 * close", 4)]
)
def test_a_target_that_differs_by_a_rounding_sends_no_order(target, orders):
    """Three tenths of three units, wanted again and again by sums that round otherwise; a ten-millionth more is a difference."""
    bars = [flat(price, 3) for price in (10, 11, 12, 13)]

    tables = told_of(*bars, signal={"target": target}, sizing=Units(units=3.0))

    assert tables.orders["order"].size == orders


def test_a_target_that_was_reached_by_a_difference_is_not_followed_by_its_rounding():
    """0.1, 0.7, 0.1, 0.3 of a unit by differences are 0.09999999999999998 and the like: four orders, and then none."""
    bars = [flat(10, 10 * share) for share in (0.1, 0.7, 0.1, 0.3, 0.3, 0.3)]

    tables = told_of(*bars, signal={"target": "volume / 10"}, sizing=Units(units=1.0))

    assert tables.orders["order"].size == 4


def test_a_target_of_zero_closes_all_of_a_position():
    """However small it is."""
    bars = [flat(10, 1e-12), flat(10, 0), flat(10, 0)]

    tables = told_of(*bars, signal={"target": "volume"}, sizing=Units(units=1.0))

    assert tables.positions["quantity"].tolist() == [1e-12, 0.0]


def test_a_turn_that_is_called_off_still_closes_the_position():
    """A long of ten is turned, and two of the twenty are sold when the short's exit comes: the other eight are closed."""
    rules = {
        "long": {"enter": "close == 11", "exit": "close == 12"},
        "short": {"enter": "close == 12", "exit": "close == 13"},
    }
    bars = [flat(11, 1), flat(12, 100), flat(13, 8), flat(10, 100)]
    tables = told_of(*bars, order=QUARTER, signal=rules)

    assert ended(tables) == ["filled", "cancelled", "filled"]
    assert tables.positions["quantity"].tolist() == [10.0, 8.0, 0.0]


def test_an_order_towards_a_target_that_has_turned_is_called_off():
    """Ten are wanted, two are bought when the target says short: the rest isn't bought, twelve are sold for ten short."""
    bars = [flat(11, 1), flat(9, 8), flat(9, 100)]
    tables = told_of(*bars, order=QUARTER, signal={"target": "clip(close - 10, -1, 1)"})

    assert ended(tables) == ["cancelled", "filled"]
    assert tables.positions["quantity"].tolist() == [2.0, -10.0]


def test_immediate_or_cancel_keeps_what_the_first_row_gave():
    """Two of ten at once, nothing later."""
    tables = told_of(FIRST, flat(10, 8), flat(10, 100), order={**QUARTER, "time_in_force": "ioc"})

    assert filled(tables) == [(1.0, "buy", 2.0, 10.0)]
    assert ended(tables) == ["expired"]


def test_an_immediate_limit_has_the_whole_first_bar_and_no_other():
    """The second bar stays above 9.9, the third falls through it, too late."""
    tables = told_of(FIRST, flat(10, 0), (10, 10, 9, 10, 0), order={**LIMIT, "time_in_force": "ioc"})

    assert filled(tables) == []
    assert ended(tables) == ["expired"]


@pytest.mark.parametrize(
    ("life", "status"), [("1min", "expired"), ("119s", "expired"), ("2min", "filled"), ("3min", "filled")]
)
def test_an_order_with_a_length_of_life_is_gone_at_its_end(life, status):
    """Sent at minute 1; the bar that trades through it ends at minute 3: within two minutes, and not within a second less."""
    tables = told_of(FIRST, flat(10, 0), (10, 10, 9, 10, 0), flat(10, 0), order={**LIMIT, "time_in_force": life})

    assert ended(tables) == [status]


@pytest.mark.parametrize(("fill", "status"), [(NextClose(), "filled"), (NextVwap(), "filled"), (NextOpen(), "filled")])
def test_an_order_that_lives_for_a_bar_has_the_next_one_whole(fill, status):
    """Sent at minute 1 for a minute: the next bar's open, typical price and close are all of that minute."""
    assert ended(told_of(FIRST, flat(10, 0), order={"time_in_force": "1min"}, fill=fill)) == [status]


def test_an_order_for_the_session_sees_the_next_one_whole_and_not_the_one_after():
    """Decided at the close, it lives on the next day; two days later the price is there and the order is gone."""
    later = [(10, 10, 10, 10, 0), (10, 10, 9, 10, 0)]

    def outcome(*prices):
        rows = [bar for day, price in enumerate(prices) for bar in minutes(price, start=DAY * day)]
        return ended(told({"bars": tape_of("bars", {"A": rows})}, order={**LIMIT, "time_in_force": "session"}))

    assert outcome(FIRST, later[1]) == ["filled"]
    assert outcome(FIRST, *later) == ["expired"]


def test_a_limit_has_one_part_of_a_bar():
    """Two of the bar's 8 units at its open of 9.8; that the bar then falls through 9.9 gives no further two."""
    tables = told_of(FIRST, (9.8, 10, 9, 10, 8), (10, 10, 9, 10, 100), order={**LIMIT, **QUARTER})

    assert filled(tables) == [(1.0, "buy", 2.0, 9.8), (3.0, "buy", 8.0, 9.9)]


def test_a_stop_that_was_reached_is_a_market_order_for_the_rest():
    """Two at the gap of 11; the next bar opens below the stop of 10.1, and the other eight are bought there."""
    order = {"kind": "stop", "offset": 100.0, **QUARTER}
    tables = told_of(FIRST, (11, 11, 11, 11, 8), (10, 10, 10, 10, 100), order=order)

    assert filled(tables) == [(1.0, "buy", 2.0, 11.0), (2.0, "buy", 8.0, 10.0)]


def test_an_immediate_limit_with_a_part_at_the_open_is_over():
    """What the first row gave was its part; neither its range nor the next row give more."""
    tables = told_of(FIRST, (9.8, 10, 9, 10, 8), (9, 9, 9, 9, 100), order={**LIMIT, **QUARTER, "time_in_force": "ioc"})

    assert filled(tables) == [(1.0, "buy", 2.0, 9.8)]
    assert ended(tables) == ["expired"]


def test_an_order_whose_life_is_over_does_not_stand_in_the_way():
    """Sent at minute 1 for a minute and half filled, it is gone at minute 2, whose bar sells the five units at once."""
    signal = {"long": {"enter": ENTER, "exit": "volume == 20"}}
    tables = told_of(FIRST, flat(10, 20), flat(11, 400), order={**QUARTER, "time_in_force": "1min"}, signal=signal)

    assert ended(tables) == ["expired", "filled"]
    assert filled(tables) == [(1.0, "buy", 5.0, 10.0), (2.0, "sell", 5.0, 11.0)]
