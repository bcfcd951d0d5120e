"""Rolling variance and standard deviation of the sample.

Kept as sums of d = x − c and d², where c is the oldest row at the time the sums were last made anew: an offset that all rows
share never enters, so no digits are lost to it. When the window has wandered so far from c, or shrunk so much, that rounding
could show, the sums are made anew.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Window, window_operator

__all__ = ["SPREAD_SUMS", "add_to_spread", "drop_from_spread", "squares", "std", "var"]

SPREAD_SUMS = 5
"""Numbers kept: rows, c, Σd, Σd², and the largest Σd² since they were made anew."""

LOST = 1e-4
"""Share of the largest Σd² below which the squares around the mean have lost too many digits."""


@part_of_kernel
def squares(a):
    """Return Σ(x − mean)² of the window's rows, never below zero: Σd² − (Σd)²/rows."""
    return max(a[3] - a[2] * a[2] / a[0], 0.0)


@part_of_kernel
def add_to_spread(a, x):
    """Take in a row."""
    if a[0] == 0.0:
        a[1] = x
    d = x - a[1]
    a[0] += 1.0
    a[2] += d
    a[3] += d * d
    a[4] = max(a[4], a[3])


@part_of_kernel
def drop_from_spread(a, x):
    """Let a row go; return whether too much precision went with it."""
    d = x - a[1]
    a[0] -= 1.0
    a[2] -= d
    a[3] -= d * d
    return not LOST * a[4] <= squares(a) < np.inf


def _add(a, x, p):
    add_to_spread(a, x)


def _drop(a, x, p):
    return drop_from_spread(a, x)


@window_operator("x", add=_add, drop=_drop, sums=SPREAD_SUMS, window=Window(least=2))
def var(a, n, p):
    """Variance of the window's sample: Σ(x − mean)² / (n − 1), in the unit of x squared. Undefined below two rows."""
    return squares(a) / (n - 1.0) if n > 1.0 else np.nan


@window_operator("x", add=_add, drop=_drop, sums=SPREAD_SUMS, window=Window(least=2))
def std(a, n, p):
    """Standard deviation of the window's sample: √(Σ(x − mean)² / (n − 1)), in the unit of x. Undefined below two rows."""
    return np.sqrt(squares(a) / (n - 1.0)) if n > 1.0 else np.nan
