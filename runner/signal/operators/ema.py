"""Exponentially weighted averages of the whole past."""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Rows, formula, operator
from runner.signal.operators.decay import FORGOTTEN, TOLERANCE, rows_to_forget, rows_to_forget_part, smoothed

__all__ = ["dema", "ema", "rma", "tema"]


@part_of_kernel
def _average(state, value, alpha, tolerance):
    """Take a value into the average. State: average, rows taken, rows to forget the first."""
    if not np.isfinite(value):
        return np.nan
    if state[1] == 0.0:
        state[0] = value
        state[2] = rows_to_forget_part(alpha, tolerance)
    else:
        state[0] = smoothed(state[0], value, alpha)
    state[1] += 1.0
    return state[0] if state[1] > state[2] else np.nan


@operator(
    "x",
    parameters=(Rows("lookback"), TOLERANCE),
    state=lambda *_: 3,
    warm_up=lambda lookback, tolerance: rows_to_forget(2.0 / (lookback + 1.0), tolerance),
    undefined="skip",
    tolerance=FORGOTTEN,
)
def ema(state, x, p):
    """Exponential moving average: e[t] = e[t−1] + alpha × (x[t] − e[t−1]), alpha = 2 / (lookback + 1), e[0] = x[0].

    Defined once the weight (1 − alpha)^t of e[0] is no more than the tolerance: after 139 rows for a lookback of 20.
    """
    return _average(state, x[0], 2.0 / (p[0] + 1.0), p[1])


@operator(
    "x",
    parameters=(Rows("lookback"), TOLERANCE),
    state=lambda *_: 3,
    warm_up=lambda lookback, tolerance: rows_to_forget(1.0 / lookback, tolerance),
    undefined="skip",
    tolerance=FORGOTTEN,
)
def rma(state, x, p):
    """Wilder's moving average (1978): as `ema`, with alpha = 1 / lookback.

    Wilder starts from the mean of the first `lookback` values instead; once defined, the difference is within the tolerance.
    """
    return _average(state, x[0], 1.0 / p[0], p[1])


dema = formula(
    "dema",
    "x",
    parameters=(Rows("lookback"), TOLERANCE),
    expression="2 * ema(x, lookback, tolerance / 3) - ema(ema(x, lookback, tolerance / 3), lookback, tolerance / 3)",
    description="Double exponential moving average (Mulloy 1994): 2 e1 − e2, where e1 = ema(x) and e2 = ema(e1).",
)

tema = formula(
    "tema",
    "x",
    parameters=(Rows("lookback"), TOLERANCE),
    expression=(
        "3 * ema(x, lookback, tolerance / 6) - 3 * ema(ema(x, lookback, tolerance / 6), lookback, tolerance / 6)"
        " + ema(ema(ema(x, lookback, tolerance / 6), lookback, tolerance / 6), lookback, tolerance / 6)"
    ),
    description=(
        "Triple exponential moving average (Mulloy 1994): 3 e1 − 3 e2 + e3, where e1 = ema(x), e2 = ema(e1), e3 = ema(e2)."
    ),
)
