"""Runner against plain Python loops: real prices, and prices, calendars and gaps made up at random."""

import csv
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import runner
from tests.oracle import plain_loops
from tests.oracle.cases import CASES, UNIVERSES, overrides, universe_name
from tests.oracle.outcome import Bar, Rules, assert_same, closing, opening, outcome_of
from tests.oracle.sample_prices import sample_bars

ROUNDING = 1e-12
"""The same price or sum of money may be worked out in another order: a few units in the last of 16 digits. Everything that
is not money is compared exactly, and no order may come, go or change its size."""


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("symbols", UNIVERSES, ids=universe_name)
def test_runner_trades_real_prices_as_the_loops_do(symbols, case, tmp_path):
    """Every order, fill and value of Runner's backtest is the loops', each symbol alone and all together."""
    expected = plain_loops.trade(sample_bars(symbols, case.adjust), case.rules)

    run = runner.run(
        overrides=[*overrides(case.rules, symbols), "data=sample", f"data.adjust={case.adjust}", f"runs={tmp_path}"]
    )

    assert_same(expected, outcome_of(run), relative=ROUNDING)


def cents(low, high):
    """Return prices between two whole amounts, in cents: what a file of prices can hold exactly as text."""
    return st.integers(low * 100, high * 100).map(lambda value: value / 100)


@st.composite
def markets(draw):
    """Return bars of one to three symbols over one calendar, each with days of its own missing and starts of its own."""
    days = [date(2021, 3, 1) + timedelta(days=step) for step in range(draw(st.integers(8, 40)))]
    symbols = draw(st.permutations(["AA", "MM", "ZZ"]))[: draw(st.integers(1, 3))]
    market = {}
    for symbol in symbols:
        present = draw(st.lists(st.booleans(), min_size=len(days), max_size=len(days)))
        market[symbol] = [draw(bars(day)) for day, is_there in zip(days, present, strict=True) if is_there]
    assume(all(market.values()))
    return market


@st.composite
def bars(draw, day):
    """Return one bar whose high and low hold its open and close."""
    start, end = draw(cents(5, 60)), draw(cents(5, 60))
    top, bottom = max(start, end), min(start, end)
    return Bar(day, start, top + draw(cents(0, 4)), bottom - draw(cents(0, 4)), end)


rules = st.builds(
    Rules,
    lookback=st.integers(1, 6),
    buy_below=st.sampled_from([0.4, 0.71, 1.1]),
    sell_above=st.sampled_from([0.43, 1.3]),
    bps=st.sampled_from([0.0, 2.5, 30.0]),
    units=st.sampled_from([1.0, 10.0, 37.0]),
    capital=st.sampled_from([300.0, 1_000.0, 100_000.0]),
) | st.builds(
    Rules,
    lookback=st.integers(1, 6),
    buy_below=st.sampled_from([0.4, 0.71, 1.1]),
    sell_above=st.sampled_from([0.43, 1.3]),
    bps=st.sampled_from([0.0, 2.5, 30.0]),
    share=st.sampled_from([0.2, 0.5, 0.99]),
    capital=st.sampled_from([300.0, 1_000.0, 100_000.0]),
)


@settings(max_examples=25, deadline=None)
@given(market=markets(), rules=rules)
def test_runner_trades_any_prices_as_the_loops_do(market, rules, tmp_path_factory):
    """Whatever the prices, the missing days and the cash, the rows are the loops'."""
    assume(max(map(len, market.values())) >= rules.lookback)  # a run that could never decide is refused
    expected = plain_loops.trade(market, rules)
    folder = tmp_path_factory.mktemp("market")

    run = runner.run(overrides=[*overrides(rules, market), *written(market, folder), f"runs={folder / 'runs'}"])

    assert_same(expected, outcome_of(run), relative=ROUNDING)


def written(market, folder):
    """Write the market as one CSV file and return the words that make Runner read it."""
    path = folder / "bars.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["symbol", "timestamp", "open", "high", "low", "close", "volume"])
        for symbol, rows in market.items():
            table.writerows([symbol, bar.day, bar.open, bar.high, bar.low, bar.close, 1] for bar in rows)
    made_up = ["timezone=us_daily_fixed", "quality.split=keep", "quality.unit=keep", "quality.reuse=keep"]
    return ["data=csv", f"data.path={path}", *made_up]


def test_the_loops_say_what_a_hand_would():
    """Three bars worked out on paper: bought at the second open, sold at the third, each 100 bps away from it."""
    day = [date(2021, 3, 1), date(2021, 3, 2), date(2021, 3, 3)]
    market = {"AA": [Bar(day[0], 10, 10, 8, 9), Bar(day[1], 20, 31, 20, 30), Bar(day[2], 40, 44, 40, 42)]}

    outcome = plain_loops.trade(market, Rules(lookback=1, bps=100, units=2, capital=1_000))

    assert [(fill.ts, fill.side, fill.price) for fill in outcome.fills] == [
        (opening(day[1]), "buy", 20 * 1.01),
        (opening(day[2]), "sell", 40 * 0.99),
    ]
    assert [(value.ts, value.equity) for value in outcome.curve] == [
        (closing(day[0]), 1_000),
        (closing(day[1]), 1_000 - 2 * 20 * 1.01 + 2 * 30),
        (closing(day[2]), 1_000 - 2 * 20 * 1.01 + 2 * 40 * 0.99),
    ]
