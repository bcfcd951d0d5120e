"""Everything since the first row.

Such a value depends on where the data starts, however long ago: compare it with itself, not with a number.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import operator

__all__ = ["added", "cumulative_max", "cumulative_min", "cumulative_sum"]


@part_of_kernel
def added(state, value):
    """Add a value to the sum in state[0] and return the whole; what rounding loses is kept in state[1] (Neumaier 1974).

    Nothing is ever dropped from such a sum, so nothing else would clear its errors away.
    """
    total = state[0] + value
    if np.abs(state[0]) >= np.abs(value):
        state[1] += (state[0] - total) + value
    else:
        state[1] += (value - total) + state[0]
    state[0] = total
    return total + state[1]


@operator("x", state=lambda: 2, undefined="skip")
def cumulative_sum(state, x, p):
    """Sum of all values so far: x[0] + … + x[t]. Undefined for good once it overflows."""
    return added(state, x[0]) if np.isfinite(x[0]) else np.nan


@operator("x", state=lambda: 2, undefined="skip")
def cumulative_max(state, x, p):
    """The largest value so far: max(x[0], …, x[t])."""
    if not np.isfinite(x[0]):
        return np.nan
    if state[1] == 0.0 or x[0] > state[0]:
        state[0], state[1] = x[0], 1.0
    return state[0]


@operator("x", state=lambda: 2, undefined="skip")
def cumulative_min(state, x, p):
    """The smallest value so far: min(x[0], …, x[t])."""
    if not np.isfinite(x[0]):
        return np.nan
    if state[1] == 0.0 or x[0] < state[0]:
        state[0], state[1] = x[0], 1.0
    return state[0]
