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
    # Whether a bar rose can't be foretold, so nothing branches on it: a wrong guess costs more than two divisions.
    up = max(rise, 0.0) / spread
    odds = up / max(1.0 - up, 1e-9)
    return odds if np.isfinite(rise) and np.isfinite(spread) else np.nan
