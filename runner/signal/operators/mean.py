"""Rolling mean."""

import numpy as np

from runner.signal.operator import window_operator

__all__ = ["mean"]

LOST = 1e-4
"""Share of the window's size below which what is left after a row has gone has lost too many digits."""


def _add(a, x, p):
    a[0] += x
    a[1] += abs(x)


def _drop(a, x, p):
    a[0] -= x
    size = a[1]
    a[1] = size - abs(x)
    return not LOST * size <= a[1] < np.inf


@window_operator("x", add=_add, drop=_drop, sums=2)
def mean(a, n, p):
    """Mean of the window: (x[t-n+1] + … + x[t]) / n."""
    return a[0] / n
