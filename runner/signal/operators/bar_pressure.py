"""Pressure ratio of a bar."""

import numpy as np

from runner.signal.operator import operator

__all__ = ["bar_pressure"]


@operator("open", "high", "low", "close")
def bar_pressure(state, x, p):
    """Buying over selling pressure of one bar, as odds.

    up = (close − open) / (high − low + 1e-9) if close > open else 0, the share of the range closed upwards;
    value = up / max(1 − up, 1e-9). Zero for a bar that didn't rise; undefined where any price is.
    """
    rise = x[3] - x[0]
    spread = x[1] - x[2] + 1e-9
    if not (np.isfinite(rise) and np.isfinite(spread)):
        return np.nan
    if rise <= 0.0:
        return 0.0
    up = rise / spread
    return up / max(1.0 - up, 1e-9)
