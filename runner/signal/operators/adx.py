"""Wilder's directional movement system (1978)."""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Rows, formula, operator
from runner.signal.operators.atr import range_since
from runner.signal.operators.decay import (
    FORGOTTEN,
    SHARE,
    TOLERANCE,
    rows_to_forget,
    rows_to_forget_part,
    take_share,
)

__all__ = ["adx", "directional_index", "minus_di", "plus_di"]

STATE = 5 + SHARE
UP_OF_RANGE, DOWN_OF_RANGE, UP_OF_MOVEMENT = range(3)
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
def _indicator(state, x, p, which):
    """Take a bar, and return one of the three shares of averages in hundredths, NaN while there is none.

    State: high, low and close of the bar before, bars taken, rows to forget the first movement, then the share.
    """
    if not (np.isfinite(x[0]) and np.isfinite(x[1]) and np.isfinite(x[2])):
        return np.nan
    up = down = spread = 0.0
    if state[3] > 0.0:
        rise, fall = x[0] - state[0], state[1] - x[1]
        up = rise if rise > max(fall, 0.0) else 0.0
        down = fall if fall > max(rise, 0.0) else 0.0
        spread = range_since(x[0], x[1], state[2])
        if not np.isfinite(rise + fall + spread):
            return np.nan
    state[0], state[1], state[2] = x[0], x[1], x[2]
    state[3] += 1.0
    if state[3] == 1.0:
        return np.nan
    alpha = 1.0 / p[0]
    if state[3] == 2.0:
        state[4] = rows_to_forget_part(alpha, p[1])
        alpha = 1.0
    part = down if which == DOWN_OF_RANGE else up
    is_there = take_share(state, 5, part, up + down if which == UP_OF_MOVEMENT else spread, alpha)
    return 100.0 * state[6] if is_there and state[3] - 1.0 > state[4] else np.nan


@_of_movement
def plus_di(state, x, p):
    """Positive directional indicator, 0 to 100: 100 × rma(up) / rma(true_range), over `lookback`.

    up = high − high[t−1] where that is above zero and above low[t−1] − low, else 0. Stays as it is while prices don't move,
    as both fade alike. Undefined while they haven't moved at all, or, with a lookback of 1, at the row.
    """
    return _indicator(state, x, p, UP_OF_RANGE)


@_of_movement
def minus_di(state, x, p):
    """Negative directional indicator, 0 to 100: 100 × rma(down) / rma(true_range), over `lookback`.

    down = low[t−1] − low where that is above zero and above high − high[t−1], else 0. Stays as it is while prices don't
    move, as both fade alike. Undefined while they haven't moved at all, or, with a lookback of 1, at the row.
    """
    return _indicator(state, x, p, DOWN_OF_RANGE)


@_of_movement
def directional_index(state, x, p):
    """Directional movement index (DX), 0 to 100: 100 × |plus_di − minus_di| / (plus_di + minus_di), over `lookback`.

    Stays as it is while there is no movement up or down, as both fade alike. Undefined while there hasn't been any, or, with
    a lookback of 1, at the row.
    """
    return np.abs(2.0 * _indicator(state, x, p, UP_OF_MOVEMENT) - 100.0)


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
