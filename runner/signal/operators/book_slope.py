"""Slope of the order book: how fast a side fills up with the distance from the mid.

The measure of Ghysels & Nguyen 2019, taken on one book: per side, the ordinary least-squares slope (with intercept) of the
cumulative share of the side's size on the distance of its price from the mid, over the levels that are there. Distances are
in basis points of the mid, so that symbols can be compared. A tight book is steep: 0.5 means that half of what the levels
hold comes with each further basis point.

Why not Næs & Skjeltorp 2006: their slope divides by the logarithm of a size, which is zero for one unit and negative below,
so it can't be used where a unit is a whole coin.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Rows, operator
from runner.signal.operators.book import book_columns, is_readable

__all__ = ["ask_slope", "bid_slope", "book_slope"]

LEVELS = Rows("levels", least=2, most=50)


@part_of_kernel
def _slope(x, prices, sizes, levels, unit):
    """Return the slope of one side, in shares of its size per `unit` of price; NaN with fewer than two levels."""
    best = x[prices]
    n = far = 0.0
    for i in range(levels):
        if x[sizes + i] > 0.0:
            n += 1.0
            far += abs(x[prices + i] - best)
    far /= n
    size = across = along = 0.0
    for i in range(levels):
        if x[sizes + i] > 0.0:
            size += x[sizes + i]
            distance = abs(x[prices + i] - best) - far
            across += distance * size
            along += distance * distance
    return across / along / size * unit if n > 1.0 and size < np.inf else np.nan


@part_of_kernel
def _bps(x, n):
    """Return a basis point of the mid, or NaN if the book or its mid isn't fit for it."""
    middle = x[0] + (x[2 * n] - x[0]) / 2.0
    return 1e-4 * middle if middle > 0.0 and is_readable(x, n) else np.nan


@operator(parameters=(LEVELS,), columns=book_columns)
def bid_slope(state, x, p):
    """Σ (dᵢ − d̄)(sᵢ − s̄) / Σ (dᵢ − d̄)², dᵢ the distance of bid i from the mid and sᵢ the share of the bids down to it.

    In shares of the size of the top `levels` bids per basis point of the mid; s̄ and d̄ are means over the levels that are
    there (Ghysels & Nguyen 2019). Undefined with fewer than two bids, where a side is empty, the book is crossed or its
    levels out of order, a size is unknown, negative or infinite, or the mid isn't above zero.
    """
    n = int(p[0])
    unit = _bps(x, n)
    return _slope(x, 0, n, n, unit) if unit > 0.0 else np.nan


@operator(parameters=(LEVELS,), columns=book_columns)
def ask_slope(state, x, p):
    """Σ (dᵢ − d̄)(sᵢ − s̄) / Σ (dᵢ − d̄)², dᵢ the distance of ask i from the mid and sᵢ the share of the asks up to it.

    In shares of the size of the top `levels` asks per basis point of the mid; s̄ and d̄ are means over the levels that are
    there (Ghysels & Nguyen 2019). Undefined with fewer than two asks, where a side is empty, the book is crossed or its
    levels out of order, a size is unknown, negative or infinite, or the mid isn't above zero.
    """
    n = int(p[0])
    unit = _bps(x, n)
    return _slope(x, 2 * n, 3 * n, n, unit) if unit > 0.0 else np.nan


@operator(parameters=(LEVELS,), columns=book_columns)
def book_slope(state, x, p):
    """(bid_slope(levels) + ask_slope(levels)) / 2, in shares of a side's size per basis point of the mid.

    Undefined where either of the two is.
    """
    n = int(p[0])
    unit = _bps(x, n)
    if not unit > 0.0:
        return np.nan
    return (_slope(x, 0, n, n, unit) + _slope(x, 2 * n, 3 * n, n, unit)) / 2.0
