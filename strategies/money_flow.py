"""Money flow: whether the volume of a window was traded on bars that closed near their highs or near their lows.

An operator of a window says what happens when a row enters (`add`), when the oldest leaves (`drop`) and what the value is;
windows of rows, of time and since the open come with it. Functions that these call are marked with `part`.
"""

import numpy as np

from runner.signal import part, window_operator

FLOW, VOLUME, SIZE, PEAK = range(4)
"""Places of the sums; `SIZE` is how large what was added is, `PEAK` how large that has been."""

LOST = 1e-4
"""Share of the peak below which what is left after a row has gone has lost too many digits."""


@part
def _flow(high, low, close, volume):
    """Volume, counted as bought or sold by where the close lies: all of it bought at the high, all sold at the low."""
    return volume * ((close - low) - (high - close)) / (high - low) if high > low else 0.0


def _add(a, high, low, close, volume, p):
    flow = _flow(high, low, close, volume)
    a[FLOW] += flow
    a[VOLUME] += volume
    a[SIZE] += max(abs(flow), abs(volume))
    a[PEAK] = max(a[PEAK], a[SIZE])


def _drop(a, high, low, close, volume, p):
    flow = _flow(high, low, close, volume)
    a[FLOW] -= flow
    a[VOLUME] -= volume
    a[SIZE] -= max(abs(flow), abs(volume))
    return not LOST * a[PEAK] <= a[SIZE] < np.inf  # true asks for sums made anew


@window_operator("high", "low", "close", "volume", add=_add, drop=_drop, sums=4)
def money_flow(a, n, p):
    """Share of the volume that was bought less that sold, −1 to 1.

    Σ volume · ((close − low) − (high − close)) / (high − low) / Σ volume, the money flow of Marc Chaikin (1980s). A bar
    without a range counts as neither. Undefined where nothing was traded.
    """
    return a[FLOW] / a[VOLUME] if a[VOLUME] > 0.0 else np.nan
