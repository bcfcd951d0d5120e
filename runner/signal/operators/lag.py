"""An earlier value."""

import numpy as np

from runner.signal.operator import Rows, operator

__all__ = ["lag"]


@operator(
    "x",
    parameters=(Rows("rows"),),
    state=lambda rows: 2 + int(rows),
    warm_up=int,
)
def lag(state, x, p):
    """Value `rows` rows ago, on the series' own clock: x[t-rows]. Undefined where there is none."""
    n = int(p[0])
    at = int(state[0])
    value = state[2 + at] if state[1] >= n else np.nan
    state[2 + at] = x[0]
    at += 1
    state[0] = 0 if at == n else at
    if state[1] < n:
        state[1] += 1.0
    return value
