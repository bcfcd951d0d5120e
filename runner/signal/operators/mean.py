"""Rolling mean."""

import numpy as np

from runner.signal.operator import Rows, operator

__all__ = ["mean"]


@operator(
    "x",
    parameters=(Rows("lookback"),),
    state=lambda lookback: 4 + int(lookback),
    warm_up=lambda lookback: int(lookback) - 1,
)
def mean(state, x, p):
    """Mean of the last `lookback` values: (x[t-n+1] + … + x[t]) / n.

    Undefined until the window is full and while it holds a value that isn't finite. The sum runs, and is rebuilt from the
    window each time the ring has gone round, so rounding never accumulates over more than one window.
    """
    n = int(p[0])
    at = int(state[0])
    filled = state[1]
    bad = state[2]
    total = state[3]
    if filled >= n:
        old = state[4 + at]
        if np.isfinite(old):
            total -= old
        else:
            bad -= 1.0
    else:
        filled += 1.0
    new = x[0]
    state[4 + at] = new
    if np.isfinite(new):
        total += new
    else:
        bad += 1.0
    at += 1
    if at == n:
        at = 0
        total = 0.0
        for i in range(4, 4 + n):
            if np.isfinite(state[i]):
                total += state[i]
    state[0] = at
    state[1] = filled
    state[2] = bad
    state[3] = total
    return total / n if filled >= n and bad == 0.0 else np.nan
