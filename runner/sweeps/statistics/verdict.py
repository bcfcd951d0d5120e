"""The verdict on a sweep: every figure in one value, None where it is undefined.

Ratios are per period unless said otherwise; `judge` makes the verdict, `words_of` says it.
"""

from dataclasses import dataclass

from runner.sweeps.statistics.effective_trials import EffectiveTrials
from runner.sweeps.statistics.plateau import Plateau
from runner.sweeps.statistics.superior_ability import SuperiorAbility

__all__ = ["BestLane", "Halvings", "Luck", "Paths", "Verdict", "Walk"]


@dataclass(frozen=True, slots=True)
class BestLane:
    """The lane with the highest metric, taken alone. None in all but `lane` where its record has holes or doesn't move."""

    lane: int
    sharpe: float | None
    """Per period."""
    skewness: float | None
    kurtosis: float | None
    """Raw: 3 for normal returns."""
    probabilistic: float | None
    """Probability that the true Sharpe ratio is above 0."""
    track_record: float | None
    """Periods it takes to be sure of that; None also where the ratio isn't above 0, and no record is long enough."""


@dataclass(frozen=True, slots=True)
class Luck:
    """What choosing among that many trials gives by itself."""

    trials: float
    """Independent trials that are reckoned with."""
    deviation: float
    """Sample deviation of the lanes' Sharpe ratios, per period."""
    expected_maximum: float
    """Highest Sharpe ratio per period that so many trials without skill are expected to show."""
    deflated: float | None
    """Probability that the best lane's true Sharpe ratio is above that."""
    track_record: float | None
    """Periods it takes to be sure of that; None also where the lane's ratio isn't above it."""


@dataclass(frozen=True, slots=True)
class Halvings:
    """What became of the best lane of each half of the record in the other half."""

    blocks: int
    combinations: int
    overfitting: float
    """Probability of backtest overfitting."""
    slope: float | None
    """Of the ratio out of sample on the ratio in sample."""
    loss: float
    """Probability of a loss out of sample."""
    dominates: bool
    """Whether choosing beats a lane at random for all who prefer more."""
    dominates_averse: bool
    """Whether it does for all who also dislike risk."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What the best lane of each training window came to in the window after it."""

    windows: int
    lanes: int
    """Different lanes that were chosen."""
    periods: int
    sharpe: float | None
    """Per period."""
    growth: float
    """What 1 became."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Sharpe ratios per period of the paths of combinatorial purged cross-validation; a path that never moves has 0."""

    number: int
    lowest: float
    median: float
    highest: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the best lane of a sweep is worth."""

    periods: int
    """T, rows of the record."""
    periods_per_year: float
    confidence: float
    """How sure the track records are asked to make."""
    lanes: int
    """Lanes of the sweep."""
    compared: int
    """Lanes whose record has no holes: those that the figures of several lanes rest on."""
    trials: int
    """Trials ever made on these data, those of this sweep included."""
    effective: EffectiveTrials | None
    """What the compared lanes amount to; None without any."""
    best: BestLane | None
    """None where no lane has a metric."""
    luck: Luck | None
    """By the true number of trials; None with fewer than two lanes that move."""
    luck_effective: Luck | None
    """By the effective number; trials without a record here count fully."""
    halvings: Halvings | None
    """None with fewer than two compared lanes, or fewer periods than two per block."""
    superiority: SuperiorAbility | None
    """Against holding nothing; None without compared lanes or with too short a record."""
    plateau: Plateau | None
    """None where no lane has a metric."""
    anchored: Walk | None
    rolling: Walk | None
    """None where no walk was asked for, or the record is too short for one."""
    paths: Paths | None
    """None where the instants aren't known, or the record is too short."""
    purged_ns: int = 0
    """Nanoseconds before a test, and after one, whose rows don't teach, since what was decided there was open."""
    embargo_ns: int = 0
    """Further nanoseconds whose rows don't."""
    sampled_from: int = 0
    """Lanes that `lanes` are a sample of, spread over them and with the best of them; 0 where there are no others."""
