"""The rows at which one series passes another.

A series that touches the other and turns back has not crossed it; one that comes from the other's level has.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import operator

__all__ = ["cross_above", "cross_below"]

NOT_YET, PASSED = 1.0, 2.0
"""On which side the row before was; 0 where it is unknown."""


@part_of_kernel
def _crossed(state, ahead, behind):
    """Tell whether `ahead` has come above `behind` since the row before."""
    before = state[0]
    if not (np.isfinite(ahead) and np.isfinite(behind)):
        state[0] = 0.0
        return np.nan
    state[0] = PASSED if ahead > behind else NOT_YET
    if before == 0.0:
        return np.nan
    return 1.0 if before == NOT_YET and ahead > behind else 0.0


@operator("a", "b", state=lambda: 1, warm_up=lambda: 1, gives="boolean")
def cross_above(state, x, p):
    """True where a comes above b: a[t] > b[t] and a[t−1] ≤ b[t−1]. Undefined where either row is."""
    return _crossed(state, x[0], x[1])


@operator("a", "b", state=lambda: 1, warm_up=lambda: 1, gives="boolean")
def cross_below(state, x, p):
    """True where a comes below b: a[t] < b[t] and a[t−1] ≥ b[t−1]. Undefined where either row is."""
    return _crossed(state, x[1], x[0])
