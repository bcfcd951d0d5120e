"""Make the verdict on a sweep from what its lanes returned.

1. Lanes whose record has a hole are counted but not compared: `_compared`.
2. The best lane is the one with the highest metric: `_best`; what luck alone gives: `_luck`.
3. Lanes against each other: `_halvings`, `_superiority`. Lanes around the best: `plateau`.
4. The same lanes, chosen by the past only: `_walk`, `_paths`.

A figure that the record is too short for is None, and the words say so; nothing is computed from less than it needs.

Why lanes with holes stay out: a lane without a return has none to be ranked by, and any number in its place would be made
up. It remains one of the trials.
"""

from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.sweeps.statistics.block_length import LEAST_ROWS, mean_block_length
from runner.sweeps.statistics.combinatorial import combinatorial_splits, path_returns
from runner.sweeps.statistics.deflated_sharpe import deflated_sharpe, expected_maximum
from runner.sweeps.statistics.effective_trials import EffectiveTrials, effective_trials
from runner.sweeps.statistics.out_of_sample import out_of_sample
from runner.sweeps.statistics.overfitting import backtest_overfitting
from runner.sweeps.statistics.plateau import Plateau, plateau
from runner.sweeps.statistics.probabilistic_sharpe import minimum_track_record, probabilistic_sharpe
from runner.sweeps.statistics.sharpe import Moments, moments_of, sharpe_ratios
from runner.sweeps.statistics.superior_ability import SuperiorAbility, superior_ability
from runner.sweeps.statistics.verdict import BestLane, Halvings, Luck, Paths, Verdict, Walk
from runner.sweeps.statistics.walk_forward import WalkForward, walk_forward

__all__ = ["Criteria", "Evidence", "judge"]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a sweep found out."""

    returns: Values
    """[T, N] per period, net of costs, all lanes over the same window; NaN where a lane has none."""
    metric: Values
    """[N] what lanes are ranked by, higher is better; NaN where a lane has none."""
    positions: NDArray[np.int64]
    """[N, axes] place of each lane on each axis, in the axis's order."""
    is_ordinal: tuple[bool, ...]
    """[axes] whether the places of an axis have an order."""
    trials: int
    """Trials in the ledger for these data, those of this sweep included: N or more."""
    instants: NDArray[np.int64] | None = None
    """[T] UTC nanoseconds at which each return was known, ascending; None where time plays no part."""
    sampled_from: int = 0
    """Lanes that these N are a sample of, spread over them and with the best of them; 0 where there are no others."""

    def __post_init__(self) -> None:
        rows, lanes = self.returns.shape
        fits = self.metric.shape == (lanes,) and self.positions.shape == (lanes, len(self.is_ordinal))
        if not fits or (self.instants is not None and self.instants.shape != (rows,)) or lanes == 0:
            raise ValueError(
                f"returns {self.returns.shape}, metric {self.metric.shape}, positions {self.positions.shape} and instants"
                " must share lanes, axes and rows, of one lane or more"
            )
        if self.trials < max(lanes, self.sampled_from):
            raise ValueError(f"trials must count the {max(lanes, self.sampled_from)} lanes of the sweep, were {self.trials}")
        if 0 < self.sampled_from < lanes:
            raise ValueError(f"sampled_from must count the {lanes} lanes as well, was {self.sampled_from}")


@dataclass(frozen=True, slots=True)
class Criteria:
    """How a sweep is judged."""

    periods_per_year: float
    """Periods in a year, to speak in years."""
    confidence: float = 0.95
    """How sure a track record is to make."""
    blocks: int = 16
    """Blocks that the record is halved by."""
    resamples: int = 1_000
    """Histories drawn for the tests of superior ability."""
    radius: int = 2
    """Places around the best lane that are looked at."""
    tolerance: float = 0.1
    """Share of the best metric that a lane of the plateau may lack."""
    walk: WalkForward | None = None
    """How to walk forward; anchored and rolling are both walked. Its span and embargo hold for the paths as well."""
    groups: int = 6
    """Groups of combinatorial cross-validation."""
    tested: int = 2
    """Groups of them that test at once."""


def judge(evidence: Evidence, criteria: Criteria, generator: Generator) -> Verdict:
    """Return the verdict on a sweep.

    Args:
        evidence: What it found out.
        criteria: How it is judged.
        generator: Where the drawn histories come from; the same state gives the same verdict.

    Raises:
        ValueError: an argument is out of its range, or the instants don't ascend.
    """
    rows, lanes = evidence.returns.shape
    returns = _compared(evidence.returns)
    effective = effective_trials(returns) if returns.shape[1] else None
    alone = _alone(evidence)
    moments = None if alone is None else moments_of(alone)
    return Verdict(
        periods=rows,
        periods_per_year=criteria.periods_per_year,
        confidence=criteria.confidence,
        lanes=lanes,
        compared=returns.shape[1],
        sampled_from=evidence.sampled_from,
        trials=evidence.trials,
        effective=effective,
        best=_best(evidence, moments, criteria),
        luck=_luck(returns, moments, float(evidence.trials), criteria),
        luck_effective=_luck(returns, moments, _reckoned(effective, evidence, returns.shape[1]), criteria),
        halvings=_halvings(returns, criteria),
        superiority=_superiority(returns, alone, criteria, generator),
        plateau=_plateau(evidence, criteria),
        anchored=_walk(returns, evidence.instants, criteria, is_anchored=True),
        rolling=_walk(returns, evidence.instants, criteria, is_anchored=False),
        paths=_paths(returns, evidence.instants, criteria),
        purged_ns=0 if criteria.walk is None else criteria.walk.span_ns,
        embargo_ns=0 if criteria.walk is None else criteria.walk.embargo_ns,
    )


def _compared(returns: Values) -> Values:
    """Return the lanes whose record has no holes, [T, compared]."""
    whole = np.isfinite(returns).all(axis=0)
    return returns if whole.all() else returns[:, whole]


def _best_place(evidence: Evidence) -> int | None:
    """Return the lane with the highest metric, the first of equals; None where no lane has one."""
    known = np.isfinite(evidence.metric)
    return int(np.where(known, evidence.metric, -np.inf).argmax()) if known.any() else None


def _alone(evidence: Evidence) -> Values | None:
    """Return the record of the best lane; None where there is no best lane, or its record has holes."""
    place = _best_place(evidence)
    if place is None or not np.isfinite(evidence.returns[:, place]).all():
        return None
    return evidence.returns[:, place]


def _best(evidence: Evidence, moments: Moments | None, criteria: Criteria) -> BestLane | None:
    place = _best_place(evidence)
    if place is None:
        return None
    if moments is None or not isfinite(moments.sharpe):
        return BestLane(place, *[None] * 5)
    return BestLane(
        place,
        moments.sharpe,
        moments.skewness,
        moments.kurtosis,
        _known(probabilistic_sharpe(moments)),
        _known(minimum_track_record(moments, confidence=criteria.confidence)),
    )


def _reckoned(effective: EffectiveTrials | None, evidence: Evidence, compared: int) -> float:
    """Return the effective number of all trials.

    Those that weren't compared could have been anything, and count fully. A sample stands for the lanes it was taken from in
    proportion, which is too many where these lie close together: it errs to the careful side.
    """
    number = 0.0 if effective is None else effective.number
    lanes = evidence.returns.shape[1]
    scale = max(evidence.sampled_from, lanes) / lanes
    return float(max(1.0, number * scale + evidence.trials - compared * scale))


def _luck(returns: Values, moments: Moments | None, trials: float, criteria: Criteria) -> Luck | None:
    ratios = sharpe_ratios(returns)
    ratios = ratios[np.isfinite(ratios)]
    if ratios.size < 2:
        return None
    deviation = float(ratios.std(ddof=1))
    highest = expected_maximum(trials=trials, deviation=deviation)
    if moments is None:
        return Luck(trials, deviation, highest, None, None)
    record = minimum_track_record(moments, benchmark=highest, confidence=criteria.confidence)
    deflated = deflated_sharpe(moments, trials=trials, deviation=deviation)
    return Luck(trials, deviation, highest, _known(deflated), _known(record))


def _halvings(returns: Values, criteria: Criteria) -> Halvings | None:
    if returns.shape[1] < 2 or returns.shape[0] < 2 * criteria.blocks:
        return None
    found = backtest_overfitting(returns, blocks=criteria.blocks)
    dominance = found.dominance
    return Halvings(
        criteria.blocks,
        found.logits.size,
        found.probability,
        _known(found.slope),
        found.loss,
        dominance.first,
        dominance.second,
    )


def _superiority(returns: Values, alone: Values | None, criteria: Criteria, generator: Generator) -> SuperiorAbility | None:
    if alone is None or returns.shape[0] < LEAST_ROWS:
        return None
    return superior_ability(returns, generator, mean_block=mean_block_length(alone), resamples=criteria.resamples)


def _plateau(evidence: Evidence, criteria: Criteria) -> Plateau | None:
    if _best_place(evidence) is None:
        return None
    return plateau(
        evidence.positions,
        evidence.metric,
        is_ordinal=evidence.is_ordinal,
        radius=criteria.radius,
        tolerance=criteria.tolerance,
    )


def _walk(returns: Values, instants: NDArray[np.int64] | None, criteria: Criteria, *, is_anchored: bool) -> Walk | None:
    if instants is None or criteria.walk is None or returns.size == 0:
        return None
    splits = walk_forward(instants, replace(criteria.walk, is_anchored=is_anchored))
    if not splits:
        return None
    found = out_of_sample(returns, splits)
    sharpe = float(sharpe_ratios(found.returns[:, None])[0])
    return Walk(len(splits), int(np.unique(found.lanes).size), found.rows.size, _known(sharpe), float(found.equity[-1]))


def _paths(returns: Values, instants: NDArray[np.int64] | None, criteria: Criteria) -> Paths | None:
    if instants is None or returns.shape[1] == 0 or returns.shape[0] < 2 * criteria.groups:
        return None
    walk = criteria.walk
    span, embargo = (walk.span_ns, walk.embargo_ns) if walk else (0, 0)
    plan = combinatorial_splits(instants, groups=criteria.groups, tested=criteria.tested, span_ns=span, embargo_ns=embargo)
    if min(split.train.size for split in plan.splits) < 2:
        return None
    ratios = np.nan_to_num(sharpe_ratios(path_returns(returns, plan).T), nan=0.0)
    return Paths(ratios.size, float(ratios.min()), float(np.median(ratios)), float(ratios.max()))


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
