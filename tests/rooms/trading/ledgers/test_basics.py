"""Small stories worked out by hand, told to the engine."""

from typing import Literal

import numpy as np
import pytest
from drawn import MINUTE, tape_of, traded

from runner.engine.native import backtest
from runner.engine.pipeline import compile_pipeline
from runner.market.tape import BAR_COLUMNS
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.kind import Kind
from runner.spec.run import RunSpec
from runner.trading.fees.none import NoFees
from runner.trading.fees.per_share import PerShare
from runner.trading.fill.next_open import NextOpen
from runner.trading.risk.position_limit import PositionLimit
from runner.trading.sizing.units import Units
from runner.trading.slippage.fixed_bps import FixedBps
from runner.trading.slippage.none import NoSlippage


class NoData(Kind):
    """The stories bring their own bars."""

    kind: Literal["no_data"] = "no_data"


LONG = {"long": {"enter": "close > 20", "exit": "close < 20"}}
BOTH = {**LONG, "short": {"enter": "close < 20", "exit": "close > 20"}}


def told(bars, *, signal=None, enter="", leave="", capital=1000.0, units=10.0, slippage=None, fees=None, rules=None):
    tape = tape_of(bars)
    long = {"enter": enter or LONG["long"]["enter"], "exit": leave or LONG["long"]["exit"]}
    spec = RunSpec(
        capital=capital,
        data=NoData(),
        universe={"symbols": list(bars)},
        timezone={"zone": "UTC", "stamp": "session"},
        signal=signal or {"long": long},
        sizing=Units(units=units),
        fill=NextOpen(),
        slippage=slippage or NoSlippage(),
        fees=fees or NoFees(),
        risk={"rules": rules or {}},
        mode={"kind": "backtest"},
    )
    pipeline = compile_pipeline(spec, Vocabulary({"bars": BAR_COLUMNS}, operators()))
    return traded(backtest, pipeline, tape)


def bars(*prices: tuple[float, float]) -> list[tuple[int, int, float, float]]:
    """Bars of one minute from (open, close)."""
    return [(t, t + 1, o, c) for t, (o, c) in enumerate(prices)]


def test_a_decision_at_the_close_fills_at_the_next_open_not_at_the_close():
    """Bought at 24 though the signal's close was 21; sold at 17 though it was 19: 1,000 − 240 + 170 = 930."""
    tables = told({"A": bars((20, 21), (24, 25), (25, 19), (17, 18))})

    assert tables.fills["price"].tolist() == [24.0, 17.0]
    assert tables.fills["ts"].tolist() == [1 * MINUTE, 3 * MINUTE]
    assert tables.orders["ts"].tolist() == [1 * MINUTE, 3 * MINUTE]
    assert tables.orders["reason"].tolist() == ["long.enter", "long.exit"]
    assert tables.equity["equity"].tolist() == [1000.0, 1010.0, 950.0, 930.0]
    assert tables.positions["realised"].tolist() == [0.0, -70.0]


def test_slippage_and_fees_are_paid_on_both_sides():
    """10 at 20 with 100 bps and a fee of 1: 1,000 − 10 × 20.2 − 1 = 797; out at 30 × 0.99 × 10 − 1 = 296; equity 1,093."""
    costs = {"slippage": FixedBps(bps=100), "fees": PerShare(rate=0.1, minimum=1)}
    tables = told({"A": bars((20, 21), (20, 15), (30, 30))}, leave="close < 16", **costs)

    assert tables.equity["cash"].tolist() == pytest.approx([1000.0, 797.0, 1093.0])
    assert tables.fills["slippage"].tolist() == pytest.approx([2.0, 3.0])
    assert tables.fills["fee"].tolist() == [1.0, 1.0]
    assert tables.positions["realised"].tolist() == pytest.approx([-1.0, 93.0])


def test_an_order_the_account_cannot_pay_is_rejected_whole():
    """11 at 100 cost 1,100, there are 1,000: nothing is bought, and the next signal tries again."""
    tables = told({"A": bars((20, 21), (100, 21), (50, 21))}, units=11)

    assert tables.orders["status"].tolist() == ["rejected", "filled"]
    assert tables.orders["refusal"].tolist()[0] == "not enough cash"
    assert tables.fills["price"].tolist() == [50.0]


def test_the_last_bars_order_stays_unfilled():
    """There is no next open."""
    tables = told({"A": bars((20, 21))})

    assert tables.orders["status"].tolist() == ["unfilled"]
    assert tables.fills["ts"].size == 0


def test_two_symbols_of_one_instant_share_the_cash_in_the_order_of_the_universe():
    """Both want 10 at 60 with 1,000: the first in the universe gets them, the second is rejected."""
    tables = told({"B": bars((20, 21), (60, 60)), "A": bars((20, 21), (60, 60))})

    assert tables.fills["symbol"].tolist() == ["B"]
    assert tables.orders["symbol"].tolist() == ["B", "A", "A"]
    assert tables.orders["status"].tolist() == ["filled", "rejected", "unfilled"]


def test_a_slow_symbol_fills_at_its_own_next_open():
    """A's order waits for A's next bar an hour later, while B trades every minute."""
    slow = [(0, 1, 20.0, 21.0), (60, 61, 30.0, 31.0)]
    tables = told({"A": slow, "B": bars((1, 1), (1, 1), (1, 1))})

    assert tables.fills["ts"].tolist() == [60 * MINUTE]
    assert tables.equity["ts"].tolist() == [MINUTE, 2 * MINUTE, 3 * MINUTE, 61 * MINUTE]


def test_a_fill_between_two_marks_counts_in_the_mark_of_another_symbol():
    """A fills at minute 5 while B marks at 4, 5 and 6: B's marks at 6 know that cash was spent, at 5 not yet."""
    a = [(0, 4, 20.0, 21.0), (5, 9, 22.0, 23.0)]
    b = [(t, t + 1, 1.0, 1.0) for t in range(3, 7)]
    tables = told({"A": a, "B": b})

    cash = dict(zip((tables.equity["ts"] // MINUTE).tolist(), tables.equity["cash"].tolist(), strict=True))
    assert cash == {4: 1000.0, 5: 1000.0, 6: 780.0, 7: 780.0, 9: 780.0}


def test_a_gap_in_the_signal_neither_opens_nor_closes():
    """A condition on what is undefined (1/0, 0/0) decides nothing, in either direction."""
    tables = told({"A": bars((20, 21), (20, 21), (20, 21))}, enter="(close - open) / (close - close) > 0", leave="close > 0")
    held = told({"A": bars((20, 21), (20, 22), (20, 22))}, leave="(close - close) / (close - close) > 0")

    assert tables.orders["order"].size == 0
    assert held.orders["reason"].tolist() == ["long.enter"]


def test_a_limit_makes_an_order_smaller_or_stops_it_and_never_stops_an_exit():
    """10 at a close of 21 are 21 % of 1,000: at a limit of 10 % that is 4, or nothing; the exit of all 4 passes."""
    story = {"A": bars((20, 21), (20, 21), (20, 19), (20, 20))}

    reduced = told(story, rules={"cap": PositionLimit(share=0.1, action="reduce")})
    blocked = told(story, rules={"cap": PositionLimit(share=0.1, action="block")})

    assert reduced.fills["quantity"].tolist() == [4.0, 4.0]
    assert reduced.refusals["rule"].tolist() == ["risk.rules.cap"]
    assert (reduced.refusals["wanted"].tolist(), reduced.refusals["allowed"].tolist()) == ([10.0], [4.0])
    assert blocked.orders["order"].size == 0
    assert blocked.refusals["allowed"].tolist() == [0.0, 0.0]


def test_an_exit_is_never_refused_for_lack_of_cash():
    """One unit at 20 and a fee of 1 take all of 21; selling it at 0.5 costs 1: cash ends at −0.5, and the position is gone."""
    tables = told({"A": bars((20, 21), (20, 19), (0.5, 1))}, capital=21.0, units=1, fees=PerShare(rate=0, minimum=1))

    assert tables.orders["status"].tolist() == ["filled", "filled"]
    assert tables.equity["cash"].tolist() == pytest.approx([21.0, 0.0, -0.5])


def test_several_limits_are_checked_in_the_order_of_their_names_and_the_tightest_wins():
    """a allows 8 of 10, b allows 4 of those 8, c allows 9: the order is for 4, refused by a and b."""
    share = {name: PositionLimit(share=s, action="reduce") for name, s in (("c", 0.19), ("a", 0.17), ("b", 0.1))}

    tables = told({"A": bars((20, 21), (20, 21))}, rules=share)

    assert tables.refusals["rule"].tolist() == ["risk.rules.a", "risk.rules.b"]
    assert tables.refusals["allowed"].tolist() == [8.0, 4.0]
    assert tables.fills["quantity"].tolist() == [4.0]


def test_nothing_is_decided_before_the_warm_up_even_where_a_condition_is_already_certain():
    """`close > 0 or …` is true from the first bar, but the other side needs three."""
    tables = told({"A": bars((20, 21), (20, 21), (20, 21), (20, 21))}, enter="close > 0 or lag(close, 2) > 0")

    assert tables.orders["ts"].tolist()[0] == 3 * MINUTE
    assert tables.equity["measured"].tolist() == [False, False, True, True]


def test_an_empty_symbol_is_no_obstacle():
    """A symbol without a single row trades nothing."""
    tables = told({"A": [], "B": bars((20, 21), (20, 21))})

    assert np.unique(tables.fills["symbol"]).tolist() == ["B"]


def test_a_short_sale_earns_what_the_price_falls():
    """Sold short 10 at 18, bought back at 12: 1,000 + 180 - 120 = 1,060."""
    tables = told({"A": bars((20, 19), (18, 15), (12, 21), (12, 20))}, signal={"short": BOTH["short"]})

    assert tables.orders["reason"].tolist() == ["short.enter", "short.exit"]
    assert tables.fills["side"].tolist() == ["sell", "buy"]
    assert tables.equity["cash"].tolist() == [1000.0, 1180.0, 1180.0, 1060.0]
    assert tables.equity["equity"].tolist() == [1000.0, 1030.0, 970.0, 1060.0]
    assert tables.positions["realised"].tolist() == [0.0, 60.0]


def test_a_flip_closes_and_opens_in_one_order_with_one_fee():
    """Long 10 from 22, turned to short 10 at 18 by one order of 20: -40 on the long side, fees of 1 and 2."""
    costs = {"fees": PerShare(rate=0.1, minimum=1)}
    tables = told({"A": bars((20, 21), (22, 19), (18, 17), (17, 17))}, signal=BOTH, **costs)

    assert tables.orders["reason"].tolist() == ["long.enter", "long.exit, short.enter"]
    assert tables.orders["quantity"].tolist() == [10.0, 20.0]
    assert tables.positions["quantity"].tolist() == [10.0, -10.0]
    assert tables.positions["average_price"].tolist() == [22.0, 18.0]
    assert tables.positions["realised"].tolist() == pytest.approx([-1.0, -43.0])
    assert tables.equity["cash"].tolist() == pytest.approx([1000.0, 779.0, 1137.0, 1137.0])


def test_two_sides_at_once_open_neither_and_leave_a_refusal():
    """Both entries are true at the first bar: nothing is ordered and the table of refusals says why."""
    both = {"long": {"enter": "close > 1", "exit": "close < 0"}, "short": {"enter": "close > 20", "exit": "close < 0"}}
    tables = told({"A": bars((20, 21), (22, 19), (18, 17))}, signal=both)

    assert tables.refusals["rule"].tolist() == ["signal: long and short at once"]
    assert tables.orders["reason"].tolist() == ["long.enter"]
    assert tables.orders["ts"].tolist() == [2 * MINUTE]


def test_an_entry_against_a_position_that_stays_does_nothing():
    """Long, and the short entry comes true while the long exit doesn't: the position is kept."""
    signal = {"long": {"enter": "close > 20", "exit": "close < 5"}, "short": {"enter": "close < 20", "exit": "close > 20"}}
    tables = told({"A": bars((20, 21), (22, 19), (18, 17), (17, 17))}, signal=signal)

    assert tables.orders["reason"].tolist() == ["long.enter"]
    assert tables.positions["quantity"].tolist() == [10.0]


def test_a_target_is_followed_up_down_and_through_zero():
    """Targets 0.5, 1, 0.2, -0.4 of ten units are positions of 5, 10, 2 and -4, each by one order of the difference."""
    tables = told(
        {"A": bars((10, 0.5), (10, 1.0), (10, 0.2), (10, -0.4), (10, -0.4))}, signal={"target": "close"}, units=10.0
    )

    assert tables.orders["reason"].tolist() == ["target"] * 4
    assert tables.positions["quantity"].tolist() == pytest.approx([5.0, 10.0, 2.0, -4.0])


def test_a_target_beyond_one_counts_as_one_and_an_undefined_one_keeps_the_position():
    """3 is fully long; then nothing is known, and nothing happens; then zero is flat."""
    bar = bars((10, 3), (10, float("nan")), (10, 0), (10, 0))
    tables = told({"A": bar}, signal={"target": "close"}, units=10.0)

    assert tables.positions["quantity"].tolist() == [10.0, 0.0]
    assert tables.orders["ts"].tolist() == [1 * MINUTE, 3 * MINUTE]


def test_a_limit_stops_the_far_side_of_a_flip_but_never_its_closing():
    """A short of 4 at 31 would be 124 of 1,092, above a tenth: the long is closed and no short is opened."""
    rules = {"small": PositionLimit(share=0.1, lot=1.0)}
    signal = {"long": {"enter": "close < 30", "exit": "close > 30"}, "short": {"enter": "close > 30", "exit": "close < 30"}}
    tables = told({"A": bars((8, 21), (8, 31), (30, 30), (30, 30))}, signal=signal, units=4.0, rules=rules)

    assert tables.orders["reason"].tolist()[:2] == ["long.enter", "long.exit"]
    assert tables.positions["quantity"].tolist()[:2] == [4.0, 0.0]
    assert tables.refusals["rule"].tolist()[0] == "risk.rules.small"
    assert tables.refusals["wanted"].tolist()[0] == -4.0
