"""Stories of one decision under every clock of bars. Decided at the first close, 10; the second bar is 11, 15, 9, 12."""

import math

import pytest
from markets import ended, filled, minutes, pipeline_of, tape_of, told, told_of, traded

from runner.engine.native import backtest, replay
from runner.trading.fill.next_close import NextClose
from runner.trading.fill.next_open import NextOpen
from runner.trading.fill.next_vwap import NextVwap
from runner.trading.fill.same_close import SameClose

BARS = [(10, 10, 10, 10, 1), (11, 15, 9, 12, 0), (13, 13, 13, 13, 0)]


@pytest.mark.parametrize(
    ("fill", "at", "price"), [(SameClose(), 1, 10.0), (NextOpen(), 1, 11.0), (NextClose(), 2, 12.0), (NextVwap(), 2, 12.0)]
)
def test_every_clock_has_its_instant_and_its_price(fill, at, price):
    """The close that decided; the next open; the next close; (15 + 9 + 12) / 3 = 12 at the next bar's end."""
    assert filled(told_of(*BARS, fill=fill)) == [(at, "buy", 10.0, price)]


@pytest.mark.parametrize(
    ("fill", "cash"),
    [(SameClose(), [1000, 900, 900]), (NextOpen(), [1000, 890, 890]), (NextClose(), [1000, 880, 880])],
)
def test_a_fill_is_in_the_books_of_the_first_mark_that_comes_after_it(fill, cash):
    """What fills at a mark's own instant because of what was decided there is in the next one; all else is in its own."""
    assert told_of(*BARS, fill=fill).equity["cash"].tolist() == cash


def test_a_reference_price_that_is_not_known_waits():
    """The second bar has no open: the order meets the third."""
    tables = told_of(BARS[0], (math.nan, 15, 9, 12, 0), BARS[2])

    assert filled(tables) == [(2.0, "buy", 10.0, 13.0)]


def test_the_order_of_the_last_bar_stays_unfilled_under_every_clock():
    """That fills later: there is nothing after it."""
    for fill in (NextOpen(), NextClose(), NextVwap()):
        assert ended(told_of(BARS[0], fill=fill)) == ["unfilled"]


@pytest.mark.parametrize("engine", [backtest, replay])
def test_the_order_of_the_last_bar_fills_where_the_close_that_decides_does(engine):
    """It needs nothing that comes after it, so that the end of the data changes nothing: ten at 10 with and without a next bar."""
    tapes = {"bars": tape_of("bars", {"A": minutes(BARS[0])})}
    tables = traded(engine, pipeline_of(tapes, fill=SameClose()), tapes)

    assert filled(tables) == [(1.0, "buy", 10.0, 10.0)]
    assert ended(tables) == ["filled"]
    assert tables.equity["cash"].tolist() == [1000.0]


def test_an_order_that_follows_a_cancelled_one_has_the_close_that_decides_as_well():
    """Eight of ten wanted are less than a lot of nine; at 9 five are to be sold short: the ten are called off, and five of that
    very bar's eight are sold at its close."""
    bars = [(11, 11, 11, 11, 0), (9, 9, 9, 9, 8), (9, 9, 9, 9, 100)]
    order = {"volume_share": 1.0, "lot": 9.0}

    tables = told_of(*bars, fill=SameClose(), signal={"target": "clip(close - 10, -0.5, 1)"}, order=order)

    assert ended(tables) == ["cancelled", "filled"]
    assert filled(tables) == [(2.0, "sell", 5.0, 9.0)]


def test_the_symbols_of_a_last_instant_fill_in_the_order_of_the_universe():
    """Both want ten at 60 with 1,000: the first gets them, the second can't pay."""
    rows = minutes((60, 60, 60, 60, 1))
    tables = told({"bars": tape_of("bars", {"B": rows, "A": rows})}, fill=SameClose())

    assert tables.fills["symbol"].tolist() == ["B"]
    assert ended(tables) == ["filled", "rejected"]
