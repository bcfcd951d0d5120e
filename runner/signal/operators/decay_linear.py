"""Rolling mean with weights that decay linearly with age.

The window keeps Σx and Σ age·x, where the newest row has age 0: when a row enters, all others grow older by one, which adds
Σx; when the oldest leaves, it takes (rows − 1)·x along.
"""

import numpy as np

from runner.signal.operator import window_operator

__all__ = ["decay_linear"]

ROWS, SUM, AGES, SIZE, PEAK = range(5)

LOST = 1e-4
"""Share of the largest Σ|x| below which what is left after a row has gone has lost too many digits."""


def _add(a, x, p):
    a[ROWS] += 1.0
    a[AGES] += a[SUM]
    a[SUM] += x
    a[SIZE] += abs(x)
    a[PEAK] = max(a[PEAK], a[SIZE])


def _drop(a, x, p):
    a[ROWS] -= 1.0
    a[AGES] -= a[ROWS] * x
    a[SUM] -= x
    a[SIZE] -= abs(x)
    size, least, ages = a[SIZE], LOST * a[PEAK], abs(a[AGES])
    return not (least <= size < np.inf and ages < np.inf)


@window_operator("x", add=_add, drop=_drop, sums=5)
def decay_linear(a, n, p):
    """Linearly weighted mean of the window, in the unit of x: (n·x[t] + (n−1)·x[t-1] + … + 1·x[t-n+1]) / (n(n + 1) / 2)."""
    return (n * a[SUM] - a[AGES]) * 2.0 / (n * (n + 1.0))
