"""How sure a Sharpe ratio is: the probability that the true one beats a benchmark, and how long a record must be for that.

    PSR(s*) = Φ( (s − s*) √(n − 1) / √(1 − γ₃ s + (γ₄ − 1)/4 s²) )
    MinTRL(s*) = 1 + (1 − γ₃ s + (γ₄ − 1)/4 s²) (Φ⁻¹(confidence) / (s − s*))²

`s` is the Sharpe ratio per period, `s*` the benchmark in the same unit, `γ₃` the skewness, `γ₄` the raw kurtosis (3 for
normal returns) and `n` the number of returns. Returns that come in streaks make both too optimistic: the formulas take
them for independent from period to period.

Source: Bailey and López de Prado (2012), "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), the sections on the
probabilistic Sharpe ratio and on the minimum track record length.
"""

import math
from statistics import NormalDist

from runner.sweeps.statistics.sharpe import Moments

__all__ = ["minimum_track_record", "probabilistic_sharpe"]

NORMAL = NormalDist()


def probabilistic_sharpe(moments: Moments, *, benchmark: float = 0.0) -> float:
    """Return the probability, 0 to 1, that the true Sharpe ratio per period is above `benchmark`, per period as well.

    NaN where the ratio is undefined, with fewer than two returns, or where its error is: returns of two values only.
    """
    spread = _spread(moments)
    if not spread > 0.0 or moments.periods < 2:
        return math.nan
    return NORMAL.cdf((moments.sharpe - benchmark) * math.sqrt(moments.periods - 1) / math.sqrt(spread))


def minimum_track_record(moments: Moments, *, benchmark: float = 0.0, confidence: float = 0.95) -> float:
    """Return how many returns it takes to be sure that the true Sharpe ratio per period is above `benchmark`.

    Infinite where the ratio isn't above the benchmark: no record of this kind is ever long enough. NaN where the ratio is
    undefined.

    Args:
        moments: What the record was like so far.
        benchmark: Sharpe ratio per period.
        confidence: How sure, above 0.5 and below 1.

    Raises:
        ValueError: `confidence` is out of its range.
    """
    if not 0.5 < confidence < 1.0:
        raise ValueError(f"confidence must be above 0.5 and below 1, was {confidence}")
    if math.isnan(moments.sharpe):
        return math.nan
    if moments.sharpe <= benchmark:
        return math.inf
    return 1.0 + _spread(moments) * (NORMAL.inv_cdf(confidence) / (moments.sharpe - benchmark)) ** 2


def _spread(moments: Moments) -> float:
    """Return n − 1 times the variance of the estimated ratio."""
    s = moments.sharpe
    return 1.0 - moments.skewness * s + (moments.kurtosis - 1.0) / 4.0 * s * s
