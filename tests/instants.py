"""Cross-section operators over a table of instants and symbols."""

import numpy as np
from hypothesis import strategies as st

from runner.signal.kernel import kernel

VALUES = st.one_of(
    st.integers(-4, 4).map(float), st.floats(-1e6, 1e6), st.sampled_from([0.0, -0.0, 1e6 + 0.1, np.nan, np.inf, -np.inf])
)


def across(op, *tables, p=()):
    """Return [T, M] values of an operator over [T, M] inputs; symbol by symbol in memory, as a tape holds them."""
    instants, symbols = np.shape(tables[0])
    columns = [np.array(table, dtype=np.float64).T.ravel() for table in tables]
    order = np.arange(instants * symbols).reshape(symbols, instants).T.ravel()
    bounds = np.arange(0, instants * symbols + 1, symbols)
    out = np.full(instants * symbols, -7.0)
    strides = np.ones(len(tables), dtype=np.int64)
    kernel(op, "cross", len(tables)).scan(order, bounds, *columns, strides, np.array(p, dtype=np.float64), out)
    return out.reshape(symbols, instants).T.copy()


def tables(inputs=1, least=1):
    """Draw tables of an input: the same symbols at a few instants, tied, missing, far from zero."""
    return st.tuples(st.integers(1, 4), st.integers(least, 9)).flatmap(
        lambda shape: st.tuples(*[
            st.lists(st.lists(VALUES, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0])
        ] * inputs)
    )  # fmt: skip


def wide(instants=2_000, symbols=500, seed=9, offset=1e6):
    """Return a million values around an offset, one in fifty missing."""
    draw = np.random.default_rng(seed)
    table = offset + draw.normal(size=(instants, symbols))
    table[draw.random(table.shape) < 0.02] = np.nan
    return table


def assert_the_order_of_symbols_is_nothing(op, drawn, seed, p=()):
    """Symbols in another order have the same bits in that order."""
    inputs = [np.array(table) for table in drawn]
    moved = np.random.default_rng(seed).permutation(inputs[0].shape[1])

    straight, shuffled = across(op, *inputs, p=p), across(op, *(each[:, moved] for each in inputs), p=p)

    assert straight[:, moved].tobytes() == shuffled.tobytes()


def assert_instants_are_apart(op, drawn, p=()):
    """Every instant has the bits that it has alone."""
    inputs = [np.array(table) for table in drawn]

    alone = [across(op, *(each[t : t + 1] for each in inputs), p=p)[0] for t in range(len(inputs[0]))]

    assert across(op, *inputs, p=p).tobytes() == np.array(alone).tobytes()
