"""Rolling mean."""

import numpy as np

from runner.signal.operator import Rows, operator

__all__ = ["mean"]


@operator(
    "x",
    parameters=(Rows("lookback"),),
    state=lambda lookback: 5 + int(lookback),
    warm_up=lambda lookback: int(lookback) - 1,
)
def mean(state, x, p):
    """Mean of the last `lookback` values: (x[t-n+1] + … + x[t]) / n.

    Undefined until the window is full and while it holds a value that isn't finite. The sum runs with the compensation of
    Neumaier (1974), so that a huge value leaves no trace once it has left, and is rebuilt from the window each time the
    ring has gone round or the sum has overflowed.
    """
    n = int(p[0])
    at = int(state[0])
    filled = state[1]
    bad = state[2]
    total = state[3]
    lost = state[4]
    old = state[5 + at]
    if filled < n:
        filled += 1.0
        old = 0.0
    elif not np.isfinite(old):
        bad -= 1.0
        old = 0.0
    new = x[0]
    state[5 + at] = new
    if not np.isfinite(new):
        bad += 1.0
        new = 0.0
    for change in (-old, new):
        summed = total + change
        if abs(total) >= abs(change):
            lost += (total - summed) + change
        else:
            lost += (change - summed) + total
        total = summed
    at += 1
    if at == n or not np.isfinite(total + lost):
        total = 0.0
        lost = 0.0
        for i in range(5, 5 + n):
            value = state[i] if np.isfinite(state[i]) else 0.0
            summed = total + value
            if abs(total) >= abs(value):
                lost += (total - summed) + value
            else:
                lost += (value - summed) + total
            total = summed
    if at == n:
        at = 0
    state[0] = at
    state[1] = filled
    state[2] = bad
    state[3] = total
    state[4] = lost
    return (total + lost) / n if filled >= n and bad == 0.0 else np.nan
