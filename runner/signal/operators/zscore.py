"""How unusual the newest value is within its window.

Why not (x − mean(x)) / std(x): a mean is rounded, so where all values are equal the difference needn't be zero, and a
division by a standard deviation of zero would make it infinite. Here both come from the same sums of d = x − c, which are
zero then.
"""

import numpy as np

from runner.signal.operator import Window, window_operator
from runner.signal.operators.variance import SPREAD_SUMS, add_to_spread, drop_from_spread, squares

__all__ = ["zscore"]

NEWEST = SPREAD_SUMS


def _add(a, x, p):
    add_to_spread(a, x)
    a[NEWEST] = x - a[1]


def _drop(a, x, p):
    return drop_from_spread(a, x)


@window_operator("x", add=_add, drop=_drop, sums=SPREAD_SUMS + 1, window=Window(least=2))
def zscore(a, n, p):
    """Distance of the newest value from the window's mean, in standard deviations of its sample: (x[t] − mean) / std.

    Undefined where all values are equal, and below two rows.
    """
    spread = squares(a)
    if n < 2.0 or not spread > 0.0:
        return np.nan
    return (a[NEWEST] - a[2] / n) / np.sqrt(spread / (n - 1.0))
