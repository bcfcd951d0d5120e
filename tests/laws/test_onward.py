"""Laws of graphs that are evaluated stretch by stretch: wherever the stretches end, the values are those of the whole."""

from itertools import pairwise

import numpy as np
import pytest
from drawn_graphs import NODES, compiled, drawn_nodes
from drawn_market import SYMBOLS, market, sheets_of
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.evaluate import evaluate
from runner.signal.onward import Onward
from runner.signal.sheet import Sheet
from tests.long import many


def between(tapes, around, after, until):
    """Return the sheets of the rows known after one instant and up to another."""
    found = {}
    for clock, tape in tapes.items():
        kept = (tape.ts > after) & (tape.ts <= until)
        counts = [int(kept[a:b].sum()) for a, b in zip(tape.offsets, tape.offsets[1:], strict=False)]
        offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
        columns = {name: column[kept] for name, column in tape.columns.items()}
        found[clock] = Sheet(clock, tape.ts[kept], tape.session[kept], offsets, columns, around)
    return found


def hold_stretches_to_the_whole(nodes, tapes, around, ends):
    """Assert that every node has the same bits, and the same first row, whether the rows come at once or cut at some instants."""
    graph = compiled(nodes)
    roots = sorted(set(graph.names.values()))
    whole = evaluate(graph, sheets_of(tapes, around), roots)

    onward, got = Onward(graph, SYMBOLS, roots), {root: [[] for _ in range(SYMBOLS)] for root in roots}
    edges = [-1, *sorted(ends), 2**62]
    for after, until in pairwise(edges):
        found = onward.evaluate(between(tapes, around, after, until))
        for root in roots:
            sheet = found.sheets[graph.clocks[root]]
            for symbol in range(SYMBOLS):
                got[root][symbol].append(found.values[root][sheet.of_symbol(symbol)])

    for name, root in graph.names.items():
        sheet = whole.sheets[graph.clocks[root]]
        for symbol in range(SYMBOLS):
            own = sheet.of_symbol(symbol)
            assert np.concatenate(got[root][symbol]).tobytes() == whole.values[root][own].tobytes(), (name, symbol)
            first = int(whole.ready[root][symbol]) - own.start
            assert min(int(onward.ready(root)[symbol]), own.stop - own.start) == first, (name, symbol)
        assert int(np.sum(onward.passed(graph.clocks[root]))) == sheet.rows
        assert (root in onward.undefined) == bool(np.isnan(whole.values[root]).all())


def instants_of(tapes):
    return np.unique(np.concatenate([tape.ts for tape in tapes.values()]))


@pytest.mark.parametrize(("seed", "every"), [(0, 1), (0, 7), (1, 40), (2, 333)])
def test_stretches_of_any_length_give_the_values_of_the_whole(seed, every):
    """Every node of every clock, cut behind each instant, behind every seventh, and now and then."""
    tapes, around = market(seed, sessions=4, bars=30, depth=40)

    hold_stretches_to_the_whole(NODES, tapes, around, instants_of(tapes)[::every].tolist())


@given(nodes=drawn_nodes(), seed=st.integers(0, 2**32 - 1), data=st.data())
@settings(max_examples=many(50, 150), deadline=None)
def test_stretches_give_the_values_of_the_whole_whatever_is_written(nodes, seed, data):
    """Drawn graphs over short histories, cut behind drawn instants: warm-ups, windows and buckets live across the cuts."""
    tapes, around = market(seed, sessions=3, bars=8, depth=12, undefined=0.02)
    ends = data.draw(st.sets(st.sampled_from(instants_of(tapes).tolist()), max_size=12))

    hold_stretches_to_the_whole(nodes, tapes, around, ends)
