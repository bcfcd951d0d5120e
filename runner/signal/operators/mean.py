"""Rolling mean."""

import numpy as np

from runner.signal.operator import window_operator

__all__ = ["mean"]

LOST = 1e-4
"""Share of the largest the window has been, below which what is left of it has lost too many digits."""


def _add(a, x, p):
    a[0] += x
    a[1] += abs(x)
    a[2] = max(a[2], a[1])


def _drop(a, x, p):
    a[0] -= x
    a[1] -= abs(x)
    return not LOST * a[2] <= a[1] < np.inf


@window_operator("x", add=_add, drop=_drop, sums=3)
def mean(a, n, p):
    """Mean of the window: (x[t-n+1] + … + x[t]) / n."""
    return a[0] / n
