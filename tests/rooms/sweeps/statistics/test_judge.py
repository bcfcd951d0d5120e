"""The verdict as a whole: every figure is the one its own function gives, and None where it must be."""

import json
from dataclasses import asdict, replace
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.sweeps.statistics import Criteria, Evidence, WalkForward, judge, words_of
from runner.sweeps.statistics.block_length import mean_block_length
from runner.sweeps.statistics.combinatorial import combinatorial_splits, path_returns
from runner.sweeps.statistics.deflated_sharpe import deflated_sharpe, expected_maximum
from runner.sweeps.statistics.effective_trials import effective_trials
from runner.sweeps.statistics.out_of_sample import out_of_sample
from runner.sweeps.statistics.overfitting import backtest_overfitting
from runner.sweeps.statistics.plateau import plateau
from runner.sweeps.statistics.probabilistic_sharpe import minimum_track_record, probabilistic_sharpe
from runner.sweeps.statistics.sharpe import moments_of, sharpe_ratios
from runner.sweeps.statistics.superior_ability import superior_ability
from runner.sweeps.statistics.walk_forward import walk_forward

DAY = 86_400 * 10**9
WALK = WalkForward(train_ns=60 * DAY, test_ns=20 * DAY, span_ns=3 * DAY, embargo_ns=DAY)
CRITERIA = Criteria(periods_per_year=252.0, blocks=8, resamples=200, walk=WALK)


def evidence(returns, *, trials=None, metric=None):
    """Return what a sweep over a grid of two axes, three places wide, found out."""
    rows, lanes = returns.shape
    return Evidence(
        returns=returns,
        metric=sharpe_ratios(returns) if metric is None else np.array(metric, dtype=float),
        positions=np.stack(np.divmod(np.arange(lanes), 3), axis=1),
        is_ordinal=(True, True),
        trials=trials or lanes,
        instants=np.arange(rows, dtype=np.int64) * DAY,
    )


def judged(found, criteria=CRITERIA, seed=1):
    return judge(found, criteria, np.random.default_rng(seed))


def test_every_figure_is_that_of_its_own_function(waves):
    """The verdict gathers and doesn't reckon anew."""
    returns = waves(200, 12)
    found = evidence(returns, trials=40)
    ratios = sharpe_ratios(returns)
    moments = moments_of(returns[:, ratios.argmax()])
    spread = ratios.std(ddof=1)
    number = effective_trials(returns).number + 28
    halvings = backtest_overfitting(returns, blocks=8)
    block = mean_block_length(returns[:, ratios.argmax()])
    walks = [
        out_of_sample(returns, walk_forward(found.instants, replace(WALK, is_anchored=anchored)))
        for anchored in (True, False)
    ]
    plan = combinatorial_splits(found.instants, span_ns=3 * DAY, embargo_ns=DAY)
    paths = sharpe_ratios(path_returns(returns, plan).T)

    verdict = judged(found)

    assert (verdict.periods, verdict.lanes, verdict.compared, verdict.trials) == (200, 12, 12, 40)
    assert verdict.effective == effective_trials(returns)
    assert verdict.best.lane == ratios.argmax()
    assert verdict.best.sharpe == moments.sharpe
    assert verdict.best.probabilistic == probabilistic_sharpe(moments)
    assert verdict.best.track_record == minimum_track_record(moments)
    assert verdict.luck.expected_maximum == expected_maximum(trials=40, deviation=spread)
    assert verdict.luck.deflated == deflated_sharpe(moments, trials=40, deviation=spread)
    assert verdict.luck_effective.trials == number
    assert verdict.luck_effective.deflated == deflated_sharpe(moments, trials=number, deviation=spread)
    assert verdict.halvings.overfitting == halvings.probability
    assert (verdict.halvings.slope, verdict.halvings.loss) == (halvings.slope, halvings.loss)
    assert verdict.superiority == superior_ability(returns, np.random.default_rng(1), mean_block=block, resamples=200)
    assert verdict.plateau == plateau(found.positions, found.metric, is_ordinal=(True, True))
    for walk, expected in zip((verdict.anchored, verdict.rolling), walks, strict=True):
        assert walk.growth == expected.equity[-1]
        assert walk.sharpe == moments_of(expected.returns).sharpe
        assert (walk.periods, walk.lanes) == (expected.returns.size, len(set(expected.lanes.tolist())))
    assert verdict.paths.number == 5
    assert (verdict.paths.lowest, verdict.paths.highest) == (paths.min(), paths.max())


def test_a_skilled_lane_is_found_and_noise_is_not():
    """One lane with a true ratio of 0.2 a day passes every test; the best of pure noise passes none that knows of the others."""
    noise = 0.01 * np.random.default_rng(3).normal(size=(1_000, 30))
    skilled = noise.copy()
    skilled[:, 13] += 0.002

    good, lucky = judged(evidence(skilled)), judged(evidence(noise))

    assert good.best.lane == 13
    assert good.luck.deflated > 0.95
    assert good.luck.track_record < 1_000
    assert good.halvings.overfitting < 0.05
    assert good.superiority.consistent < 0.01
    assert good.anchored.sharpe > 0.1
    assert good.paths.lowest > 0.1
    assert lucky.best.probabilistic > 0.95
    assert lucky.luck.deflated < 0.95
    assert lucky.halvings.overfitting > 0.1
    assert lucky.superiority.consistent > 0.05


def test_earlier_trials_on_the_same_data_count(waves):
    """The more was tried before this sweep, the less its best lane is worth."""
    deflated = [judged(evidence(waves(200, 9), trials=trials)).luck.deflated for trials in (9, 100, 10_000)]

    assert deflated == sorted(deflated, reverse=True)
    assert len(set(deflated)) == 3


def test_a_lane_with_a_hole_is_a_trial_but_not_compared(waves):
    """Its rank is nobody's to make up; the others are compared as if it weren't there."""
    returns = waves(200, 9)
    holed = np.concatenate([returns, np.full((200, 1), np.nan)], axis=1)
    holed[:50, 9] = 0.01

    without, beside = judged(evidence(returns, trials=10)), judged(evidence(holed, trials=10))

    assert (beside.lanes, beside.compared, beside.trials) == (10, 9, 10)
    assert beside.superiority == without.superiority
    # Memory is laid out otherwise once a lane is taken out, and sums end in other digits.
    for part in ("luck", "halvings", "anchored"):
        assert asdict(getattr(beside, part)) == pytest.approx(asdict(getattr(without, part)), rel=1e-9)


def test_a_best_lane_with_a_hole_has_no_figures(waves):
    """The highest metric may belong to a lane whose record is broken: it is named, and nothing is said of its ratio."""
    returns = waves(200, 6)
    returns[100, 2] = np.nan

    verdict = judged(evidence(returns, metric=[1, 2, 9, 3, 4, 5]))

    assert verdict.best.lane == 2
    assert set(list(asdict(verdict.best).values())[1:]) == {None}
    assert verdict.superiority is None
    assert verdict.luck.deflated is None
    assert verdict.halvings is not None


@pytest.mark.parametrize("rows", [1, 2, 3, 8, 11, 12, 15, 16])
def test_short_records_have_the_figures_they_allow(waves, rows):
    """Nothing is computed from less than it needs, and nothing falls over."""
    verdict = judged(evidence(waves(rows, 6), metric=range(6)), replace(CRITERIA, walk=WalkForward(60 * DAY, 20 * DAY)))

    assert (verdict.best.sharpe is None) == (rows < 2)
    assert (verdict.luck is None) == (rows < 2)
    assert (verdict.superiority is None) == (rows < 9)
    assert (verdict.paths is None) == (rows < 12)
    assert (verdict.halvings is None) == (rows < 16)
    assert verdict.anchored is verdict.rolling is None
    assert len(words_of(verdict)) > 8


@pytest.mark.parametrize(
    "returns",
    [np.zeros((100, 3)), np.full((100, 3), np.nan), np.zeros((0, 3)), np.full((100, 1), 0.001)],
    ids=["still", "broken", "empty", "alone"],
)
def test_where_there_is_nothing_to_judge_nothing_is_said(returns):
    """Lanes that never trade, lanes without a return and a lane by itself have a verdict all the same."""
    verdict = judged(evidence(returns))

    assert verdict.luck is None
    assert verdict.best is None
    assert verdict.plateau is None
    assert json.dumps(asdict(verdict), allow_nan=False)
    assert "No lane has a metric, so there is no best one." in words_of(verdict)


def test_time_plays_no_part_unless_it_is_known(waves):
    """Without instants or windows nothing is walked; the other figures are the same."""
    found = evidence(waves(200, 6))

    timeless, unwalked = judged(replace(found, instants=None)), judged(found, replace(CRITERIA, walk=None))

    assert timeless.anchored is timeless.rolling is timeless.paths is None
    assert unwalked.anchored is unwalked.rolling is None
    assert unwalked.paths is not None
    assert timeless.halvings == judged(found).halvings


def test_a_span_that_leaves_nothing_to_train_by_leaves_no_paths(waves):
    """Positions held for longer than the record purge all of it."""
    verdict = judged(evidence(waves(100, 6)), replace(CRITERIA, walk=replace(WALK, span_ns=200 * DAY)))

    assert verdict.paths is verdict.anchored is None


@given(seed=st.integers(0, 2**32), lanes=st.integers(2, 12))
@settings(max_examples=25, deadline=None)
def test_order_of_lanes_changes_no_verdict(seed, lanes):
    """Lanes in another order have the same verdict, with the best lane under its new place."""
    generator = np.random.default_rng(seed)
    found, order = evidence(0.01 * generator.normal(size=(60, lanes))), generator.permutation(lanes)
    shuffled = replace(found, returns=found.returns[:, order], metric=found.metric[order], positions=found.positions[order])

    first, second = judged(found), judged(shuffled)

    assert order[second.best.lane] == first.best.lane
    assert second.superiority == first.superiority
    assert second.halvings.overfitting == first.halvings.overfitting
    assert second.luck.deflated == pytest.approx(first.luck.deflated, rel=1e-9)
    assert (second.plateau.shares, second.plateau.region) == (first.plateau.shares, first.plateau.region)
    assert second.anchored is first.anchored is None
    assert second.paths.median == pytest.approx(first.paths.median, rel=1e-9)


def test_the_same_generator_gives_the_same_verdict(waves):
    """Chance comes from the generator handed in and from nowhere else."""
    found = evidence(waves(200, 6))

    assert judged(found, seed=4) == judged(found, seed=4)
    assert judged(found, seed=4).superiority != judged(found, seed=5).superiority


def test_a_verdict_can_be_written_as_json(waves):
    """Every figure is a number, a flag or null, never NaN."""
    verdict = judged(evidence(waves(200, 6)))

    written = json.loads(json.dumps(asdict(verdict), allow_nan=False))

    assert written["luck"]["deflated"] == verdict.luck.deflated
    assert written["plateau"]["shares"] == list(verdict.plateau.shares)
    assert not isnan(written["best"]["kurtosis"])


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"metric": np.ones(2)}, "must share lanes, axes and rows"),
        ({"is_ordinal": (True,)}, "must share lanes, axes and rows"),
        ({"instants": np.arange(3)}, "must share lanes, axes and rows"),
        ({"trials": 5}, "trials must count the 6 lanes of the sweep, were 5"),
    ],
)
def test_evidence_that_does_not_fit_is_refused(waves, changes, match):
    """Lanes, axes and rows are the same throughout, and the ledger knows at least the lanes of the sweep."""
    with pytest.raises(ValueError, match=match):
        replace(evidence(waves(50, 6)), **changes)
