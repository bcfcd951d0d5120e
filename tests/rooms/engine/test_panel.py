"""Rows laid out by instant and symbol, against loops over dictionaries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.engine.panel import panel_of, wakes_of


@st.composite
def ragged(draw, symbols):
    """Draw rows of symbols that come and go: instants of each, prices some of which aren't known, and a condition."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    own = [np.flatnonzero(rng.random(12) < rng.choice([0.6, 1.0])) for _ in range(symbols)]
    ts = np.concatenate(own).astype(np.int64)
    symbol = np.repeat(np.arange(symbols, dtype=np.int32), [each.size for each in own])
    mark = np.where(rng.random(ts.size) < 0.2, np.inf, np.round(rng.random(ts.size), 3))
    held = rng.choice([0.0, 1.0, np.nan], ts.size)
    return ts, symbol, mark, held


@pytest.mark.parametrize("symbols", [3, 70])
@given(data=st.data())
@settings(max_examples=20)
def test_a_panel_has_the_latest_price_and_a_bit_where_a_rule_holds(symbols, data):
    """Of every symbol at every instant: of more symbols than a number has bits, and of prices that aren't finite."""
    ts, symbol, mark, held = data.draw(ragged(symbols))
    order = np.lexsort((symbol, ts)).astype(np.int64)
    at = {(int(t), int(s)): row for row, (t, s) in enumerate(zip(ts, symbol, strict=True))}
    instants = sorted({t for t, _ in at})

    panel = panel_of(ts, symbol, np.zeros(ts.size, np.int32), mark, order, symbols)
    bits = wakes_of(held, panel)

    assert panel.ts.tolist() == instants
    for s in range(symbols):
        latest = np.nan
        for i, t in enumerate(instants):
            row = at.get((t, s))
            latest = mark[row] if row is not None and np.isfinite(mark[row]) else latest
            assert np.array_equal(panel.last[s, i], latest, equal_nan=True)
            assert (int(bits[i, s // 64]) >> (s % 64) & 1) == (row is not None and held[row] == 1.0)
