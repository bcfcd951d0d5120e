"""The native engine around the kernel: schedule, buffers, the start of measuring."""

import numpy as np
from drawn import MINUTE, pipelines, tape_of, tapes, traded
from hypothesis import given, settings

from runner.engine import driver
from runner.engine.native import backtest
from runner.engine.results import measured_from
from runner.engine.schedule import schedule
from runner.engine.surroundings import first_decisions
from runner.signal.sheet import Surroundings
from runner.trading.fill.next_open import NextOpen

TABLES = ("orders", "fills", "equity", "positions", "refusals")


def test_at_one_instant_bars_are_known_before_orders_fill_and_rows_keep_the_universes_order():
    """A closes at minute 5 when B opens and closes an earlier bar: closes of A and B, then B's open."""
    tape = tape_of({"A": [(0, 5, 1.0, 1.0)], "B": [(4, 5, 1.0, 1.0), (5, 6, 1.0, 1.0)]})

    plan = schedule(tape, NextOpen().clock(tape))

    groups = [plan.rows[a:b].tolist() for a, b in zip(plan.bounds, plan.bounds[1:], strict=False)]
    assert (plan.ts // MINUTE).tolist() == [0, 4, 5, 5, 6]
    assert plan.is_fill.tolist() == [1, 1, 0, 1, 0]
    assert groups == [[0], [1], [0, 1], [2], [2]]


@given(tape=tapes())
@settings(max_examples=50, deadline=None)
def test_the_schedule_is_the_sort_by_time_sort_and_row(tape):
    """Against Python's own sort of (instant, fills last, row)."""
    plan = schedule(tape, NextOpen().clock(tape))
    closes = [(int(ts), 0, row) for row, ts in enumerate(tape.ts)]
    fills = [(int(ts), 1, row) for row, ts in enumerate(tape.opened)]

    expected = sorted(closes + fills)

    counts = np.diff(plan.bounds)
    found = list(
        zip(np.repeat(plan.ts, counts).tolist(), np.repeat(plan.is_fill, counts).tolist(), plan.rows.tolist(), strict=True)
    )
    assert found == expected


@given(tape=tapes(), pipeline=pipelines())
@settings(max_examples=40, deadline=None)
def test_full_buffers_are_taken_away_and_nothing_is_lost(tape, pipeline):
    """With buffers that hold a single instant the tables are the same."""
    roomy = traded(backtest, pipeline, tape)
    before = driver.BUFFER_ROWS
    try:
        driver.BUFFER_ROWS = 1
        tight = traded(backtest, pipeline, tape)
    finally:
        driver.BUFFER_ROWS = before

    for name in TABLES:
        one, two = getattr(roomy, name), getattr(tight, name)
        assert {k: v.tobytes() for k, v in one.items()} == {k: v.tobytes() for k, v in two.items()}


@given(pipeline=pipelines())
@settings(max_examples=20, deadline=None)
def test_measuring_starts_with_the_first_symbol_that_is_warm(pipeline):
    """A begins at minute 0 and B at minute 100: what counts is A's first decision; a symbol that is never warm doesn't."""
    late = [(t, t + 1, 1.0, 1.0) for t in range(100, 120)]
    early = [(t, t + 1, 1.0, 1.0) for t in range(20)]
    tape = tape_of({"B": late, "A": early, "C": [(0, 1, 1.0, 1.0)]})

    start = measured_from(*first_decisions(pipeline, {"bars": tape}, Surroundings()))

    rows = pipeline.graph.warm_up_rows(*pipeline.signals.roots)
    assert start == (rows + 1) * MINUTE
    short = tape_of({"A": early[:rows]})
    assert measured_from(*first_decisions(pipeline, {"bars": short}, Surroundings())) is None
