"""How two series move together over a window: covariance, correlation, beta.

Kept as sums of d = x − c and e = y − b, their squares and their product, where c and b are the oldest rows at the time the
sums were last made anew; see `variance`.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Window, window_operator

__all__ = ["beta", "correlation", "covariance"]

ROWS, X, Y, SUM_X, SUM_Y, SQUARES_X, SQUARES_Y, PRODUCTS, PEAK_X, PEAK_Y = range(10)

LOST = 1e-3
"""Share of the largest Σd² below which the squares around the mean have lost too many digits."""


@part_of_kernel
def _squares_x(a):
    """Return Σ(x − mean)², never below zero."""
    return max(a[SQUARES_X] - a[SUM_X] * a[SUM_X] / a[ROWS], 0.0)


@part_of_kernel
def _squares_y(a):
    """Return Σ(y − mean)², never below zero."""
    return max(a[SQUARES_Y] - a[SUM_Y] * a[SUM_Y] / a[ROWS], 0.0)


@part_of_kernel
def _products(a):
    """Return Σ(x − mean)(y − mean)."""
    return a[PRODUCTS] - a[SUM_X] * a[SUM_Y] / a[ROWS]


def _add(a, x, y, p):
    if a[ROWS] == 0.0:
        a[X] = x
        a[Y] = y
    d = x - a[X]
    e = y - a[Y]
    a[ROWS] += 1.0
    a[SUM_X] += d
    a[SUM_Y] += e
    a[SQUARES_X] += d * d
    a[SQUARES_Y] += e * e
    a[PRODUCTS] += d * e
    a[PEAK_X] = max(a[PEAK_X], a[SQUARES_X])
    a[PEAK_Y] = max(a[PEAK_Y], a[SQUARES_Y])


def _drop(a, x, y, p):
    d = x - a[X]
    e = y - a[Y]
    a[ROWS] -= 1.0
    a[SUM_X] -= d
    a[SUM_Y] -= e
    a[SQUARES_X] -= d * d
    a[SQUARES_Y] -= e * e
    a[PRODUCTS] -= d * e
    squares_x, least_x = _squares_x(a), LOST * a[PEAK_X]
    squares_y, least_y = _squares_y(a), LOST * a[PEAK_Y]
    return not (least_x <= squares_x < np.inf and least_y <= squares_y < np.inf)


@window_operator("x", "y", add=_add, drop=_drop, sums=10, window=Window(least=2))
def covariance(a, n, p):
    """Covariance of the window's sample: Σ(x − mean x)(y − mean y) / (n − 1), in the unit of x times that of y.

    Undefined below two rows.
    """
    return _products(a) / (n - 1.0) if n > 1.0 else np.nan


@window_operator("x", "y", add=_add, drop=_drop, sums=10, window=Window(least=2))
def correlation(a, n, p):
    """Correlation of the window (Pearson 1895), from −1 to 1: covariance / (std x · std y).

    Undefined where either side has equal values only, and below two rows.
    """
    size = np.sqrt(_squares_x(a)) * np.sqrt(_squares_y(a))
    if n < 2.0 or not size > 0.0:
        return np.nan
    return min(max(_products(a) / size, -1.0), 1.0)


@window_operator("y", "x", add=_add, drop=_drop, sums=10, window=Window(least=2))
def beta(a, n, p):
    """Beta of y to x over the window, in units of y per unit of x: covariance / var x, the slope of regressing y on x.

    Undefined where all x are equal, and below two rows.
    """
    squares = _squares_y(a)  # the second of two series is x here
    if n < 2.0 or not squares > 0.0:
        return np.nan
    return _products(a) / squares
