"""Rolling average price, weighted by volume."""

import numpy as np

from runner.signal.operator import window_operator

__all__ = ["vwap"]

PAID, VOLUME, SIZE_PAID, SIZE_VOLUME, PEAK_PAID, PEAK_VOLUME = range(6)

LOST = 1e-4
"""Share of the largest sum of sizes below which what is left after a row has gone has lost too many digits."""


def _add(a, price, volume, p):
    paid = price * volume
    a[PAID] += paid
    a[VOLUME] += volume
    a[SIZE_PAID] += abs(paid)
    a[SIZE_VOLUME] += abs(volume)
    a[PEAK_PAID] = max(a[PEAK_PAID], a[SIZE_PAID])
    a[PEAK_VOLUME] = max(a[PEAK_VOLUME], a[SIZE_VOLUME])


def _drop(a, price, volume, p):
    paid = price * volume
    a[PAID] -= paid
    a[VOLUME] -= volume
    a[SIZE_PAID] -= abs(paid)
    a[SIZE_VOLUME] -= abs(volume)
    paid, least_paid = a[SIZE_PAID], LOST * a[PEAK_PAID]
    volume, least_volume = a[SIZE_VOLUME], LOST * a[PEAK_VOLUME]
    return not (least_paid <= paid < np.inf and least_volume <= volume < np.inf)


@window_operator("price", "volume", add=_add, drop=_drop, sums=6)
def vwap(a, n, p):
    """Volume-weighted average price of the window, in the unit of price: Σ price·volume / Σ volume.

    Undefined where nothing was traded.
    """
    return a[PAID] / a[VOLUME] if a[VOLUME] != 0.0 else np.nan
