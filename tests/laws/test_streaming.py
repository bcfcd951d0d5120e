"""A run over windows is the run over the whole, to the bit, wherever the windows end."""

import numpy as np
from drawn_runs import runs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markets import traded
from streamed import streamed

from runner.engine.native import backtest

TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges", "signals")
LAW = settings(max_examples=400, deadline=None)


def bits_of(tables):
    return {f"{name}.{key}": column.tobytes() for name in TABLES for key, column in getattr(tables, name).items()}


def drawn_ends(data, tapes):
    """Draw, of each stream, the instants behind which its windows end; few, many, or each."""
    found = {}
    for stream, tape in tapes.items():
        known = np.unique(tape.ts).tolist()
        some = st.sets(st.sampled_from(known), max_size=6).map(sorted) if known else st.just([])
        found[stream] = data.draw(st.one_of(some, st.just(known), st.just(known[::3])))
    return found


@given(run=runs(), data=st.data(), every=st.sampled_from([None, None, "3min"]))
@LAW
def test_windows_of_any_length_give_the_whole_run_to_the_bit(run, data, every):
    """Of every stream, kind and sort of order: orders, exits, partial fills and rules live across the edges of windows."""
    assume(all(tape.rows for tape in run.tapes.values()))
    ends = drawn_ends(data, run.tapes)

    whole = traded(backtest, run.pipeline, run.tapes, signals=True, every=every)
    parts = streamed(run.pipeline, run.tapes, ends, signals=True, every=every)

    assert bits_of(whole) == bits_of(parts.tables)
