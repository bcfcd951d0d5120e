"""From the backtest to the session every step has its price, and the steps add up."""

import numpy as np
import pytest

from runner.live.trading.gap import STEPS, gap_between
from runner.market.tape import Tape
from runner.tables import Tables

SECOND = 1_000_000_000
NOTHING = {"ts": np.empty(0, np.int64)}


def tape(*closes):
    """Return bars of one symbol, ten seconds each, that open where the one before closed."""
    count = len(closes)
    ts = np.arange(1, count + 1, dtype=np.int64) * 10 * SECOND
    close = np.array(closes, np.float64)
    opened = np.concatenate([close[:1], close[:-1]])
    columns = {"open": opened, "high": close, "low": close, "close": close, "volume": np.ones(count)}
    return Tape(
        ("A",),
        ts,
        ts - 10 * SECOND,
        np.zeros(count, np.int32),
        np.zeros(count, np.int32),
        columns,
        np.array([0, count]),
        "bars",
    )


def tables(orders, fills):
    """Return a run's tables: orders as (seconds, side), fills as (order, seconds, side, quantity, price, fee)."""
    return Tables(
        orders={
            "ts": np.array([at * SECOND for at, _ in orders], np.int64),
            "symbol": np.array(["A"] * len(orders), dtype=str),
            "side": np.array([side for _, side in orders], dtype=str),
        },
        fills={
            "order": np.array([each[0] for each in fills], np.int64),
            "ts": np.array([each[1] * SECOND for each in fills], np.int64),
            "symbol": np.array(["A"] * len(fills), dtype=str),
            "side": np.array([each[2] for each in fills], dtype=str),
            "quantity": np.array([each[3] for each in fills], np.float64),
            "price": np.array([each[4] for each in fills], np.float64),
            "fee": np.array([each[5] for each in fills], np.float64),
        },
        equity=NOTHING,
        positions=NOTHING,
        refusals=NOTHING,
        charges=NOTHING,
    )


def test_every_step_is_what_it_cost():
    """By hand, with a last price of 110: bought 10 at 100 in the model, 8 at 103 a bar later in truth, and one sale less.

    backtest    on history's rows the purchase was at 99: 10 × (110 − 99) = 110
    data        the rows told 100, and a fee of 1: 10 × 10 − 1 = 99, and the sale of 2 at 105 at 20 s: −2 × 5 = −10 → 89
    decisions   the sale was never sent: 99
    rejections  8 of 10 filled: 8 × 10 − 0.8 = 79.2
    latency     the market stood 2 higher a bar later: 79.2 − 16 = 63.2
    fills       the venue's price was 103, not 102: 55.2
    fees        it took 3 instead of 0.8: 53
    """
    market = tape(100, 102, 110)
    history = tables([(10, "buy")], [(1, 10, "buy", 10, 99, 0)])
    simulated = tables([(10, "buy"), (20, "sell")], [(1, 10, "buy", 10, 100, 1), (2, 20, "sell", 2, 105, 0)])
    session = tables([(10, "buy")], [(1, 20, "buy", 8, 103, 3)])

    found = gap_between(history, simulated, session, market)

    assert found.backtest == pytest.approx(110)
    assert found.session == pytest.approx(53)
    expected = {"data": -21.0, "decisions": 10.0, "rejections": -19.8, "latency": -16.0, "fills": -8.0, "fees": -2.2}
    assert found.steps == pytest.approx(expected)


def test_an_order_of_the_session_alone_is_a_decision():
    """What the model never ordered isn't a matter of its fills."""
    session = tables([(10, "buy")], [(1, 20, "buy", 1, 100, 0)])

    found = gap_between(None, tables([], []), session, tape(100, 102, 110))

    assert found.steps == pytest.approx(dict.fromkeys(STEPS, 0.0) | {"decisions": 10.0})


def test_the_steps_add_up_to_the_difference():
    """Whatever happened in between."""
    simulated = tables([(10, "buy"), (20, "sell")], [(1, 20, "buy", 3, 101, 0.3), (2, 30, "sell", 3, 111, 0.3)])
    session = tables([(10, "buy"), (30, "sell")], [(1, 20, "buy", 2, 101.5, 0.1), (2, 30, "sell", 1, 109, 0.2)])

    found = gap_between(simulated, simulated, session, tape(100, 102, 110))

    assert sum(found.steps.values()) == pytest.approx(found.session - found.backtest)


def test_a_symbol_that_the_session_never_heard_of_has_its_step_too():
    """The feed gave no row of it: what history's backtest earned there is what the lost data cost, at its last trade.

    Bought 10 at 99 and sold 4 of them at 101: 4 × 2, and 6 × (101 − 99).
    """
    history = tables([(10, "buy"), (20, "sell")], [(1, 10, "buy", 10, 99, 0), (2, 20, "sell", 4, 101, 0)])

    found = gap_between(history, tables([], []), tables([], []), tape())

    assert (found.backtest, found.session) == (pytest.approx(20), 0.0)
    assert found.steps == pytest.approx({**dict.fromkeys(STEPS, 0.0), "data": -20.0})
