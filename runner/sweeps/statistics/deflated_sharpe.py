"""What the best of many is worth: a Sharpe ratio against the best that as many trials without skill would have shown.

    s₀ = σ ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e)))
    DSR = PSR(s₀)

`N` is the number of trials, `σ` the deviation of the trials' Sharpe ratios per period, `γ` = 0.5772… the Euler-Mascheroni
constant. Every trial counts that was ever made on the same data, also those of earlier sweeps and those that failed: who
looked at them chose against them.

Source: Bailey and López de Prado (2014), "The Deflated Sharpe Ratio: Correcting for Selection Bias, Backtest Overfitting,
and Non-Normality", Journal of Portfolio Management 40(5), pp. 94-107: the expected maximum is its equation 1, the ratio its
equation 2.
"""

import math
from statistics import NormalDist

from runner.sweeps.statistics.probabilistic_sharpe import probabilistic_sharpe
from runner.sweeps.statistics.sharpe import Moments

__all__ = ["deflated_sharpe", "expected_maximum"]

NORMAL = NormalDist()
EULER_MASCHERONI = 0.5772156649015329


def expected_maximum(*, trials: float, deviation: float) -> float:
    """Return the highest Sharpe ratio that trials without skill are expected to show, in the unit of `deviation`.

    Args:
        trials: Number of independent trials, one or more; an effective number needn't be whole. One trial is no choice, and
            its expected maximum is 0; so is that of fewer than 1.3, where the approximation would fall below.
        deviation: Standard deviation of the trials' Sharpe ratios; NaN gives NaN.

    Raises:
        ValueError: there are fewer trials than one, or the deviation is negative.
    """
    if not trials >= 1.0 or deviation < 0.0:
        raise ValueError(f"trials must be at least 1 and deviation at least 0, were {trials} and {deviation}")
    if trials == 1.0:
        return 0.0
    far, farther = NORMAL.inv_cdf(1.0 - 1.0 / trials), NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return deviation * max(0.0, (1.0 - EULER_MASCHERONI) * far + EULER_MASCHERONI * farther)


def deflated_sharpe(moments: Moments, *, trials: float, deviation: float) -> float:
    """Return the probability, 0 to 1, that the true Sharpe ratio is above what choosing among trials gives by itself.

    NaN where the ratio or the deviation is undefined. Arguments and errors are those of `expected_maximum`.

    Args:
        moments: Of the lane that was chosen.
        trials: Number of independent trials it was chosen from.
        deviation: Standard deviation of their Sharpe ratios, per period.
    """
    return probabilistic_sharpe(moments, benchmark=expected_maximum(trials=trials, deviation=deviation))
