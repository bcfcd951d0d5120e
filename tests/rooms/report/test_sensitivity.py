"""Break-even, what an alternative comes to, and the words for what undoes a result."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.sensitivity import SCALES, Alternative
from runner.report.breakdown import Breakdown
from runner.report.robustness import robustness_remarks
from runner.report.sensitivity import break_even_bps, jump, outcome, sensitivity
from runner.report.trades import OPEN, closed_trades, round_trips
from runner.report.window import measured_window
from runner.spec.kind import Kind

APART = 20 * 86_400_000_000_000
"""Between the rows, so that two of them are long enough to speak of a year."""


class Plain(Kind):
    """A fill clock as far as these figures go."""

    kind: Literal["plain", "other"] = "plain"
    optimistic: str = ""


def alternative(equity, fills=(), *, kind="plain", scale=1.0, optimistic=""):
    """Return what a run came to: equity every twenty days, the first unmeasured, and fills of (row, quantity, price)."""
    count = len(equity)
    table = {
        "ts": np.arange(count, dtype=np.int64) * APART,
        "equity": np.array(equity, dtype=float),
        "measured": np.arange(count) > 0,
    }
    days, quantity, price = (np.array([fill[at] for fill in fills], dtype=float) for at in range(3))
    written = {
        "ts": (days * APART).astype(np.int64),
        "symbol": np.zeros(days.size, dtype=np.int64),
        "quantity": quantity,
        "price": price,
    }
    return Alternative(Plain(kind=kind, optimistic=optimistic), scale, table, written)


def even(found):
    return break_even_bps(found, measured_window(found.equity, capital=1_000.0))


def test_break_even_is_the_profit_over_all_that_was_traded():
    """Bought for 1,000 and sold for 1,100, 100 of profit: a cost of 100/2,100 of each would have used it up."""
    found = alternative([1_000.0, 1_000.0, 1_100.0], [(1, 10.0, 100.0), (2, -10.0, 110.0)])

    cost = even(found) * 1e-4

    assert even(found) == pytest.approx(10_000 * 100 / 2_100)
    assert 1_100.0 - cost * 1_000 - cost * 1_100 == pytest.approx(1_000.0)


def test_nothing_traded_and_a_loss_have_no_break_even():
    """No cost leads to zero where none is paid, or where zero was already missed; at zero itself it is zero."""
    fills = [(1, 10.0, 100.0), (2, -10.0, 99.0)]

    assert even(alternative([1_000.0, 1_000.0, 1_000.0])) is None
    assert even(alternative([1_000.0, 1_000.0, 990.0], fills)) is None
    assert even(alternative([1_000.0, 1_000.0, 1_000.0], fills)) == 0.0


def test_fills_before_measuring_are_not_counted():
    """What was traded in the warm-up is no part of the measured profit, nor of what it was made with."""
    fills = [(0, 50.0, 100.0), (1, 10.0, 100.0), (2, -10.0, 110.0)]

    assert even(alternative([1_000.0, 1_000.0, 1_100.0], fills)) == pytest.approx(10_000 * 100 / 2_100)


def test_an_alternative_has_the_figures_of_a_run():
    """From 1,000 to 1,100 and back to 990: a loss of 1 % with a drawdown of 10 % and one trade."""
    found = alternative([1_000.0, 1_100.0, 990.0], [(0.5, 1.0, 100.0), (1.5, -1.0, 90.0)], scale=2.0)

    got = outcome(found, capital=1_000.0, sessions_per_year=252, sessions=np.arange(3, dtype=np.int32))

    assert (got["cost_scale"], got["trades"], got["break_even_bps"]) == (2.0, 1, None)
    assert got["total_return"] == pytest.approx(-0.01)
    assert got["max_drawdown"] == pytest.approx(-0.1)
    assert got["sharpe"] == pytest.approx(0.0, abs=1e-12)


FILL = st.tuples(st.sampled_from([0, 1]), st.sampled_from([-0.3, -0.2, -0.1, 0.1, 0.2, 0.3, 1.0, -1.0]))


@given(st.lists(FILL, max_size=40), st.integers(-1, 20))
def test_trades_are_counted_as_round_trips_finds_them(drawn, after):
    """The short count and the whole walk agree on every sequence of fills, crumbs of decimals included."""
    ts = np.arange(len(drawn), dtype=np.int64)
    symbol = np.array([each for each, _ in drawn], dtype=np.int64)
    quantity = np.array([each for _, each in drawn], dtype=float)
    fills = {
        "ts": ts,
        "symbol": symbol.astype(np.str_),
        "side": np.where(quantity > 0, "buy", "sell"),
        "quantity": np.abs(quantity),
        **{name: np.ones(ts.size) for name in ("price", "fee", "slippage")},
    }

    trips = round_trips(fills)

    expected = int(np.sum((trips["opened"] > after) & (trips["closed"] != OPEN)))
    assert closed_trades({"ts": ts, "symbol": symbol, "quantity": quantity}, after=after) == expected


def row(symbol="A", **more):
    return {"symbol": symbol, "profit": 0.0, "share": None, "trades": 0, "hit_rate": None, **more}


def found(returns, *, other=(), symbols=20, turns=2, optimistic=""):
    """Return a whole of made-up total returns at each multiple of costs, of the run's own clock and of another."""
    drives = [
        alternative([1_000.0, 1_000.0 * (1 + each)], kind=kind, scale=scale, optimistic=flatters)
        for kind, values, flatters in (("plain", returns, optimistic), ("other", other, ""))
        for scale, each in zip(SCALES, values, strict=False)
    ]
    markets = [{"market": "bull", "sessions": 700}, {"market": "bear", "sessions": 1}]
    breakdown = Breakdown([], markets, [row() for _ in range(symbols)], turns)
    sessions = np.arange(2, dtype=np.int32)
    return sensitivity(
        drives, breakdown, left_out={"touch": "no quotes"}, capital=1_000.0, sessions_per_year=252, sessions=sessions
    )


def test_clocks_are_listed_with_a_row_per_multiple_of_the_costs():
    """The run's own clock comes first and is marked; what isn't possible is kept with its reason."""
    whole = found([0.4, 0.3, 0.2, 0.1], other=[0.3, 0.2, 0.1, 0.0])

    assert [(each["fill"], each["is_own"]) for each in whole["fills"]] == [("plain", True), ("other", False)]
    assert [each["cost_scale"] for each in whole["fills"][1]["costs"]] == [0.0, 1.0, 2.0, 4.0]
    assert [each["total_return"] for each in whole["fills"][1]["costs"]] == pytest.approx([0.3, 0.2, 0.1, 0.0])
    assert whole["left_out"] == {"touch": "no quotes"}


def test_a_broad_test_of_a_steady_profit_has_nothing_to_remark():
    """Twenty symbols, two turns, a profit at every cost and clock."""
    assert robustness_remarks(found([0.4, 0.3, 0.2, 0.1], other=[0.3, 0.2, 0.1, 0.0])) == []


def test_few_symbols_and_half_a_cycle_are_said():
    """Nineteen symbols and one turn are too few, in words with their numbers."""
    told = robustness_remarks(found([0.4, 0.3, 0.2, 0.1], symbols=19, turns=1))

    assert told == [
        "Only 19 symbols were tested: with fewer than 20 a result may be the luck of a few.",
        "The test covers no full bull-bear cycle: its symbols' mean went through 700 sessions of bull market and 1 of bear"
        " market, with 1 turn of a fifth between them, and a cycle has 2.",
    ]


def test_a_profit_that_costs_or_another_clock_undo_is_said():
    """The first multiple at which it is a loss, and each honest clock under which it is."""
    told = robustness_remarks(found([0.2, 0.1, 0.01, -0.1], other=[0.1, -0.01, -0.1, -0.2]))

    assert told == ["The profit becomes a loss at 4 times the costs.", "The profit becomes a loss under fill=other."]


def test_a_loss_is_not_undone():
    """What loses at its own costs is no profit that becomes a loss."""
    assert robustness_remarks(found([0.2, -0.1, -0.2, -0.3], other=[0.1, -0.01, -0.1, -0.2])) == []


def test_an_optimistic_clock_is_named_with_its_reason():
    """Whoever fills at a price that is gone reads it beside the figures."""
    assert robustness_remarks(found([0.4, 0.3, 0.2, 0.1], optimistic="that price is gone")) == [
        "fill=plain is optimistic: that price is gone."
    ]


def at_costs(*results):
    """Return outcomes of (total return, trades) at each multiple of the costs."""
    return [
        {"cost_scale": scale, "total_return": earned, "trades": trades}
        for scale, (earned, trades) in zip(SCALES, results, strict=True)
    ]


@pytest.mark.parametrize(
    ("results", "shown"),
    [
        ([(0.4, 100), (0.3, 100), (0.2, 100), (0.0, 100)], None),
        ([(0.4, 104), (0.3, 100), (0.2, 95), (0.0, 91)], None),
        ([(0.4, 3), (0.3, 3), (0.2, 1), (0.0, 1)], None),
        ([(0.4, 100), (0.3, 100), (0.05, 40), (0.0, 40)], "40 trades were made at 2 times the costs, and 100 at their own"),
        (
            [(0.4, 120), (0.3, 100), (0.2, 100), (0.1, 100)],
            "120 trades were made at 0 times the costs, and 100 at their own",
        ),
        ([(0.4, 100), (0.3, 100), (0.302, 100), (0.1, 100)], None),
        ([(0.4, 100), (0.3, 100), (0.1, 100), (0.2, 100)], "the result is better at 4 times the costs than at 2"),
        ([(None, 100), (0.3, 100), (None, 100), (0.1, 100)], None),
    ],
)
def test_costs_that_change_the_trades_are_found(results, shown):
    """A limit that trips shows in the number of trades, cash that doesn't reach in a result that rises with the costs."""
    assert jump(at_costs(*results)) == shown


def test_without_steady_trades_there_is_no_break_even():
    """A profit that is higher at twice the costs isn't made by the costs; the remark says so instead of a number."""
    whole = found([0.4, 0.1, 0.3, 0.2], other=[0.4, 0.3, 0.2, 0.1])

    assert whole["break_even_bps"] is None
    assert [row["break_even_bps"] for row in whole["fills"][0]["costs"]] == [None] * 4
    assert [each["jump"] is None for each in whole["fills"]] == [False, True]
    assert robustness_remarks(whole) == [
        "No break-even slippage: the result is better at 2 times the costs than at 1, so that a limit or the cash decided there"
        " and not the costs alone."
    ]
