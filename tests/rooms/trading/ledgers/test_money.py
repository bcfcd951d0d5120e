"""Stories of what an account pays: for holding, for debts, for costs nobody knows, and where the cash ends."""

import math
from typing import Literal

import pytest
from markets import ENTER, LEAVE, SHORT_SCRIPT, days, ended, filled, tape_of, told, told_of

from runner.trading.fees import Fees
from runner.trading.slippage import VOLUME, Slippage

FRIDAY, MONDAY, TUESDAY = 1, 4, 5
"""1970-01-02 was a Friday."""
BOTH = {"long": {"enter": LEAVE, "exit": ENTER}, "short": {"enter": ENTER, "exit": LEAVE}}


def dated(prices, on, **sections):
    """Return what a backtest makes of daily bars on numbered days."""
    return told({"bars": tape_of("bars", {"A": days(*prices, on=on)})}, **sections)


def test_a_short_pays_for_every_night_of_a_weekend():
    """Ten sold short at Friday's open, closing at 110; 36.5 % a year of 1,100 is 1.10 a day: 3.30 by Monday, then 1.20."""
    prices = [(100, 100, 100, 100, 1), (100, 110, 100, 110, 0), (120, 120, 120, 120, 0), (120, 120, 120, 120, 0)]
    tables = dated(prices, [0, FRIDAY, MONDAY, TUESDAY], signal=SHORT_SCRIPT, financing={"borrow": 0.365})

    assert tables.charges["amount"].tolist() == pytest.approx([3.30, 1.20])
    assert tables.charges["symbol"].tolist() == ["A", "A"]
    assert tables.charges["ts"].tolist() == tables.equity["ts"].tolist()[2:]
    assert tables.equity["equity"].tolist() == pytest.approx([1000.0, 900.0, 796.7, 795.5])


def test_who_buys_back_at_the_open_pays_for_the_night_before_it():
    """Short from Friday's open to Monday's: three nights of 1.10 and none of Monday's own."""
    prices = [(100, 100, 100, 100, 1), (100, 110, 100, 110, 2), (120, 120, 120, 120, 0), (120, 120, 120, 120, 0)]
    tables = dated(prices, [0, FRIDAY, MONDAY, TUESDAY], signal=SHORT_SCRIPT, financing={"borrow": 0.365})

    assert tables.charges["amount"].tolist() == pytest.approx([3.30])
    assert tables.charges["ts"].tolist() == tables.fills["ts"].tolist()[1:]
    assert tables.equity["cash"].tolist()[-1] == pytest.approx(1000 + 1000 - 3.30 - 1200)


def test_a_long_position_borrows_nothing():
    """It was paid for."""
    prices = [(100, 100, 100, 100, 1), (100, 110, 100, 110, 0), (120, 120, 120, 120, 0)]

    assert dated(prices, [0, FRIDAY, MONDAY], financing={"borrow": 0.5, "debt": 0.5}).charges["ts"].size == 0


def test_debts_bear_interest():
    """Ten sold at 100 and bought back at 250 on Friday leave 1,000 - 1,500 = -500; 36.5 % a year are 0.50 a day."""
    prices = [(100, 100, 100, 100, 1), (100, 100, 100, 100, 2), (250, 250, 250, 250, 0), (250, 250, 250, 250, 0)]
    tables = dated(prices, [-1, 0, FRIDAY, MONDAY], signal=SHORT_SCRIPT, financing={"debt": 0.365})

    assert tables.charges["amount"].tolist() == pytest.approx([1.50])
    assert tables.charges["symbol"].tolist() == [""]
    assert tables.equity["cash"].tolist() == pytest.approx([1000.0, 2000.0, -500.0, -501.5])


def test_the_first_session_is_not_charged():
    """There is no night before it, and no position."""
    prices = [(100, 100, 100, 100, 1), (100, 100, 100, 100, 0)]

    assert dated(prices, [0, FRIDAY], signal=SHORT_SCRIPT, financing={"borrow": 0.365}).charges["ts"].size == 0


def test_a_flip_that_cannot_be_paid_only_closes():
    """Ten short from 100; at 150 buying twenty costs 3,000 of 2,000: the short is bought back, no long is opened."""
    prices = [(100, 100, 100, 100, 1), (100, 100, 100, 100, 2), (150, 150, 150, 150, 0)]
    tables = told_of(*prices, signal=BOTH)

    assert filled(tables) == [(1.0, "sell", 10.0, 100.0), (2.0, "buy", 10.0, 150.0)]
    assert tables.orders["refusal"].tolist() == ["", "not enough cash"]
    assert tables.orders["filled"].tolist() == [10.0, 10.0]
    assert tables.equity["cash"].tolist()[-1] == 500.0


def _unknown_price(p, quantity, reference, given):
    return math.nan


class UnknownSlippage(Slippage):
    """Nobody knows the price."""

    kind: Literal["unknown"] = "unknown"
    price = staticmethod(_unknown_price)


def _unknown_fee(p, traded, quantity, price, maker):
    return math.nan


class UnknownFees(Fees):
    """Nobody knows the fee."""

    kind: Literal["unknown"] = "unknown"
    fee = staticmethod(_unknown_fee)


@pytest.mark.parametrize("costs", [{"slippage": UnknownSlippage()}, {"fees": UnknownFees()}], ids=["slippage", "fees"])
def test_a_cost_that_is_undefined_rejects_what_would_open_a_position(costs):
    """Rather no trade than one at a price nobody knows; cash stays a number."""
    tables = told_of((10, 10, 10, 10, 1), (10, 10, 10, 10, 0), **costs)

    assert ended(tables) == ["rejected"]
    assert tables.orders["refusal"].tolist() == ["cost undefined"]
    assert tables.equity["cash"].tolist() == [1000.0, 1000.0]


def _known_at_most(p, quantity, reference, given):
    return math.nan if given[VOLUME] > p[0] or abs(quantity) > p[1] else reference


class KnownAtMost(Slippage):
    """A slippage that is known up to a volume and up to a quantity."""

    kind: Literal["known_at_most"] = "known_at_most"
    volume: float = 90.0
    quantity: float = 1e9
    price = staticmethod(_known_at_most)

    def numbers(self):
        return (self.volume, self.quantity)


def flat(price, volume):
    """Return a bar of one price."""
    return (price, price, price, price, volume)


def test_an_exit_waits_for_a_row_whose_cost_is_known():
    """Sold neither at 11 nor at 12, whose costs nobody knows, but at 13; the entry at 10.5 was rejected, and asked for again."""
    bars = [flat(10, 1), (10.5, 10.5, 10.5, 10.5, 91), flat(10, 1), flat(10, 2), flat(11, 99), flat(12, 99), flat(13, 0)]
    tables = told_of(*bars, slippage=KnownAtMost())

    assert ended(tables) == ["rejected", "filled", "filled"]
    assert tables.orders["refusal"].tolist() == ["cost undefined", "", ""]
    assert filled(tables) == [(3.0, "buy", 10.0, 10.0), (6.0, "sell", 10.0, 13.0)]


def test_a_stop_waits_for_a_row_whose_cost_is_known():
    """Reached at 9 in a bar without a known cost: one order, sold at the next open that has one."""
    bars = [flat(10, 1), flat(10, 0), (10, 10, 8, 9, 99), flat(8, 99), flat(7, 0)]
    tables = told_of(*bars, slippage=KnownAtMost(), exits={"stop_loss": 0.1})

    assert filled(tables) == [(1.0, "buy", 10.0, 10.0), (4.0, "sell", 10.0, 7.0)]
    assert tables.orders["reason"].tolist() == ["long.enter", "exits.stop_loss"]


def test_a_turn_whose_cost_is_unknown_waits_as_a_whole():
    """Neither what closes nor what opens has a price at 150; both have at 140: 20 sold for 2,800."""
    bars = [flat(100, 1), flat(100, 2), flat(150, 99), flat(140, 0)]
    tables = told_of(*bars, signal=BOTH, slippage=KnownAtMost(), capital=3000.0)

    assert filled(tables) == [(1.0, "sell", 10.0, 100.0), (3.0, "buy", 20.0, 140.0)]


def test_of_a_turn_whose_opening_has_no_cost_the_rest_is_closed():
    """Up to fifteen units have a price, twenty don't: ten are bought back, the other ten are rejected."""
    tables = told_of(
        flat(100, 1), flat(100, 2), flat(110, 0), signal=BOTH, slippage=KnownAtMost(quantity=15.0), capital=3000.0
    )

    assert filled(tables) == [(1.0, "sell", 10.0, 100.0), (2.0, "buy", 10.0, 110.0)]
    assert tables.orders["refusal"].tolist() == ["", "cost undefined"]


def _generous_price(p, quantity, reference, given):
    return reference * 0.9 if quantity > 0.0 else reference * 1.1


def _ruinous_price(p, quantity, reference, given):
    return reference + 2.0 * reference * quantity / abs(quantity)


class Generous(Slippage):
    """A slippage that pays a tenth to whoever trades."""

    kind: Literal["generous"] = "generous"
    price = staticmethod(_generous_price)


class Ruinous(Slippage):
    """A slippage of twice the price."""

    kind: Literal["ruinous"] = "ruinous"
    price = staticmethod(_ruinous_price)


@pytest.mark.parametrize(("slippage", "prices"), [(Generous(), [10.0, 12.0]), (Ruinous(), [30.0, 0.0])])
def test_no_kind_pays_who_trades_or_takes_more_than_a_price(slippage, prices):
    """Bought at 10 and sold at 12, whatever a kind promises; and who sells at twice its price below it gets nothing."""
    bars = [(10, 10, 10, 10, 1), (10, 10, 10, 10, 0), (10, 10, 10, 10, 2), (12, 12, 12, 12, 0)]
    tables = told_of(*bars, slippage=slippage)

    assert tables.fills["price"].tolist() == prices
    assert (tables.fills["slippage"] >= 0).all()


def test_an_order_of_a_ruined_account_is_withdrawn_and_nothing_is_filled_of_it():
    """A goes from 10 to 200 while B's order still waits for its next open: cancelled, and no fill of nothing at that open."""
    rows = {
        "A": [(0, 1, 10, 10, 10, 10, 1), (1, 2, 10, 200, 10, 200, 0), (6, 7, 200, 200, 200, 200, 0)],
        "B": [(0, 1, 10, 10, 10, 10, 1), (5, 6, 10, 10, 10, 10, 0)],
    }
    tables = told({"bars": tape_of("bars", rows)}, signal=SHORT_SCRIPT)

    assert filled(tables) == [(1.0, "sell", 10.0, 10.0)]
    assert ended(tables) == ["filled", "cancelled"]
