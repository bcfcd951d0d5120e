"""The stationary bootstrap and its block length."""

import math

import numpy as np
import pytest

from runner.sweeps.statistics.block_length import mean_block_length
from runner.sweeps.statistics.stationary_bootstrap import drawn_rows, row_shares


def drawn(rows=50, resamples=400, mean_block=5.0, seed=1):
    return drawn_rows(np.random.default_rng(seed), rows=rows, resamples=resamples, mean_block=mean_block)


def test_a_row_is_followed_by_the_next_or_by_a_new_block():
    """With a mean block of 5 one row in five begins a block; one in fifty of those begins where the last would have gone on."""
    rows = drawn()

    follows = (rows[:, 1:] == (rows[:, :-1] + 1) % 50).mean()

    expected = 0.8 + 0.2 / 50
    assert follows == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / (400 * 49)))


def test_every_row_is_drawn_as_often():
    """Rows at the ends are in as many blocks as others, since the first follows the last (5 errors of blocks allowed)."""
    shares = np.bincount(drawn(resamples=4_000).ravel(), minlength=50) / (4_000 * 50)

    assert shares == pytest.approx(np.full(50, 0.02), rel=5 * math.sqrt(10 / (4_000 * 50 * 0.02)))


def test_the_ends_of_the_mean_block():
    """A mean block of one draws rows independently; one without end turns the history round."""
    free, whole = drawn(mean_block=1.0), drawn(mean_block=1e15)

    assert (free[:, 1:] == (free[:, :-1] + 1) % 50).mean() == pytest.approx(0.02, abs=0.005)
    assert np.array_equal(whole, (whole[:, :1] + np.arange(50)) % 50)


def test_the_same_generator_draws_the_same():
    """Chance comes from the generator handed in and from nowhere else."""
    assert np.array_equal(drawn(seed=9), drawn(seed=9))
    assert not np.array_equal(drawn(seed=9), drawn(seed=10))


def test_shares_times_returns_are_the_drawn_means(waves):
    """How often a row was drawn is all its returns need to know."""
    rows, returns = drawn(resamples=7), waves(50, 3)

    assert row_shares(rows) @ returns == pytest.approx(np.stack([returns[each].mean(axis=0) for each in rows]), rel=1e-12)


@pytest.mark.parametrize(("rows", "mean_block"), [(0, 5.0), (10, 0.5), (10, math.nan)])
def test_impossible_blocks_are_refused(rows, mean_block):
    """Nothing is drawn from nothing, and blocks have a row at least."""
    with pytest.raises(ValueError, match="rows and mean_block must be at least 1"):
        drawn(rows=rows, mean_block=mean_block)


def test_the_block_length_is_that_of_arch(waves):
    """The package arch 8.0.0, `optimal_block_length(...)["stationary"]`, says these of the six lanes."""
    lengths = [mean_block_length(lane) for lane in waves(200, 6).T]

    assert lengths == pytest.approx(
        [
            3.1644927140275354,
            3.628277332817897,
            2.254230189597135,
            3.5584608127680317,
            4.39144796965431,
            3.37623610002268,
        ],
        rel=1e-9,
    )


def test_what_lasts_needs_longer_blocks():
    """The more of a return stays in the next one, the longer the block; never beyond its limit."""
    noise = np.random.default_rng(6).normal(size=2_000)
    lasting = []
    for stays in (0.0, 0.5, 0.9, 0.999):
        series = [0.0]
        for shock in noise:
            series.append(stays * series[-1] + shock)
        lasting.append(mean_block_length(np.array(series[1:])))

    assert lasting == sorted(lasting)
    assert lasting[0] < 5.0 < lasting[1]
    assert lasting[-1] <= math.ceil(3 * math.sqrt(2_000))


@pytest.mark.parametrize("returns", [np.zeros(100), np.full(100, 0.01), np.arange(8.0), np.array([])])
def test_where_nothing_can_be_learnt_rows_stand_alone(returns):
    """Too few returns, or returns that don't differ, tell nothing of each other."""
    assert mean_block_length(returns) == 1.0


@pytest.mark.parametrize("rows", range(9, 30))
def test_short_records_have_a_block_length(waves, rows):
    """From nine returns on there is an answer within its limits."""
    assert 1.0 <= mean_block_length(waves(rows, 1)[:, 0]) <= math.ceil(rows / 3)
