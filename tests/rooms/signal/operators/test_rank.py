"""Rank among symbols, against pandas."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from instants import across, assert_instants_are_apart, assert_the_order_of_symbols_is_nothing, tables, wide

from runner.signal.operators.rank import rank


def ranked(table):
    """Return pandas' average ranks, brought from 1 … M to 0 … 1."""
    frame = pd.DataFrame(table).where(np.isfinite(table))
    count = frame.count(axis=1)
    scaled = frame.rank(axis=1).sub(1).div(count - 1, axis=0)
    return scaled.mask(frame.notna() & (count == 1).to_numpy()[:, None], 0.5).to_numpy()


@given(drawn=tables(), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_it_is_the_average_rank_from_0_to_1(drawn, seed):
    """Ties share, the undefined are left out, one symbol alone is in the middle; no matter who stands where."""
    got = across(rank, drawn[0])

    np.testing.assert_allclose(got, ranked(np.array(drawn[0])), rtol=1e-15)
    assert_the_order_of_symbols_is_nothing(rank, drawn, seed)
    assert_instants_are_apart(rank, drawn)


def test_an_example():
    """Of 3, 1, 3, 2 the lowest has 0, the next a third, and the two highest share five sixths."""
    assert across(rank, [[3.0, 1.0, 3.0, 2.0]]).tolist() == [[5 / 6, 0.0, 5 / 6, 1 / 3]]
    assert across(rank, [[7.0]]).tolist() == [[0.5]]


def test_a_million_values_agree_with_pandas():
    """Two thousand instants of five hundred symbols around 1e6."""
    table = wide()

    np.testing.assert_allclose(across(rank, table), ranked(table), rtol=1e-15)
