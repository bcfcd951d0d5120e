"""Runner's compiled engine and Backtrader, run by the same configuration: the same orders, fills, positions and equity.

What they share is what a model is: the row functions of sizes, slippage and fees, and the values of the rules. What is
compared is everything between: when an order meets the market, whether it is matched and at which price, exits, cash,
positions and what they are worth. `RUNNER_TEST_DRAWN_RUNS` says how many runs are drawn, 200 unless it does.
"""

import os
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from runner.engine import native
from runner.engine.backtrader import run as backtrader
from runner.engine.choice import engine_faults
from runner.engine.pipeline import Pipeline
from runner.kinds import FolderKinds
from runner.market.tape import Tape
from runner.signal.sheet import Surroundings
from runner.spec.exits import Exits
from runner.trading.slippage.volume_share import VolumeShare
from tests.oracle.overlap import drawn, pipeline_of, spec_of, tape_of
from tests.oracle.same_tables import assert_same_tables

RUNS = int(os.environ.get("RUNNER_TEST_DRAWN_RUNS", "200"))
BATCH = 25


def both(pipeline: Pipeline, tape: Tape):
    """Return the tables of both engines."""
    given = {"signals": True, "on_progress": lambda _share: None}
    ours = native.backtest(pipeline, {"bars": tape}, Surroundings(), **given)
    theirs = backtrader.backtest(pipeline, {"bars": tape}, Surroundings(), **given).tables
    return ours, theirs


@pytest.mark.parametrize("first", range(0, RUNS, BATCH))
def test_both_engines_trade_the_same(first):
    """Every table of runs drawn from all that overlaps is the same, on minutes and on days."""
    for number in range(first, min(first + BATCH, RUNS)):
        run = drawn(number)

        assert engine_faults(run.spec, run.pipeline) == []
        assert_same_tables(*both(run.pipeline, run.tape), told=f"run {number}")


def test_the_drawn_runs_have_something_to_say():
    """Between them they send every sort of order, end it in every way, and leave by every exit."""
    orders = [native_orders(number) for number in range(50)]

    found = {column: Counter(np.concatenate([table[column] for table in orders]).tolist()) for column in ORDERS}

    assert {column: set(counts) for column, counts in found.items()} == ORDERS
    assert sum(found["status"].values()) > 2_000


ORDERS = {
    "kind": {"market", "limit", "stop"},
    "status": {"filled", "rejected", "cancelled", "unfilled"},
    "reason": {
        "long.enter", "long.exit", "short.enter", "short.exit", "long.exit, short.enter", "short.exit, long.enter", "target",
        "exits.stop_loss", "exits.trailing_stop", "exits.take_profit", "exits.max_holding",
    },
}  # fmt: skip


def native_orders(number):
    """Return the orders of a drawn run."""
    run = drawn(number)
    given = {"signals": False, "on_progress": lambda _share: None}
    return native.backtest(run.pipeline, {"bars": run.tape}, Surroundings(), **given).orders


def test_what_cannot_be_priced_waits_or_is_rejected_by_both():
    """With every third bar without a volume nobody knows what trading in it costs; orders that were met there end alike."""
    ends = Counter()
    for number in range(40):
        run = drawn(number)
        volume = np.where(np.arange(run.tape.rows) % 3 == 0, 0.0, run.tape.columns["volume"])
        tape = replace(run.tape, columns={**run.tape.columns, "volume": volume})
        pipeline = replace(run.pipeline, slippage=VolumeShare(), exits=Exits())

        ours, theirs = both(pipeline, tape)

        assert_same_tables(ours, theirs, told=f"run {number}")
        ends.update(zip(ours.orders["refusal"].tolist(), ours.orders["reason"].tolist(), strict=True))
    assert ends["cost undefined", "long.enter"] > 50
    assert ends["cost undefined", "long.exit"] == ends["cost undefined", "short.exit"] == 0


EXTRA = [
    ("fees", {"kind": "tiered", "tiers": [{"above": 0.0, "bps": 12.0}, {"above": 30_000.0, "bps": 3.0}]}),
    ("fees", {"kind": "maker_taker"}),
    ("slippage", {"kind": "volume_share"}),
    ("slippage", {"kind": "half_spread"}),
    ("slippage", {"kind": "square_root"}),
    ("sizing", {"kind": "notional"}),
    ("sizing", {"kind": "equal_weight"}),
    ("sizing", {"kind": "volatility_target"}),
    ("sizing", {"kind": "kelly"}),
]


@pytest.mark.parametrize(("family", "kind"), EXTRA, ids=lambda part: part if isinstance(part, str) else part["kind"])
def test_every_kind_of_cost_and_size_is_the_same(family, kind):
    """Whatever a kind reads, its function is handed the same by both engines."""
    made = FolderKinds().find(family, kind["kind"]).model_validate(kind, context=FolderKinds())
    for number in range(6):
        pipeline = pipeline_of(spec_of(number).model_copy(update={family: made}))

        assert_same_tables(*both(pipeline, tape_of(number)), told=f"run {number}")


def test_a_difference_in_one_row_is_noticed():
    """The comparison sees a wrong price, a wrong stamp, another word, and a row too few."""
    run = drawn(0)
    ours, theirs = both(run.pipeline, run.tape)
    assert ours.fills["ts"].size > 10
    wrong = [
        replace(theirs, fills={**theirs.fills, "price": theirs.fills["price"] * (1 + 1e-7)}),
        replace(theirs, fills={**theirs.fills, "ts": theirs.fills["ts"] + 1}),
        replace(theirs, orders={**theirs.orders, "reason": np.full(theirs.orders["reason"].size, "target ")}),
        replace(theirs, equity={name: column[:-1] for name, column in theirs.equity.items()}),
    ]

    for tables in wrong:
        with pytest.raises(AssertionError):
            assert_same_tables(ours, tables, told="run 0")


def test_what_differs_is_the_rounding_of_money_and_nothing_else():
    """Backtrader sums cash as cost and profit: not the same bits, the same money to the fourteenth digit.

    This is the only documented difference: times, quantities, orders, ends and reasons are equal without tolerance.
    """
    furthest, is_equal = 0.0, True
    for number in range(25):
        run = drawn(number)
        ours, theirs = both(run.pipeline, run.tape)
        cash, other = ours.equity["cash"], theirs.equity["cash"]
        furthest = max(furthest, float(np.max(np.abs(cash - other)) / run.spec.capital))
        is_equal = is_equal and bool(np.array_equal(cash, other))

    assert not is_equal
    assert furthest < 1e-12
