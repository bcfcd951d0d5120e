"""Runner against Backtrader: the same orders, fills, prices and equity on real prices."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

import runner
from tests.oracle import backtrader_pressure, plain_loops
from tests.oracle.cases import CASES, UNIVERSES, overrides, universe_name
from tests.oracle.outcome import assert_same, outcome_of
from tests.oracle.sample_prices import SYMBOLS, sample_bars

RELATIVE = 1e-9
"""Backtrader books cash as cost and profit, which adds up the same money in another order."""

on_every_case = pytest.mark.parametrize("case", CASES, ids=str)
on_every_universe = pytest.mark.parametrize("symbols", UNIVERSES, ids=universe_name)


@cache
def backtrader_says(symbols, case):
    """Return Backtrader's outcome; both tests below ask for it, and it takes a second."""
    return backtrader_pressure.trade(sample_bars(symbols, case.adjust), case.rules)


@on_every_case
@on_every_universe
def test_runner_trades_as_backtrader_does(symbols, case, tmp_path):
    """Every order, fill and value of Runner's backtest is Backtrader's, each symbol alone and all together."""
    run = runner.run(
        overrides=[*overrides(case.rules, symbols), "data=sample", f"data.adjust={case.adjust}", f"runs={tmp_path}"]
    )

    assert_same(backtrader_says(symbols, case), outcome_of(run), relative=RELATIVE)


@on_every_case
@on_every_universe
def test_the_two_witnesses_agree(symbols, case):
    """Two programs that share no trading code say the same, so neither is wrong in its own way."""
    plain = plain_loops.trade(sample_bars(symbols, case.adjust), case.rules)

    assert_same(plain, backtrader_says(symbols, case), relative=RELATIVE)


@on_every_case
def test_the_cases_have_something_to_say(case):
    """Agreement means little if hardly anything is traded."""
    outcome = backtrader_says(SYMBOLS, case)

    traded = {fill.symbol for fill in outcome.fills}

    assert len(outcome.fills) > 40
    assert traded == set(SYMBOLS)


def test_the_cases_reach_every_ending_of_an_order():
    """Between them the cases fill orders, reject them for want of cash, and leave some over when the data end."""
    outcomes = [backtrader_says(SYMBOLS, case) for case in CASES]

    totals = {ending: sum(outcome.count(ending) for outcome in outcomes) for ending in ("filled", "rejected", "unfilled")}

    assert all(total > 0 for total in totals.values()), totals


def test_a_difference_in_one_row_is_noticed():
    """The comparison sees a wrong price, a wrong stamp, and a row too few."""
    right = backtrader_says(("FB",), CASES[0])
    fill = right.fills[0]
    wrong_price = replace(right, fills=[replace(fill, price=fill.price * (1 + 1e-8)), *right.fills[1:]])
    wrong_time = replace(right, fills=[replace(fill, ts=fill.ts + timedelta(hours=1)), *right.fills[1:]])
    row_less = replace(right, curve=right.curve[:-1])

    for wrong in (wrong_price, wrong_time, row_less):
        with pytest.raises(AssertionError):
            assert_same(right, wrong, relative=RELATIVE)
