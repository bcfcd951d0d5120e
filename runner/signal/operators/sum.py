"""Rolling sum, and how many rows or which share of them are true.

Kept as Σx and Σ|x|. When so little is left of Σ|x| that the rounding of rows long gone could show, the sums are made anew.
"""

import numpy as np

from runner.signal.operator import Input, Window, formula, window_operator

__all__ = ["SUMS", "add_to_sum", "count_true", "drop_from_sum", "share_true", "sum_"]

SUMS = 3
"""Numbers kept: Σx, Σ|x|, and the largest Σ|x| since they were made anew."""

LOST = 1e-4
"""Share of the largest Σ|x| below which what is left of it has lost too many digits."""


def add_to_sum(a, x, p):
    """Take in a row."""
    a[0] += x
    a[1] += abs(x)
    a[2] = max(a[2], a[1])


def drop_from_sum(a, x, p):
    """Let a row go; return whether too much precision went with it."""
    a[0] -= x
    a[1] -= abs(x)
    return not LOST * a[2] <= a[1] < np.inf


@window_operator("x", add=add_to_sum, drop=drop_from_sum, sums=SUMS)
def sum_(a, n, p):
    """Sum of the window, in the unit of x: x[t-n+1] + … + x[t]. Infinite or undefined where it exceeds any number."""
    return a[0]


count_true = formula(
    "count_true",
    Input("condition", "boolean"),
    parameters=(Window(),),
    expression="sum(where(condition, 1, 0), lookback)",
    description="How many rows of the window are true. Undefined while one of them is.",
)

share_true = formula(
    "share_true",
    Input("condition", "boolean"),
    parameters=(Window(),),
    expression="mean(where(condition, 1, 0), lookback)",
    description="Share of the window's rows that are true, from 0 to 1. Undefined while one of them is.",
)
