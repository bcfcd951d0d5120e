"""On-balance volume."""

import numpy as np

from runner.signal.operator import operator
from runner.signal.operators.cumulative import added

__all__ = ["obv"]


@operator("close", "volume", state=lambda: 4, undefined="skip")
def obv(state, x, p):
    """On-balance volume (Granville 1963), in units of volume: sum of sign(close[t] − close[t−1]) × volume[t], 0 at first.

    It depends on where the data starts; compare it with itself. State: sum, its rounding error, earlier close, whether there
    is one.
    """
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    signed = 0.0
    if state[3] == 1.0 and x[0] != state[2]:
        signed = x[1] if x[0] > state[2] else -x[1]
    state[2], state[3] = x[0], 1.0
    return added(state, signed)
