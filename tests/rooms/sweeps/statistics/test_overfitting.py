"""The probability of backtest overfitting, against plain loops and an independent implementation."""

import math
from itertools import combinations
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress, rankdata

from runner.sweeps.statistics import lane_chunks as chunks
from runner.sweeps.statistics.overfitting import backtest_overfitting


def ratio(returns):
    return mean(returns) / stdev(returns) if len(set(returns)) > 1 else 0.0


def by_loops(returns, blocks):
    """Return (chosen, inside, outside, typical, logit) of each combination, by the paper's steps and nothing else."""
    rows, lanes = returns.shape
    edges = [block * rows // blocks for block in range(blocks + 1)]
    found = []
    for way in combinations(range(blocks), blocks // 2):
        inside = [row for block in range(blocks) if block in way for row in range(edges[block], edges[block + 1])]
        outside = [row for row in range(rows) if row not in set(inside)]
        seen = [ratio(returns[inside, lane].tolist()) for lane in range(lanes)]
        later = [ratio(returns[outside, lane].tolist()) for lane in range(lanes)]
        best = seen.index(max(seen))
        share = rankdata(later)[best] / (lanes + 1)
        found.append((best, seen[best], later[best], mean(later), math.log(share / (1 - share))))
    return [list(column) for column in zip(*found, strict=True)]


@pytest.mark.parametrize(("rows", "lanes", "blocks"), [(48, 5, 8), (50, 4, 6), (13, 2, 4), (9, 3, 2), (40, 40, 8)])
def test_plain_loops_find_the_same(waves, rows, lanes, blocks, monkeypatch):
    """Sums of blocks, chunks of combinations and their complements give what going through the rows gives."""
    monkeypatch.setattr(chunks, "LARGEST", 64 * lanes)
    returns = waves(rows, lanes)

    found = backtest_overfitting(returns, blocks=blocks)

    chosen, inside, outside, typical, logits = by_loops(returns, blocks)
    assert found.chosen.tolist() == chosen
    for ours, theirs in ((found.inside, inside), (found.outside, outside), (found.typical, typical), (found.logits, logits)):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    assert found.probability == mean(logit <= 0 for logit in logits)
    assert found.loss == mean(later < 0 for later in outside)
    if blocks > 2:
        assert found.slope == pytest.approx(linregress(inside, outside).slope, rel=1e-8)


def test_an_independent_implementation_agrees(waves):
    """The package holdout-backtest 0.1.0 says: 252 ways, PBO 0.5952380952, slope −0.4557094981, loss 0.6071428571."""
    found = backtest_overfitting(waves(200, 6), blocks=10)

    assert found.logits.size == 252
    assert found.probability == pytest.approx(0.5952380952380952, abs=1e-12)
    assert found.slope == pytest.approx(-0.45570949808672745, rel=1e-9)
    assert found.loss == pytest.approx(0.6071428571428571, abs=1e-12)


def test_sixteen_blocks_are_12870_ways(waves):
    """The default is the paper's own example of S."""
    assert backtest_overfitting(waves(64, 3)).logits.size == 12_870


def test_a_skilled_lane_is_found_and_stays_good():
    """One lane with a true ratio of 0.25 a day among forty-nine without: no overfitting, no loss, and dominance."""
    returns = np.random.default_rng(1).normal(size=(1_000, 50))
    returns[:, 17] += 0.25

    found = backtest_overfitting(returns)

    assert set(found.chosen.tolist()) == {17}
    assert found.probability == 0.0
    assert found.loss == 0.0
    assert found.dominance.first
    assert found.dominance.second


def test_lanes_of_pure_noise_are_overfitted_half_of_the_time():
    """Over thirty sweeps of noise the probability is one half on average (its spread is 0.19 a sweep: 3 errors allowed)."""
    generator = np.random.default_rng(2)

    found = [backtest_overfitting(generator.normal(size=(320, 40)), blocks=8).probability for _ in range(30)]

    assert mean(found) == pytest.approx(0.5, abs=3 * 0.19 / math.sqrt(30))
    assert 0.1 < stdev(found) < 0.3


def test_lanes_that_all_sum_to_the_same_are_always_overfitted():
    """Where each lane's gains in one half are its losses in the other, the best of one half is the worst of the other."""
    generator = np.random.default_rng(3)
    lanes = generator.normal(size=(8, 6)).repeat(20, axis=0) * 0.01
    lanes -= lanes.mean(axis=0)
    returns = lanes + np.tile([[0.02], [-0.02]], (80, 6))

    found = backtest_overfitting(returns, blocks=8)

    assert found.probability > 0.95
    assert found.slope < -0.5
    assert found.loss > 0.95
    assert not found.dominance.second


def test_copies_share_their_rank():
    """Copies with other stakes have ratios that differ in their last digit only; they count as equal, however many there are."""
    generator = np.random.default_rng(4)
    one, other = generator.normal(size=(2, 80))

    found = backtest_overfitting(
        np.stack([one * stake / 7 for stake in range(1, 38)] + [other * stake / 3 for stake in range(1, 5)], axis=1),
        blocks=8,
    )

    ranks = np.unique(np.round(np.exp(found.logits) / (1 + np.exp(found.logits)) * 42, 6))
    assert set(ranks.tolist()) <= {19.0, 23.0, 2.5, 39.5}


def test_a_lane_that_never_trades_stands_at_zero():
    """Among lanes that lose, doing nothing is the best choice, and remains it."""
    returns = np.random.default_rng(5).normal(size=(400, 5)) - 0.5
    returns[:, 3] = 0.0

    found = backtest_overfitting(returns, blocks=8)

    assert set(found.chosen.tolist()) == {3}
    assert set(found.outside.tolist()) == {0.0}
    assert found.probability == 0.0
    assert found.loss == 0.0
    assert math.isnan(found.slope)


@pytest.mark.parametrize(
    ("rows", "lanes", "blocks"), [(31, 5, 16), (40, 1, 8), (40, 5, 7), (40, 5, 0)], ids=["short", "alone", "odd", "none"]
)
def test_what_can_not_be_halved_is_refused(waves, rows, lanes, blocks):
    """Blocks are even and have two rows each, and there is something to choose from."""
    with pytest.raises(ValueError, match="blocks must be even, with two rows each and two lanes at least"):
        backtest_overfitting(waves(rows, lanes), blocks=blocks)


def test_a_hole_is_refused(waves):
    """A lane without a return has no place among the others."""
    returns = waves(40, 3)
    returns[5, 1] = np.nan

    with pytest.raises(ValueError, match="returns must be finite"):
        backtest_overfitting(returns, blocks=4)


@given(seed=st.integers(0, 2**32), lanes=st.integers(2, 12), scale=st.floats(0.2, 50.0))
@settings(max_examples=40, deadline=None)
def test_order_and_scale_change_nothing(seed, lanes, scale):
    """Lanes in another order are chosen alike under their new places; returns in another unit have the same ranks."""
    generator = np.random.default_rng(seed)
    returns, order = 0.01 * generator.normal(size=(30, lanes)), generator.permutation(lanes)

    found, permuted = (backtest_overfitting(each, blocks=6) for each in (returns, scale * returns[:, order]))

    assert order[permuted.chosen].tolist() == found.chosen.tolist()
    assert permuted.logits == pytest.approx(found.logits, abs=1e-12)
    assert permuted.outside == pytest.approx(found.outside, rel=1e-8, abs=1e-10)


def test_the_middle_of_an_odd_number_counts_as_overfitted(waves):
    """The published definition counts λ = 0, the median itself, among the overfitted."""
    found = backtest_overfitting(waves(60, 3), blocks=6)

    assert np.any(found.logits == 0.0)
    assert found.probability == np.mean(found.logits < 0.0) + np.mean(found.logits == 0.0)
