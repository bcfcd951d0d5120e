"""A switch with two thresholds, so that noise around one of them doesn't flip it."""

import numpy as np

from runner.signal.operator import Ordered, operator

__all__ = ["hysteresis"]


@operator("x", "low", "high", state=lambda: 1, gives="boolean", undefined="skip", ordered=(Ordered("low", "high"),))
def hysteresis(state, x, p):
    """True from the row where x > high until the row where x < low, when it is false again; false at first.

    A row with low > high counts as undefined.
    """
    if not (np.isfinite(x[0]) and np.isfinite(x[1]) and np.isfinite(x[2])) or x[1] > x[2]:
        return np.nan
    if x[0] > x[2]:
        state[0] = 1.0
    elif x[0] < x[1]:
        state[0] = 0.0
    return state[0]
