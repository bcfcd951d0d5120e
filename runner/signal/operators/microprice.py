"""Prices of the best level: the middle, the middle weighted by size, and what lies between bid and ask.

Only `microprice` needs the sizes. For the others a size may be unknown, as in quotes that come without; a size known to be
zero says that nobody is there, and leaves them undefined.
"""

import numpy as np

from runner.signal.operator import operator
from runner.signal.operators.book import BEST, has_both_sides, has_both_sizes

__all__ = ["microprice", "mid", "spread", "spread_bps"]


@operator(columns=lambda: BEST)
def mid(state, x, p):
    """(bid + ask) / 2 of the best prices. Undefined where a side is empty or the book is crossed."""
    if not has_both_sides(x[0], x[1], x[2], x[3]):
        return np.nan
    return x[0] + (x[2] - x[0]) / 2.0


@operator(columns=lambda: BEST)
def microprice(state, x, p):
    """(ask · bid size + bid · ask size) / (bid size + ask size): the mid, drawn to the side about to be used up.

    Gatheral & Oomen 2010. Never outside the best prices. Undefined where a side is empty, the book is crossed, or a best
    size is unknown, negative or infinite.
    """
    if not has_both_sizes(x[0], x[1], x[2], x[3]):
        return np.nan
    share = 1.0 / (1.0 + x[3] / x[1])
    return min(x[0] + (x[2] - x[0]) * share, x[2])


@operator(columns=lambda: BEST)
def spread(state, x, p):
    """ask − bid of the best prices, in quote currency. Undefined where a side is empty or the book is crossed."""
    if not has_both_sides(x[0], x[1], x[2], x[3]):
        return np.nan
    return x[2] - x[0]


@operator(columns=lambda: BEST)
def spread_bps(state, x, p):
    """10⁴ (ask − bid) / mid of the best prices, in basis points of the mid.

    Undefined where a side is empty, the book is crossed, or the mid isn't above zero.
    """
    middle = x[0] + (x[2] - x[0]) / 2.0
    if not has_both_sides(x[0], x[1], x[2], x[3]) or middle <= 0.0:
        return np.nan
    return 1e4 * (x[2] - x[0]) / middle
