"""Sharpe ratios and moments, against scipy and plain loops."""

from statistics import mean, stdev

import numpy as np
import pytest
from scipy import stats

from runner.sweeps.statistics import lane_chunks as chunks
from runner.sweeps.statistics.lane_chunks import lane_chunks
from runner.sweeps.statistics.sharpe import Moments, centred, first_best, moments_of, sharpe_of_sums, sharpe_ratios


def test_moments_are_those_of_scipy(waves):
    """Skewness and kurtosis are the moments without correction, and kurtosis is raw."""
    returns = waves(60, 1)[:, 0] ** 3 * 1e4

    moments = moments_of(returns)

    assert moments.sharpe == pytest.approx(mean(returns.tolist()) / stdev(returns.tolist()), rel=1e-12)
    assert moments.skewness == pytest.approx(stats.skew(returns), rel=1e-12)
    assert moments.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-12)
    assert moments.periods == 60


@pytest.mark.parametrize("returns", [[], [0.01], [0.01, 0.01, 0.01], [0.0] * 5, [0.1 + 0.2 - 0.3, 0.0, 0.0]])
def test_what_never_moves_has_no_ratio(returns):
    """Rounding isn't risk: a lane that earns the same in every period has no ratio rather than an astronomical one."""
    moments = moments_of(np.array(returns))

    assert np.isnan([moments.sharpe, moments.skewness, moments.kurtosis]).all()
    assert moments.periods == len(returns)


def test_excess_kurtosis_is_refused():
    """No returns have a raw kurtosis below one plus the square of the skewness, but excess kurtosis often is."""
    with pytest.raises(ValueError, match=r"kurtosis must be raw \(3 for normal returns\).* = 2, was 0"):
        Moments(sharpe=0.1, skewness=1.0, kurtosis=0.0, periods=100)


def test_ratios_of_many_lanes_are_those_of_each(waves, monkeypatch):
    """Going through the lanes a few at a time changes nothing; a still lane and one with a hole have no ratio."""
    monkeypatch.setattr(chunks, "LARGEST", 100)
    returns = waves(50, 7)
    returns[:, 2] = 0.003
    returns[10, 4] = np.nan

    ratios = sharpe_ratios(returns)

    for lane in (0, 1, 3, 5, 6):
        assert ratios[lane] == pytest.approx(returns[:, lane].mean() / returns[:, lane].std(ddof=1), rel=1e-12)
    assert np.isnan(ratios[[2, 4]]).all()
    assert np.isnan(sharpe_ratios(returns[:1])).all()


def test_sums_give_the_ratio_of_any_rows(waves):
    """Sums and sums of squares about the mean are enough, also for returns far from zero; a still stretch has the ratio 0."""
    returns = waves(30, 3) + np.array([0.0, 50.0, 0.0])
    returns[:10, 2] = 0.002
    rows = np.arange(10)
    about = centred(returns)
    distance = returns[rows] - about.mean

    ratios = sharpe_of_sums(distance.sum(axis=0)[None], (distance**2).sum(axis=0)[None], np.array([[10.0]]), about)[0]

    assert ratios[:2] == pytest.approx(returns[rows, :2].mean(axis=0) / returns[rows, :2].std(axis=0, ddof=1), rel=1e-10)
    assert ratios[2] == 0.0


def test_a_lane_that_stands_still_for_a_while_has_no_ratio_there():
    """A lane that trades on other days only has the ratio 0, not one made of what the sums were rounded by."""
    generator = np.random.default_rng(12)
    returns = np.zeros((60, 500))
    returns[40:] = 0.01 * generator.normal(size=(20, 500)) + 0.01
    about = centred(returns)
    distance = (returns - about.mean)[:40]

    ratios = sharpe_of_sums(distance.sum(axis=0)[None], (distance**2).sum(axis=0)[None], np.array([[40.0]]), about)

    assert np.all(ratios == 0.0)


def test_the_first_of_equals_is_best_however_it_was_rounded():
    """Copies of a lane may come out of a sum a digit apart; who comes first doesn't hang on that."""
    ratios = np.array([[0.1, 0.3, 0.3 + 1e-14, 0.2], [-2.0, -1e3, -3.0, -2.0 + 1e-12], [0.0, 1e-6, 0.0, 0.0]])

    assert first_best(ratios).tolist() == [1, 0, 1]


@pytest.mark.parametrize(("lanes", "rows"), [(0, 10), (1, 10**9), (5, 0), (1000, 5000)])
def test_chunks_cover_every_lane_once(lanes, rows):
    """However long the lanes are, each is in one chunk, and a chunk holds no more numbers than it may."""
    found = list(lane_chunks(lanes, rows=rows))

    assert [lane for chunk in found for lane in range(lanes)[chunk]] == list(range(lanes))
    assert all((chunk.stop - chunk.start) * rows <= chunks.LARGEST or chunk.stop - chunk.start == 1 for chunk in found)
