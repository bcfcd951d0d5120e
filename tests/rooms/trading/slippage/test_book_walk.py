"""Orders that walk through the levels of the book."""

import numpy as np
import pytest
from markets import filled, pipeline_of, tape_of, told

from runner.engine.clocks import pipeline_faults
from runner.trading.fill.book_walk import BookWalk as BookWalkFill
from runner.trading.fill.next_event import NextEvent
from runner.trading.fill.next_open import NextOpen
from runner.trading.fill.touch import Touch
from runner.trading.sizing.units import Units
from runner.trading.slippage.book_walk import BookWalk
from runner.trading.slippage.fixed_bps import FixedBps
from runner.trading.slippage.none import NoSlippage
from runner.trading.slippage.regime import Regime

SIGNAL = {"long": {"enter": "bid_size_0 == 1", "exit": "bid_size_0 == 2"}}


def book(minute, first, sizes=(6, 6)):
    """Return a book of two levels around 100: bids of 99 and 98, asks of 101 and 102."""
    return (minute, 99, 98, first, 50, 101, 102, *sizes)


def books(*rows):
    names = [f"{side}_{level}" for side in ("bid_price", "bid_size", "ask_price", "ask_size") for level in (0, 1)]
    tape = tape_of("depth", {"A": rows}, levels=2)
    columns = {name: np.array([row[1 + place] for row in rows], float) for place, name in enumerate(names)}
    for name, values in columns.items():
        tape.columns[name][:] = values
    return {"depth": tape}


TAPES = books(book(0, 1), book(1, 8), book(2, 2), book(3, 4))
"""Ten are bought at minute 1, where 6 are asked at 101; sold at minute 3, where 4 are bid at 99 and 50 at 98."""


@pytest.mark.parametrize("slippage", [BookWalk(), Regime(base=BookWalk())])
@pytest.mark.parametrize("fill", [Touch(), BookWalkFill(), NextEvent()])
def test_an_order_takes_one_level_after_another_under_every_fill_of_books(fill, slippage):
    """6 at 101 and 4 at 102 are 1,014; 4 at 99 and 6 at 98 are 984."""
    tables = told(TAPES, signal=SIGNAL, fill=fill, slippage=slippage, capital=2000.0)

    assert [each[2:] for each in filled(tables)] == [(10.0, pytest.approx(101.4)), (10.0, pytest.approx(98.4))]
    half_way = fill.kind == "next_event"
    assert tables.fills["reference"].tolist() == ([100.0, 100.0] if half_way else [101.0, 99.0])
    assert tables.fills["slippage"].tolist() == pytest.approx([14.0, 16.0] if half_way else [4.0, 6.0])


def test_without_it_the_touch_gives_any_quantity():
    """`fill: touch` alone fills ten at the best price, though only six are asked there."""
    tables = told(TAPES, signal=SIGNAL, fill=Touch(), slippage=NoSlippage(), capital=2000.0)

    assert [each[3] for each in filled(tables)] == [101.0, 99.0]


def test_a_book_that_is_too_thin_fills_in_parts():
    """3 and 2 are asked: five fill at once, five at the next book."""
    tapes = books(book(0, 1), book(1, 8, (3, 2)), book(2, 8), book(3, 8))

    tables = told(tapes, signal=SIGNAL, fill=Touch(), slippage=BookWalk(), capital=2000.0)

    assert filled(tables) == [(1.0, "buy", 5.0, pytest.approx(101.4)), (2.0, "buy", 5.0, 101.0)]


def test_more_is_never_cheaper():
    """The average price rises with the quantity, up to what the book has."""
    averages = [
        filled(told(TAPES, signal=SIGNAL, fill=Touch(), slippage=BookWalk(), capital=1e4, sizing=Units(units=count)))[0][3]
        for count in (1, 6, 7, 10, 12)
    ]

    assert averages == pytest.approx([101.0, 101.0, 101 + 1 / 7, 101.4, 101.5])


@pytest.mark.parametrize("slippage", [BookWalk(), Regime(base=BookWalk())])
def test_data_without_depth_are_refused(slippage):
    """Bars have no levels, and an order that fills on them can't walk through another stream's."""
    bars = tape_of("bars", {"A": [(0, 1, 10, 10, 10, 10, 1)]})
    pipeline = pipeline_of({"bars": bars}, fill=NextOpen(), slippage=slippage)

    alone, beside = (pipeline_faults(pipeline, streams) for streams in (["bars"], ["bars", "depth"]))

    for faults in (alone, beside):
        assert [(fault.where, fault.must) for fault in faults] == [("slippage", "must be given depth to walk through")]
    assert pipeline_faults(pipeline_of({"bars": bars}, slippage=FixedBps()), ["bars"]) == []
