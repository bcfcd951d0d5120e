"""Stories of runs over windows: what lives across the edge of one."""

import numpy as np
import pytest
from markets import filled, minutes, pipeline_of, tape_of, told, traded
from streamed import streamed

from runner.engine.native import backtest
from runner.engine.onward_idle import OnwardIdle
from runner.spec.exits import Exits
from runner.spec.order import Order
from runner.trading.fill.same_close import SameClose
from runner.trading.fill.touch import Touch
from runner.trading.risk.drawdown_stop import DrawdownStop

MINUTE = 60_000_000_000


def by_minutes(tapes, ends, **sections):
    """Return the tables of a run over windows that end behind some minutes, of each stream alike."""
    at = [int(end * MINUTE) for end in ends]
    return streamed(pipeline_of(tapes, **sections), tapes, dict.fromkeys(tapes, at)).tables


def bars(*prices):
    return {"bars": tape_of("bars", {"A": minutes(*prices)})}


def test_a_limit_order_fills_windows_later():
    """Bought at 9 when the fourth minute comes down to it, three windows after it was sent."""
    tapes = bars((10, 10, 10, 10, 1), (10, 11, 10, 10, 0), (10, 11, 10, 10, 0), (10, 10, 8, 10, 0))

    tables = by_minutes(tapes, [1, 2, 3], order=Order(kind="limit", offset=1000.0))

    assert filled(tables) == [(4.0, "buy", 10.0, 9.0)]


def test_an_order_larger_than_what_trades_fills_part_by_part_across_windows():
    """Four units a minute: ten take three minutes, each in a window of its own."""
    tapes = bars((10, 10, 10, 10, 1), *[(10, 10, 10, 10, 4)] * 4)

    tables = by_minutes(tapes, [1, 2, 3, 4], order=Order(volume_share=1.0))

    assert filled(tables) == [(1.0, "buy", 4.0, 10.0), (2.0, "buy", 4.0, 10.0), (3.0, "buy", 2.0, 10.0)]


def test_a_trailing_stop_remembers_the_best_price_of_earlier_windows():
    """From 20 down by a tenth: sold at 18, though the window that is open never saw 20."""
    tapes = bars((10, 10, 10, 10, 1), (10, 10, 10, 10, 0), (10, 20, 10, 20, 0), (20, 20, 19, 19, 0), (19, 19, 15, 16, 0))

    tables = by_minutes(tapes, [1, 2, 3, 4], exits=Exits(trailing_stop=0.1))

    assert filled(tables) == [(1.0, "buy", 10.0, 10.0), (5.0, "sell", 10.0, 18.0)]


def test_a_stop_of_the_account_stays_shut_in_the_windows_after():
    """Down by a tenth in the second window, flat from then on whatever the rule says in the third."""
    sections = {"capital": 100.0, "risk": {"rules": {"stop": DrawdownStop(share=0.1)}}}
    tapes = bars((10, 10, 10, 10, 1), (10, 10, 5, 5, 0), (5, 5, 5, 5, 1), (5, 5, 5, 5, 1), (5, 5, 5, 5, 0))

    tables = by_minutes(tapes, [1, 2, 3, 4], **sections)

    assert filled(tables) == [(1.0, "buy", 10.0, 10.0), (2.0, "sell", 10.0, 5.0)]
    assert tables.refusals["rule"].tolist() == ["risk.rules.stop: flatten", "risk.rules.stop", "risk.rules.stop"]


def test_quotes_between_two_decisions_fill_in_the_window_they_are_in():
    """Decided on a bar, filled at a quote three windows of quotes later, before the next bar is read."""
    quotes = [(place / 4, 9.0 + place, 50.0, 9.5 + place, 50.0) for place in range(1, 13)]
    tapes = {"bars": tape_of("bars", {"A": minutes((10, 10, 10, 10, 1), *[(10, 10, 10, 10, 0)] * 2)})}
    tapes["quotes"] = tape_of("quotes", {"A": [quote for quote in quotes if quote[0] <= 1 or quote[0] > 1.6]})
    pipeline = pipeline_of(tapes, fill=Touch())
    ends = {"bars": [MINUTE], "quotes": [int(place * MINUTE / 4) for place in range(1, 12)]}

    tables = streamed(pipeline, tapes, ends).tables

    assert filled(tables) == [(1.75, "buy", 10.0, 16.5)]


@pytest.mark.parametrize("later", [[], [(20, 21, 10, 10, 10, 10, 0)]], ids=["its last row", "a row comes"])
def test_an_order_behind_another_waits_for_the_next_row_whether_one_comes_or_not(later):
    """Under same_close what was bought in part is sold at the next row: the one that gave the last part has nothing left."""
    first = [(0, 1, 10, 10, 10, 10, 1), (1, 2, 10, 10, 10, 10, 2), *later]
    other = [(place, place + 1, 10, 10, 10, 10, 0) for place in range(5)]
    tapes = {"bars": tape_of("bars", {"A": first, "B": other})}
    sections = {"fill": SameClose(), "order": Order(volume_share=1.0)}

    whole, parts = told(tapes, **sections), by_minutes(tapes, [1, 2, 3], **sections)

    assert filled(whole) == filled(parts) == [(1.0, "buy", 1.0, 10.0), (2.0, "buy", 2.0, 10.0)]
    assert whole.orders["status"].tolist() == parts.orders["status"].tolist() == ["cancelled", "unfilled"]


@pytest.mark.parametrize("later", [[], [(9, 9, 9, 9, 100)]], ids=["its last row", "a row comes"])
def test_an_order_that_follows_a_cancelled_one_has_the_close_that_decides_whether_a_row_comes_or_not(later):
    """Ten wanted at 11 wait for the next row, whose eight are less than a lot of nine; five of these are then sold short."""
    tapes = bars((11, 11, 11, 11, 0), (9, 9, 9, 9, 8), *later)
    sections = {"fill": SameClose(), "signal": {"target": "clip(close - 10, -0.5, 1)"}}
    sections["order"] = Order(volume_share=1.0, lot=9.0)

    whole, parts = told(tapes, **sections), by_minutes(tapes, [1, 2], **sections)

    assert filled(whole) == filled(parts) == [(2.0, "sell", 5.0, 9.0)]
    assert whole.orders["status"].tolist() == parts.orders["status"].tolist() == ["cancelled", "filled"]


def test_what_a_bar_gave_at_its_open_is_gone_in_its_range_in_the_window_after():
    """Of twelve ten are bought at the open, before the edge; the stop inside the range finds two, the next bar gives eight."""
    half = [(place + 0.5, place + 1.5, 10, 10, 10, 10 + (place == 2), 100) for place in range(3)]
    half += [(3.5, 4.5, 10, 10, 5, 6, 12), (4.5, 5.5, 6, 6, 6, 6, 100)]
    other = minutes(*[(10, 10, 10, 10, 0)] * 7)
    tapes = {"bars": tape_of("bars", {"A": half, "B": other})}
    sections = {"signal": {"long": {"enter": "close == 11", "exit": "close < 0"}}, "order": Order(volume_share=1.0)}
    sections["exits"] = Exits(stop_loss=0.1)

    whole, parts = told(tapes, **sections), by_minutes(tapes, [5], **sections)

    expected = [(3.5, "buy", 10.0, 10.0), (4.5, "sell", 2.0, 9.0), (4.5, "sell", 8.0, 6.0)]
    assert filled(whole) == filled(parts) == expected


def test_how_often_rules_held_is_counted_over_the_windows():
    """Two rows of warm-up: A decides at four of its six rows, at one of which the price of two rows ago is above 11.5; B never does."""
    prices = [(price,) * 4 + (0,) for price in (9, 11, 12, 9, 9, 9)]
    tapes = {"bars": tape_of("bars", {"A": minutes(*prices), "B": minutes(*prices[:2])})}
    rules = {"enter": "lag(close, 2) > 11.5", "exit": "close < 0"}
    pipeline = pipeline_of(tapes, signal={"long": rules, "short": {"enter": "log(0 - close) > 0", "exit": "close < 0"}})
    counted = OnwardIdle(pipeline)

    passage = streamed(
        pipeline,
        tapes,
        {"bars": [MINUTE, 3 * MINUTE, 4 * MINUTE]},
        beside=lambda stretch, found, ready, *_: counted.add(stretch, found, ready),
    )

    idle = counted.all(passage.undefined)
    assert (idle.held, idle.decisions, idle.never_ready) == ({"long.enter": 1}, 4, ("B",))


def test_memory_of_equity_is_a_line_per_stretch_of_every():
    """A thousand minutes in windows of ten keep one line an hour, those of the run over the whole."""
    tapes = bars(*[(10, 10, 10, 10, 0)] * 1_000)
    pipeline = pipeline_of(tapes)

    parts = streamed(pipeline, tapes, {"bars": range(10 * MINUTE, 1_000 * MINUTE, 10 * MINUTE)}, every="1h").tables

    whole = traded(backtest, pipeline, tapes, every="1h")
    assert parts.equity["ts"].size == 17
    assert all(np.array_equal(column, whole.equity[name]) for name, column in parts.equity.items())
