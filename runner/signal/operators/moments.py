"""Rolling skewness and kurtosis, corrected for bias as in most statistics packages (Joanes & Gill 1998).

Kept as sums of the first four powers of d = x − c, where c is the oldest row at the time the sums were last made anew.
Higher powers lose digits sooner than squares do when the window wanders off, so the sums are made anew sooner.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Window, window_operator

__all__ = ["kurtosis", "skew"]

ROWS, CENTRE, SUM, SQUARES, CUBES, FOURTHS, PEAK = range(7)

LOST = 0.04
"""Share of the largest Σd² below which the squares around the mean have lost too many digits: c is five deviations off."""


@part_of_kernel
def _squares(a):
    """Return Σ(x − mean)²."""
    return a[SQUARES] - a[SUM] * a[SUM] / a[ROWS]


def _add(a, x, p):
    if a[ROWS] == 0.0:
        a[CENTRE] = x
    d = x - a[CENTRE]
    a[ROWS] += 1.0
    a[SUM] += d
    a[SQUARES] += d * d
    a[CUBES] += d * d * d
    a[FOURTHS] += d * d * (d * d)
    a[PEAK] = max(a[PEAK], a[SQUARES])


def _drop(a, x, p):
    d = x - a[CENTRE]
    a[ROWS] -= 1.0
    a[SUM] -= d
    a[SQUARES] -= d * d
    a[CUBES] -= d * d * d
    a[FOURTHS] -= d * d * (d * d)
    squares, least, fourths = _squares(a), LOST * a[PEAK], a[FOURTHS]
    return not (least <= squares and fourths < np.inf)


@window_operator("x", add=_add, drop=_drop, sums=7, window=Window(least=3))
def skew(a, n, p):
    """Skewness of the window's sample, corrected for bias, without unit.

    G₁ = m₃ / m₂^1.5 · √(n(n − 1)) / (n − 2), with mₖ = Σ(x − mean)ᵏ / n. Undefined where all values are equal, and below
    three rows.
    """
    squares = _squares(a)
    if n < 3.0 or not squares > 0.0:
        return np.nan
    mean = a[SUM] / n
    cubes = a[CUBES] - 3.0 * mean * a[SQUARES] + 2.0 * n * mean * mean * mean
    return cubes / (squares * np.sqrt(squares)) * n * np.sqrt(n - 1.0) / (n - 2.0)


@window_operator("x", add=_add, drop=_drop, sums=7, window=Window(least=4))
def kurtosis(a, n, p):
    """Excess kurtosis of the window's sample, 0 for a normal distribution, corrected for bias, without unit.

    G₂ = (n − 1) / ((n − 2)(n − 3)) · ((n + 1) · (m₄ / m₂² − 3) + 6), with mₖ = Σ(x − mean)ᵏ / n. Undefined where all values
    are equal, and below four rows.
    """
    squares = _squares(a)
    if n < 4.0 or not squares > 0.0:
        return np.nan
    mean = a[SUM] / n
    fourths = a[FOURTHS] - 4.0 * mean * a[CUBES] + 6.0 * mean * mean * a[SQUARES] - 3.0 * n * mean * mean * (mean * mean)
    excess = n * (fourths / squares) / squares - 3.0  # a square of the squares might overflow
    return (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * excess + 6.0)
