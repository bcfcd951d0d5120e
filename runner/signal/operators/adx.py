"""Wilder's directional movement system (1978)."""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Rows, formula, operator
from runner.signal.operators.atr import range_since
from runner.signal.operators.decay import FORGOTTEN, TOLERANCE, rows_to_forget, rows_to_forget_part, smoothed

__all__ = ["adx", "directional_index", "minus_di", "plus_di"]

STATE = 8
PARAMETERS = (Rows("lookback"), TOLERANCE)


def _warm_up(lookback, tolerance):
    return 1 + rows_to_forget(1.0 / lookback, tolerance)


_of_movement = operator(
    "high",
    "low",
    "close",
    parameters=PARAMETERS,
    state=lambda *_: STATE,
    warm_up=_warm_up,
    undefined="skip",
    tolerance=FORGOTTEN,
)


@part_of_kernel
def _moved(state, x, p):
    """Take a bar, and tell whether the averages are defined.

    State: high, low and close of the bar before, bars taken, rows to forget the first movement, then averages of the true
    range, of movement up and of movement down.
    """
    if not (np.isfinite(x[0]) and np.isfinite(x[1]) and np.isfinite(x[2])):
        return False
    up = down = spread = 0.0
    if state[3] > 0.0:
        rise, fall = x[0] - state[0], state[1] - x[1]
        up = rise if rise > max(fall, 0.0) else 0.0
        down = fall if fall > max(rise, 0.0) else 0.0
        spread = range_since(x[0], x[1], state[2])
        if not np.isfinite(rise + fall + spread):
            return False
    state[0], state[1], state[2] = x[0], x[1], x[2]
    state[3] += 1.0
    if state[3] == 1.0:
        return False
    alpha = 1.0 / p[0]
    if state[3] == 2.0:
        state[4] = rows_to_forget_part(alpha, p[1])
        state[5], state[6], state[7] = spread, up, down
    else:
        state[5] = smoothed(state[5], spread, alpha)
        state[6], state[7] = smoothed(state[6], up, alpha), smoothed(state[7], down, alpha)
    return state[3] - 1.0 > state[4]


@_of_movement
def plus_di(state, x, p):
    """Positive directional indicator, 0 to 100: 100 × rma(up) / rma(true_range), over `lookback`.

    up = high − high[t−1] where that is above zero and above low[t−1] − low, else 0. Undefined while prices haven't moved at
    all.
    """
    return 100.0 * state[6] / state[5] if _moved(state, x, p) and state[5] > 0.0 else np.nan


@_of_movement
def minus_di(state, x, p):
    """Negative directional indicator, 0 to 100: 100 × rma(down) / rma(true_range), over `lookback`.

    down = low[t−1] − low where that is above zero and above high − high[t−1], else 0. Undefined while prices haven't moved
    at all.
    """
    return 100.0 * state[7] / state[5] if _moved(state, x, p) and state[5] > 0.0 else np.nan


@_of_movement
def directional_index(state, x, p):
    """Directional movement index (DX), 0 to 100: 100 × |plus_di − minus_di| / (plus_di + minus_di), over `lookback`.

    Undefined while there has been no movement up or down.
    """
    if not _moved(state, x, p) or state[6] + state[7] == 0.0:
        return np.nan
    return 100.0 * np.abs(state[6] - state[7]) / (state[6] + state[7])


adx = formula(
    "adx",
    "high",
    "low",
    "close",
    parameters=PARAMETERS,
    expression="rma(directional_index(high, low, close, lookback, tolerance), lookback, tolerance)",
    description=(
        "Average directional movement index (Wilder 1978), 0 to 100: rma(directional_index(high, low, close, lookback),"
        " lookback)."
    ),
)
