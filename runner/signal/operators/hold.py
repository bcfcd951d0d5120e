"""Conditions that outlast the row where they were true."""

import numpy as np

from runner.signal.operator import Input, Rows, operator

__all__ = ["hold_for", "latch"]


@operator(
    Input("condition", "boolean"),
    parameters=(Rows("rows"),),
    state=lambda *_: 2,
    warm_up=int,
    gives="boolean",
    undefined="skip",
)
def hold_for(state, x, p):
    """True where the condition is true and for `rows` rows after: true if it is at any of t−rows … t.

    Undefined for the first `rows` rows. State: rows taken, rows left to hold.
    """
    if np.isnan(x[0]):
        return np.nan
    if x[0] == 1.0:
        state[1] = p[0] + 1.0
    held = 1.0 if state[1] > 0.0 else 0.0
    state[1] -= held
    if state[0] < p[0]:
        state[0] += 1.0
        return np.nan
    return held


@operator(Input("set", "boolean"), Input("reset", "boolean"), state=lambda: 1, gives="boolean", undefined="skip")
def latch(state, x, p):
    """True from the row where `set` is true until the row where `reset` is true; false at first, and where both are true."""
    if np.isnan(x[0]) or np.isnan(x[1]):
        return np.nan
    if x[1] == 1.0:
        state[0] = 0.0
    elif x[0] == 1.0:
        state[0] = 1.0
    return state[0]
