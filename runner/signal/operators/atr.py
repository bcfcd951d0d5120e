"""True range of a bar, which counts the gap since the bar before, and its average."""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Rows, formula, operator
from runner.signal.operators.decay import TOLERANCE

__all__ = ["atr", "range_since", "true_range"]


@part_of_kernel
def range_since(high, low, before):
    """Return the true range of a bar after one that closed at `before`."""
    return max(high - low, np.abs(high - before), np.abs(low - before))


@operator("high", "low", "close", state=lambda *_: 2, warm_up=lambda *_: 1, undefined="skip")
def true_range(state, x, p):
    """True range (Wilder 1978), in units of price: max(high − low, |high − close[t−1]|, |low − close[t−1]|).

    Undefined at the first bar. State: earlier close, whether there is one.
    """
    spread = range_since(x[0], x[1], state[0] if state[1] == 1.0 else x[2])
    if not (np.isfinite(x[0]) and np.isfinite(x[1]) and np.isfinite(x[2]) and np.isfinite(spread)):
        return np.nan
    is_first = state[1] == 0.0
    state[0], state[1] = x[2], 1.0
    return np.nan if is_first else spread


atr = formula(
    "atr",
    "high",
    "low",
    "close",
    parameters=(Rows("lookback"), TOLERANCE),
    expression="rma(true_range(high, low, close), lookback, tolerance)",
    description="Average true range (Wilder 1978), in units of price: rma(true_range(high, low, close), lookback).",
)
