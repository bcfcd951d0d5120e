"""A run over windows is the run over the whole, to the bit, wherever the windows end."""

import numpy as np
from drawn_kinds import KINDS
from drawn_runs import runs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markets import traded
from streamed import streamed

from runner.engine.native import backtest, evaluated
from runner.engine.onward import Sessions
from runner.engine.onward_alternatives import OnwardAlternatives
from runner.engine.sensitivity import alternatives, fill_kinds
from runner.report.sensitivity import outcome
from runner.signal.sheet import Surroundings
from tests.long import many

TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges", "signals")
LAW = settings(max_examples=many(66, 200), deadline=None)
FEWER = settings(max_examples=40, deadline=None)
KNOWN = [KINDS.find("fill", name)() for name in KINDS.names("fill")]


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


@given(run=runs(), data=st.data())
@FEWER
def test_other_fill_clocks_and_costs_in_the_same_pass_come_to_the_same_figures(run, data):
    """Of each clock and multiple of costs: return, Sharpe, drawdown, trades and break-even are those of drives over the whole."""
    assume(all(tape.rows for tape in run.tapes.values()))
    found = evaluated(run.pipeline, run.tapes, Surroundings(), [])
    kinds, left_out = fill_kinds(run.pipeline, run.tapes, KNOWN)
    whole = list(alternatives(run.pipeline, run.tapes, found, kinds, on_progress=lambda _: None))
    sessions = Sessions.of(run.deciding)

    others = OnwardAlternatives(run.pipeline, KNOWN)
    passage = streamed(run.pipeline, run.tapes, drawn_ends(data, run.tapes), beside=others.beside)
    parts = others.all(passage.start)

    assert left_out.keys() == others.left_out.keys()
    assert [figures(each, sessions) for each in whole] == [figures(each, passage.sessions) for each in parts]
    for one, other in zip(whole, parts, strict=True):
        assert {name: column.tobytes() for name, column in one.fills.items()} == {
            name: column.tobytes() for name, column in other.fills.items()
        }


def figures(each, sessions):
    """Return an alternative's name and figures."""
    days = sessions.at(each.equity["ts"])
    return each.fill.kind, repr(outcome(each, capital=1000.0, sessions_per_year=252, sessions=days))


@given(run=runs())
@FEWER
def test_session_dates_are_those_of_the_rows_known_then(run):
    """Of every instant of the deciding clock that of its first row in the order of the universe."""
    tape = run.deciding
    assume(tape.rows)
    order = np.argsort(tape.ts, kind="stable")
    first = order[np.unique(tape.ts[order], return_index=True)[1]]

    found = Sessions.of(tape).at(tape.ts[first])

    assert found.tolist() == tape.session[first].tolist()
