"""How long the blocks of a stationary bootstrap should be: long enough to keep what one row tells of the next.

    b = (2 G² / D)^⅓ n^⅓,   G = Σ λ(k/M) |k| R(k),   D = 2 (Σ λ(k/M) R(k))²,   k from −M to M

`R(k)` are the autocovariances, `λ` is 1 up to one half and falls to 0 at one, and `M` is twice the lag from which on K in
a row of the autocorrelations lie within ±2 √(log₁₀ n / n), K = max(5, ⌊log₁₀ n⌋) (all lags up to √n + K if there is none).

Source: Politis and White (2004), "Automatic Block-Length Selection for the Dependent Bootstrap", Econometric Reviews
23(1), with the correction of Patton, Politis and White (2009), Econometric Reviews 28(4).
"""

import math

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.statistics.sharpe import is_still

__all__ = ["mean_block_length"]

Values = NDArray[np.float64]

LEAST_ROWS = 9
"""Below this the rule has fewer rows than lags to look at."""


def mean_block_length(returns: Values) -> float:
    """Return the mean block length in rows for returns [T], at least 1 and at most min(3 √T, T / 3) rounded up.

    1 for fewer than 9 returns, or for returns that don't differ: there is nothing to learn from them.
    """
    rows = returns.size
    if rows < LEAST_ROWS or is_still(returns.std(ddof=1), np.abs(returns).max()):
        return 1.0
    distance = returns - returns.mean()
    runs = max(5, int(math.log10(rows)))
    longest = min(math.ceil(math.sqrt(rows)) + runs, rows - 2)
    covariance = np.array([distance[lag:] @ distance[: rows - lag] for lag in range(longest + 1)]) / rows
    bandwidth = _bandwidth(_correlations(distance, covariance, longest), runs, longest, rows)
    lag = np.arange(1, bandwidth + 1)
    weight = np.minimum(1.0, 2.0 * (1.0 - lag / bandwidth)) * covariance[1 : bandwidth + 1]
    slope, level = 2.0 * float(weight @ lag), float(covariance[0] + 2.0 * weight.sum())
    most = math.ceil(min(3.0 * math.sqrt(rows), rows / 3.0))
    if level == 0.0:
        return float(most)
    return min(max(1.0, math.cbrt((slope / level) ** 2 * rows)), float(most))


def _correlations(distance: Values, covariance: Values, longest: int) -> Values:
    """Return the size of the autocorrelation at each lag, each stretch measured by its own rows."""
    rows = distance.size
    squares = np.cumsum(distance**2)
    ends = [(squares[-1] - squares[lag], squares[rows - lag - 2]) for lag in range(longest + 1)]
    scale = np.sqrt([late * early for late, early in ends])
    return np.abs(np.divide(covariance * rows, scale, out=np.zeros_like(covariance), where=scale > 0.0))


def _bandwidth(correlation: Values, runs: int, longest: int, rows: int) -> int:
    """Return the lags that count: twice the last one before a run of small ones."""
    small = correlation < 2.0 * math.sqrt(math.log10(rows) / rows)
    for first in range(longest - runs + 1):
        if small[first : first + runs].all():
            return min(2 * max(first, 1), longest)
    return longest
