"""Relative strength index."""

import numpy as np

from runner.signal.operator import Rows, operator
from runner.signal.operators.decay import FORGOTTEN, TOLERANCE, rows_to_forget, rows_to_forget_part, smoothed

__all__ = ["rsi"]


@operator(
    "x",
    parameters=(Rows("lookback"), TOLERANCE),
    state=lambda *_: 5,
    warm_up=lambda lookback, tolerance: 1 + rows_to_forget(1.0 / lookback, tolerance),
    undefined="skip",
    tolerance=FORGOTTEN,
)
def rsi(state, x, p):
    """Relative strength index (Wilder 1978), 0 to 100: 100 × up / (up + down).

    up = rma(max(x[t] − x[t−1], 0)) and down = rma(max(x[t−1] − x[t], 0)), both over `lookback`. Undefined while x hasn't
    moved at all. State: earlier x, rows taken, up, down, rows to forget the first change.
    """
    change = x[0] - state[0] if state[1] > 0.0 else x[0]
    if not np.isfinite(change):
        return np.nan
    state[0] = x[0]
    state[1] += 1.0
    if state[1] == 1.0:
        return np.nan
    up, down = max(change, 0.0), max(-change, 0.0)
    alpha = 1.0 / p[0]
    if state[1] == 2.0:
        state[2], state[3] = up, down
        state[4] = rows_to_forget_part(alpha, p[1])
    else:
        state[2], state[3] = smoothed(state[2], up, alpha), smoothed(state[3], down, alpha)
    if state[1] - 1.0 <= state[4] or state[2] + state[3] == 0.0:
        return np.nan
    return 100.0 / (1.0 + state[3] / state[2])
