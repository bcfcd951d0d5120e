"""Rank within the window, against pandas."""

import numpy as np
import pandas as pd
import pytest
from held_windows import HELD, Case
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from runner.signal.operators.window_rank import window_rank

RANK = Case(window_rank, lambda x: rankdata(x)[-1] / x.size)


@pytest.mark.parametrize("held", HELD)
def test_it_is_the_newest_values_mean_rank(held):
    """In both kinds of windows, as a share of the window's rows."""
    held(RANK)


@pytest.mark.parametrize("rows", [1, 2, 40, 700])
def test_it_agrees_with_pandas(rows):
    """Blocks are split, merged and emptied: random, rising, falling, turning and stepwise series."""
    rng = np.random.default_rng(rows)
    ramp = np.arange(5000.0)

    for x in (rng.normal(size=5000), ramp, -ramp, np.abs(ramp - 2500), rng.integers(0, 4, 5000) * 1.0, np.zeros(5000)):
        np.testing.assert_allclose(RANK.rows([x], rows), pd.Series(x).rolling(rows).rank(pct=True).to_numpy(), rtol=1e-14)


def test_a_window_that_thins_out_everywhere_keeps_its_blocks_few():
    """Each time round one value stays in each stretch of 60 and the others make new stretches: small blocks are merged."""
    x = []
    stretches = 0
    for _ in range(8):
        fresh = 700 - stretches
        x += [stretch + 0.5 for stretch in range(stretches)] + [stretches + i / 60 for i in range(fresh)]
        stretches += fresh // 60

    np.testing.assert_allclose(
        RANK.rows([np.array(x)], 700), pd.Series(x).rolling(700).rank(pct=True).to_numpy(), rtol=1e-14
    )


@given(st.lists(st.sampled_from([0.0, -0.0, 1.0, 2.0, 3.5, np.nan]), min_size=1, max_size=80), st.integers(1, 40))
def test_ties_share_their_ranks(x, rows):
    """However rows come and go."""
    RANK.check_rows([np.array(x)], rows, range(rows - 1, len(x)))
