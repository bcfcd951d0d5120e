"""Commodity channel index.

One operator and not a formula over `mean`, so that a price is compared with exactly the mean that its deviation is measured
from: a window of equal prices then has no deviation at all, instead of a rounding error divided by another.
"""

import numpy as np

from runner.signal.kernel import RING
from runner.signal.operator import Window, window_operator

__all__ = ["cci"]


def _add(s, high, low, close, at, capacity, p):  # noqa: PLR0913, PLR0917 - one argument per input
    s[RING + 3 * capacity + at] = (high + low + close) / 3.0


def _drop(s, high, low, close, at, capacity, p):  # noqa: PLR0913, PLR0917 - likewise
    return False


@window_operator(
    "high", "low", "close", add=_add, drop=_drop, memory=lambda capacity: capacity, window=Window("lookback", least=2)
)
def cci(s, at, n, capacity, p):
    """Commodity channel index (Lambert 1980): (price − mean) / (0.015 × deviation).

    price = (high + low + close) / 3, mean its mean over the window and deviation the mean of |price − mean| over the window.
    Undefined where the deviation is 0. Two passes over the window per row: the mean moves with every row, and each distance
    with it. Everything is measured from the newest price, so that nothing is lost far from zero.
    """
    first = RING + 3 * capacity
    price = s[first + at]
    mean = 0.0
    for i in range(n):
        place = at - i
        mean += s[first + (place if place >= 0 else place + capacity)] - price
    mean /= n
    deviation = 0.0
    for i in range(n):
        place = at - i
        deviation += np.abs(s[first + (place if place >= 0 else place + capacity)] - price - mean)
    value = -mean / (0.015 * (deviation / n))
    return value if np.isfinite(value) else np.nan
