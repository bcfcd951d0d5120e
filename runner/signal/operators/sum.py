"""Rolling sum, and how many rows or which share of them are true."""

import numpy as np

from runner.signal.operator import Input, Window, formula, window_operator

__all__ = ["count_true", "share_true", "sum_"]

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
