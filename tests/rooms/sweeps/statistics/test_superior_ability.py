"""White's reality check and Hansen's test, against arch, plain loops and what must hold of p-values."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from runner.sweeps.statistics import lane_chunks as chunks
from runner.sweeps.statistics import superior_ability as ability
from runner.sweeps.statistics.stationary_bootstrap import drawn_rows
from runner.sweeps.statistics.superior_ability import (
    long_run_deviation,
    superior_ability,
    superior_ability_of_draws,
)

NAMES = ("reality_check", "lower", "consistent", "upper")


def judged(excess, *, seed=1, mean_block=5.0, resamples=500):
    return superior_ability(excess, np.random.default_rng(seed), mean_block=mean_block, resamples=resamples)


def p_values(found):
    return [getattr(found, name) for name in NAMES]


def by_loops(excess, draws, mean_block):
    """Return the four p-values by Hansen's formulas, a lane and a history at a time."""
    rows, lanes = excess.shape
    root, q = math.sqrt(rows), 1 / mean_block
    means = [math.fsum(excess[:, lane]) / rows for lane in range(lanes)]
    deviations = []
    for lane in range(lanes):
        away = excess[:, lane] - means[lane]
        covariance = [math.fsum(away[: rows - lag] * away[lag:]) / rows for lag in range(rows)]
        kernel = [(rows - lag) / rows * (1 - q) ** lag + lag / rows * (1 - q) ** (rows - lag) for lag in range(rows)]
        variance = covariance[0] + 2 * math.fsum(k * c for k, c in zip(kernel[1:], covariance[1:], strict=True))
        deviations.append(math.sqrt(variance))
    bound = -math.sqrt(2 * math.log(math.log(rows)))
    recentred = {
        "lower": [max(each, 0.0) for each in means],
        "consistent": [m if root * m / w >= bound else 0.0 for m, w in zip(means, deviations, strict=True)],
        "upper": means,
    }
    seen = max(0.0, *(root * m / w for m, w in zip(means, deviations, strict=True)))
    reached = dict.fromkeys(NAMES, 0)
    for drawn in draws:
        later = [math.fsum(excess[drawn, lane]) / rows for lane in range(lanes)]
        reached["reality_check"] += max(a - m for a, m in zip(later, means, strict=True)) >= max(means)
        for name, centre in recentred.items():
            highest = max(0.0, *(root * (a - g) / w for a, g, w in zip(later, centre, deviations, strict=True)))
            reached[name] += highest >= seen
    return [(1 + reached[name]) / (1 + len(draws)) for name in NAMES]


@pytest.mark.parametrize("slope", [0.0, 0.0015, 0.004])
def test_plain_loops_find_the_same(waves, slope, monkeypatch):
    """Products of matrices, chunks of lanes and Fourier transforms give what going through the rows gives."""
    monkeypatch.setattr(chunks, "LARGEST", 400)
    excess = waves(70, 9) - slope * np.arange(9)[::-1]
    draws = drawn_rows(np.random.default_rng(2), rows=70, resamples=120, mean_block=4.0)

    found = superior_ability_of_draws(excess, iter([draws[:50], draws[50:]]), mean_block=4.0)

    assert p_values(found) == by_loops(excess, draws, 4.0)
    assert (found.lanes, found.resamples, found.mean_block) == (9, 120, 4.0)


def test_the_deviations_are_those_of_arch(waves):
    """The package arch 8.0.0, `SPA(0, -returns, block_size=5)`, says these of the six lanes."""
    found = long_run_deviation(waves(200, 6), mean_block=5.0)

    assert found == pytest.approx(
        [
            0.014553281315316064,
            0.015556959679048094,
            0.014202931301801376,
            0.014904906128620804,
            0.015742102449245288,
            0.0158327002723992,
        ],
        rel=1e-10,
    )


def test_the_deviation_is_that_of_drawn_means(waves):
    """The formula is what drawing comes to: 20,000 means of drawn histories deviate by it, within 3 %."""
    returns = waves(120, 3)
    drawn = drawn_rows(np.random.default_rng(3), rows=120, resamples=20_000, mean_block=6.0)

    spread = math.sqrt(120) * returns[drawn].mean(axis=1).std(axis=0)

    assert long_run_deviation(returns, mean_block=6.0) == pytest.approx(spread, rel=0.03)


@pytest.mark.parametrize(
    ("slope", "expected"),
    [
        (0.0, {"reality_check": 0.39587, "lower": 0.34177, "consistent": 0.43518, "upper": 0.43518}),
        (0.0015, {"reality_check": 0.39291, "lower": 0.09656, "consistent": 0.15718, "upper": 0.43125}),
    ],
)
def test_the_p_values_are_those_of_arch(waves, slope, expected):
    """The package arch 8.0.0 says so from 100,000 histories.

    Its statistic isn't divided by the deviation: its upper value is White's reality check, and given lanes that were divided by
    their deviations its three values are Hansen's. Two draws of 20,000 and 100,000 lie within four errors, 0.0155.
    """
    excess = waves(200, 6) - slope * np.arange(6)[::-1]

    found = judged(excess, resamples=20_000)

    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, abs=0.0155)


def test_a_skilled_lane_is_found():
    """One lane with a ratio of 0.2 a day among a hundred without is seen through by all four."""
    excess = np.random.default_rng(4).normal(size=(750, 100))
    excess[:, 42] += 0.2

    assert max(p_values(judged(excess))) < 0.02


def test_hopeless_lanes_hide_a_good_one_only_from_those_who_count_them():
    """Fifty wild losers swamp the reality check and Hansen's upper value, not his consistent one."""
    generator = np.random.default_rng(5)
    good = generator.normal(size=(500, 1)) + 0.12
    losers = 10 * generator.normal(size=(500, 50)) - 5.0

    found = judged(np.concatenate([good, losers], axis=1))

    assert found.consistent < 0.05
    assert found.lower <= found.consistent
    assert found.upper > 2 * found.consistent
    assert found.reality_check > 0.5


def test_p_values_of_pure_noise_are_even():
    """Over 300 sweeps without skill the p-values of the tests that count every lane are spread evenly over 0 to 1."""
    generator = np.random.default_rng(6)

    found = [
        superior_ability(generator.normal(size=(120, 15)), generator, mean_block=1.0, resamples=199) for _ in range(300)
    ]

    for name in ("reality_check", "upper"):
        values = [getattr(each, name) for each in found]
        assert kstest(values, "uniform").pvalue > 0.01
        assert np.mean(np.array(values) <= 0.05) == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 300))
    assert np.mean([each.consistent <= 0.05 for each in found]) < 0.12


def test_where_no_lane_gains_nothing_is_shown():
    """All lanes lose, or never trade: any drawn history reaches that."""
    losing = np.random.default_rng(7).normal(size=(100, 4)) - 3.0

    assert p_values(judged(np.zeros((100, 4)))) == [1.0] * 4
    found = judged(losing)
    assert (found.lower, found.consistent, found.upper) == (1.0, 1.0, 1.0)
    assert found.reality_check == 1.0


def test_a_still_lane_wins_nothing(waves):
    """A lane that never trades changes no p-value: it can't be the best of Hansen's, and has nothing to gain in White's."""
    excess = waves(90, 4)

    alone, beside = judged(excess), judged(np.concatenate([excess, np.zeros((90, 1))], axis=1))

    assert p_values(alone) == p_values(beside)


def test_no_p_value_is_zero():
    """Ninety-nine histories can't show more than one in a hundred."""
    sure = np.random.default_rng(8).normal(size=(200, 2)) + 3.0

    assert p_values(judged(sure, resamples=99)) == [0.01] * 4


def test_histories_in_batches_are_the_generator_s(waves, monkeypatch):
    """Long records draw a few histories at a time, as many in all as were asked for."""
    monkeypatch.setattr(ability, "HISTORIES_AT_ONCE", 1_000)

    assert judged(waves(90, 3), resamples=25).resamples == 25


@pytest.mark.parametrize(
    ("shape", "mean_block", "resamples", "match"),
    [
        ((2, 3), 1.0, 10, "3 rows, a lane and a block within them"),
        ((9, 0), 1.0, 10, "3 rows, a lane and a block within them"),
        ((9, 3), 0.5, 10, "must be at least 1|a block within them"),
        ((9, 3), 10.0, 10, "a block within them"),
        ((9, 3), 2.0, 0, "resamples must be at least 1"),
    ],
)
def test_impossible_tests_are_refused(shape, mean_block, resamples, match):
    """Shapes and arguments that can't be tested are slips."""
    with pytest.raises(ValueError, match=match):
        judged(np.ones(shape), mean_block=mean_block, resamples=resamples)


def test_a_hole_is_refused(waves):
    """A drawn history with a return that isn't there has no mean."""
    excess = waves(40, 3)
    excess[3, 1] = np.nan

    with pytest.raises(ValueError, match="returns must be finite"):
        judged(excess)


@given(seed=st.integers(0, 2**32), lanes=st.integers(1, 12), scale=st.sampled_from([0.001, 0.5, 64.0]))
@settings(max_examples=40, deadline=None)
def test_order_scale_and_copies_change_no_p_value(seed, lanes, scale):
    """Lanes in another order, in another unit and twice are as likely the luck of choosing as before."""
    generator = np.random.default_rng(seed)
    excess, order = 0.01 * generator.normal(size=(40, lanes)) + 0.001, generator.permutation(lanes)
    expected = p_values(judged(excess, resamples=60))

    assert p_values(judged(excess[:, order], resamples=60)) == expected
    assert p_values(judged(scale * excess, resamples=60)) == expected
    assert p_values(judged(np.concatenate([excess, excess[:, :1]], axis=1), resamples=60)) == expected
    lower, consistent, upper = expected[1:]
    assert lower <= consistent <= upper
