"""Stories of orders that fill in parts, and of how long they live. Ten units are wanted."""

import math

import pytest
from markets import DAY, ENTER, ended, filled, minutes, tape_of, told, told_of

from runner.trading.fees.per_share import PerShare

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
    """Two were bought when the exit came: the other eight are cancelled, the two are sold."""
    bars = [FIRST, flat(10, 8), flat(10, 2), flat(12, 100)]
    tables = told_of(*bars, order=QUARTER)

    assert ended(tables) == ["cancelled", "filled"]
    assert tables.orders["filled"].tolist() == [2.5, 2.5]
    assert tables.positions["quantity"].tolist() == [2.0, 2.5, 0.0]


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


@pytest.mark.parametrize(("life", "status"), [("2min", "expired"), ("3min", "filled")])
def test_an_order_with_a_length_of_life_is_gone_at_its_end(life, status):
    """Sent at minute 1; what is traded through inside the bar is known at minute 3, when two minutes are over."""
    tables = told_of(FIRST, flat(10, 0), (10, 10, 9, 10, 0), flat(10, 0), order={**LIMIT, "time_in_force": life})

    assert ended(tables) == [status]


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
