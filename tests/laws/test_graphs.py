"""Laws of whole graphs over several clocks: batch and live are one, and the future never changes the past."""

import numpy as np
import pytest
from drawn_graphs import NODES, compiled, drawn_nodes
from drawn_market import SYMBOLS, cut, instants, market, sheets_of
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.evaluate import evaluate
from runner.signal.push import Push
from runner.signal.spare import Spare
from tests.long import many


def pushed(graph, roots, tapes, around, restart_at=()):
    """Return root → values per symbol, pushed instant by instant, with the state carried over by snapshots at some."""
    push = Push(graph, SYMBOLS, roots, around)
    found = {root: [[] for _ in range(SYMBOLS)] for root in roots}
    for number, rows in enumerate(instants(tapes)):
        if number in restart_at:
            state = push.snapshot()
            push = Push(graph, SYMBOLS, roots, around)
            push.restore(state)
        came = push.push(rows)
        for root in roots:
            for row, value in zip(came.rows.get(graph.clocks[root], ()), came.values.get(root, ()), strict=True):
                found[root][row.symbol].append(value)
    return found


def hold_push_to_columns(nodes, tapes, around, restart_at):
    """Assert that every node has the same bits either way, on each row of its clock."""
    graph = compiled(nodes)
    roots = sorted(set(graph.names.values()))

    batch = evaluate(graph, sheets_of(tapes, around), roots)
    live = pushed(graph, roots, tapes, around, restart_at)

    for name, root in graph.names.items():
        offsets = batch.sheets[graph.clocks[root]].offsets
        for symbol in range(SYMBOLS):
            expected = batch.values[root][offsets[symbol] : offsets[symbol + 1]]
            assert np.array(live[root][symbol]).tobytes() == expected.tobytes(), (name, symbol)


@pytest.mark.parametrize("seed", range(3))
def test_pushing_instants_gives_what_columns_give_to_the_bit(seed):
    """Every node of every clock, with the state snapshotted and restored on the way."""
    hold_push_to_columns(NODES, *market(seed), restart_at={7, 100, 333})


@given(nodes=drawn_nodes(), seed=st.integers(0, 2**32 - 1), restart=st.integers(0, 60))
@settings(max_examples=many(50, 150), deadline=None)
def test_pushing_instants_gives_what_columns_give_whatever_is_written(nodes, seed, restart):
    """Drawn graphs over short histories, whose warm-ups end anywhere: also between two rows of one symbol and instant."""
    tapes, around = market(seed, sessions=3, bars=8, depth=12, undefined=0.02)

    hold_push_to_columns(nodes, tapes, around, restart_at={restart})


@given(drawn=st.lists(drawn_nodes(), min_size=2, max_size=4), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=many(20, 60), deadline=None)
def test_columns_that_were_used_before_change_nothing(drawn, seed):
    """Graph after graph on columns that hold what others came to: every node has the bits that it has on fresh ones."""
    tapes, around = market(seed, sessions=3, bars=8, depth=12, undefined=0.02)
    spare = Spare()
    for nodes in drawn:
        graph = compiled(nodes)
        roots = sorted(set(graph.names.values()))

        spare.all_back()
        again = evaluate(graph, sheets_of(tapes, around), roots, spare)

        alone = evaluate(graph, sheets_of(tapes, around), roots)
        assert [again.values[root].tobytes() for root in roots] == [alone.values[root].tobytes() for root in roots]


def test_every_node_of_the_test_is_defined_somewhere():
    """A law over nothing but NaN would hold for anything."""
    graph = compiled()
    roots = sorted(set(graph.names.values()))
    tapes, around = market(0)

    batch = evaluate(graph, sheets_of(tapes, around), roots)

    assert all(np.isfinite(batch.values[root]).any() for root in roots)


@pytest.mark.parametrize("seed", range(2))
def test_cutting_the_future_off_never_changes_the_past(seed):
    """At thirty instants, what was known by then is the same whether or not the rest of the data exists."""
    graph = compiled()
    roots = sorted(set(graph.names.values()))
    tapes, around = market(seed)
    whole = evaluate(graph, sheets_of(tapes, around), roots)
    stamps = np.unique(np.concatenate([tape.ts for tape in tapes.values()]))

    for ts in stamps[:: stamps.size // 30]:
        part = evaluate(graph, sheets_of(cut(tapes, ts), around), roots)

        for root in roots:
            sheet, shorter = whole.sheets[graph.clocks[root]], part.sheets[graph.clocks[root]]
            known = sheet.ts <= ts
            assert sheet.ts[known].tolist() == shorter.ts.tolist()
            assert whole.values[root][known].tobytes() == part.values[root].tobytes(), graph.describe(root)


def test_a_window_of_time_is_defined_once_it_is_full():
    """Thirty minutes after the first row, not earlier and not later."""
    graph = compiled({"spanned": 'mean(volume, "30min")'})
    tapes, around = market(5, undefined=0.0)
    root = graph.names["spanned"]

    batch = evaluate(graph, sheets_of(tapes, around), [root])

    for symbol in range(SYMBOLS):
        rows = slice(*tapes["bars"].offsets[symbol : symbol + 2])
        elapsed = tapes["bars"].ts[rows] - tapes["bars"].ts[rows][0]
        assert np.isfinite(batch.values[root][rows]).tolist() == (elapsed >= 30 * 60 * 10**9).tolist()


def test_a_bucket_holds_the_rows_of_its_stretch_and_no_other():
    """Against a loop over the rows: sums of ten minutes counted from the open, the first bucket of a symbol left out."""
    graph = compiled({"ticks": 'resample(bid_price_0, "10min", "sum")'})
    tapes, around = market(3, undefined=0.0)
    root = graph.names["ticks"]
    tape, hours = tapes["depth"], around.sessions["depth"][0]

    batch = evaluate(graph, sheets_of(tapes, around), [root])

    sheet = batch.sheets[graph.clocks[root]]
    for symbol in range(SYMBOLS):
        sums = {}
        for row in range(tape.offsets[symbol], tape.offsets[symbol + 1]):
            opened = hours.open_ns[hours.days == tape.session[row]][0]
            key = (int(tape.session[row]), -(-(int(tape.ts[row]) - int(opened)) // (600 * 10**9)))
            sums[key] = sums.get(key, 0.0) + tape.columns["bid_price_0"][row]
        own = slice(*sheet.offsets[symbol : symbol + 2])
        expected = list(sums.values())[:-1]
        np.testing.assert_allclose(batch.values[root][own][1:], expected[1:], rtol=1e-12)
        assert np.isnan(batch.values[root][own][0])
