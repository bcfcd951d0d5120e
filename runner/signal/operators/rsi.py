"""Relative strength index."""

import numpy as np

from runner.signal.operator import Rows, operator
from runner.signal.operators.decay import (
    FORGOTTEN,
    SHARE,
    TOLERANCE,
    rows_to_forget,
    rows_to_forget_part,
    take_share,
)

__all__ = ["rsi"]


@operator(
    "x",
    parameters=(Rows("lookback"), TOLERANCE),
    state=lambda *_: 3 + SHARE,
    warm_up=lambda lookback, tolerance: 1 + rows_to_forget(1.0 / lookback, tolerance),
    undefined="skip",
    tolerance=FORGOTTEN,
)
def rsi(state, x, p):
    """Relative strength index (Wilder 1978), 0 to 100: 100 × up / (up + down).

    up = rma(max(x[t] − x[t−1], 0)) and down = rma(max(x[t−1] − x[t], 0)), both over `lookback`. Stays as it is while x
    doesn't move, as both fade alike. Undefined while x hasn't moved at all, or, with a lookback of 1, at the row. State:
    earlier x, rows taken, rows to forget the first change, then up + down and up's share of it.
    """
    change = x[0] - state[0] if state[1] > 0.0 else x[0]
    if not np.isfinite(change):
        return np.nan
    state[0] = x[0]
    state[1] += 1.0
    if state[1] == 1.0:
        return np.nan
    alpha = 1.0 / p[0]
    if state[1] == 2.0:
        state[2] = rows_to_forget_part(alpha, p[1])
    has_moved = take_share(state, 3, max(change, 0.0), np.abs(change), alpha if state[1] > 2.0 else 1.0)
    if state[1] - 1.0 <= state[2] or not has_moved:
        return np.nan
    return 100.0 * state[4]
