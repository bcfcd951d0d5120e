"""The native engine around the kernel: the order of time, buffers, the start of measuring."""

from drawn import MINUTE, pipelines, tape_of, tapes, traded
from hypothesis import given, settings

from runner.engine import written
from runner.engine.in_time import in_time
from runner.engine.native import backtest
from runner.engine.results import measured_from
from runner.engine.surroundings import first_decisions
from runner.signal.sheet import Surroundings
from runner.trading.kernel.layout import LONG_AGO

TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges")


def test_rows_of_one_instant_keep_the_order_of_the_universe():
    """A and B are known at minute 5, C before both."""
    tape = tape_of({"A": [(0, 5, 1.0, 1.0)], "B": [(4, 5, 1.0, 1.0), (5, 6, 1.0, 1.0)], "C": [(0, 1, 1.0, 1.0)]})

    assert in_time(tape).tolist() == [3, 0, 1, 2]


@given(tape=tapes())
@settings(max_examples=50, deadline=None)
def test_the_order_of_time_is_the_sort_by_instant_and_row(tape):
    """Against Python's own sort; nothing is said of rows that lie so already."""
    expected = [row for _, row in sorted((int(ts), row) for row, ts in enumerate(tape.ts))]

    assert (in_time(tape).tolist() or list(range(tape.rows))) == expected


@given(tape=tapes(), pipeline=pipelines())
@settings(max_examples=40, deadline=None)
def test_full_buffers_are_taken_away_and_nothing_is_lost(tape, pipeline):
    """With buffers that hold a single instant the tables are the same."""
    roomy = traded(backtest, pipeline, tape)
    before = written.LINES, written.MOST_EQUITY
    try:
        written.LINES = written.MOST_EQUITY = 1
        tight = traded(backtest, pipeline, tape)
    finally:
        written.LINES, written.MOST_EQUITY = before

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

    start = measured_from(*first_decisions(pipeline, {"bars": tape}, Surroundings()), LONG_AGO)

    rows = pipeline.graph.warm_up_rows(*pipeline.signals.roots)
    assert start == (rows + 1) * MINUTE
    short = tape_of({"A": early[:rows]})
    assert measured_from(*first_decisions(pipeline, {"bars": short}, Surroundings()), LONG_AGO) is None
