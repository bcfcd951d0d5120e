"""How long something has been true."""

import numpy as np

from runner.signal.operator import Input, operator

__all__ = ["streak"]


@operator(Input("condition", "boolean"), state=lambda: 1, undefined="skip")
def streak(state, x, p):
    """Number of rows in a row, up to this one, at which the condition is true; 0 where it is false."""
    if np.isnan(x[0]):
        return np.nan
    state[0] = state[0] + 1.0 if x[0] == 1.0 else 0.0
    return state[0]
