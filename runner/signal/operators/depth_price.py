"""Prices that the depth of the book makes: all levels weighted by size, and what a market order of some quantity would get.

Sums are of distances from a price of the book, not of prices, so that no digits are lost to the price's own size.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Number, Rows, operator
from runner.signal.operators.book import book_columns, is_readable

__all__ = ["buy_price", "depth_price", "sell_price"]

QUANTITY = Number("quantity", least=0.0, above=True)
LEVELS = Rows("levels", most=50)

ROUNDING = 1e-12
"""Share of the quantity that may be missing at the end of a walk: what subtracting sizes can leave behind."""


@operator(parameters=(LEVELS,), columns=book_columns)
def depth_price(state, x, p):
    """Σ (price · size) / Σ size over both sides of the top `levels`: the mean price of all that rests there.

    Weighted price of Cao, Hansch & Wang 2009. It leans to the heavier side, where `microprice` leans away from it. A level
    that isn't there has no weight. Undefined where a side is empty, the book is crossed or its levels out of order, or a
    size is unknown, negative or infinite.
    """
    n = int(p[0])
    if not is_readable(x, n):
        return np.nan
    best = x[0]
    pull = total = 0.0
    for i in range(n):
        if x[n + i] > 0.0:
            pull += x[n + i] * (x[i] - best)
            total += x[n + i]
        if x[3 * n + i] > 0.0:
            pull += x[3 * n + i] * (x[2 * n + i] - best)
            total += x[3 * n + i]
    return best + pull / total if total < np.inf else np.nan


@part_of_kernel
def _walk(x, prices, sizes, levels, quantity):
    """Return the mean price of a quantity taken from one side, best level first; NaN if the levels don't hold as much."""
    best = x[prices]
    left = quantity
    beyond = 0.0
    for i in range(levels):
        size = x[sizes + i]
        if size > 0.0:
            taken = min(size, left)
            beyond += taken * (x[prices + i] - best)
            left -= taken
            if left <= ROUNDING * quantity:
                return best + beyond / quantity
    return np.nan


@operator(parameters=(QUANTITY, LEVELS), columns=lambda _, levels: book_columns(levels))
def buy_price(state, x, p):
    """Mean price paid by buying `quantity` units at market: Σ (price · taken) / quantity, walking the asks from the best.

    In quote currency per unit; the cost is this times the quantity. Undefined where the top `levels` hold less than the
    quantity, a side is empty, the book is crossed or its levels out of order, or a size is unknown,
    negative or infinite.
    """
    n = int(p[1])
    if not is_readable(x, n):
        return np.nan
    return _walk(x, 2 * n, 3 * n, n, p[0])


@operator(parameters=(QUANTITY, LEVELS), columns=lambda _, levels: book_columns(levels))
def sell_price(state, x, p):
    """Mean price got by selling `quantity` units at market: Σ (price · taken) / quantity, walking the bids from the best.

    In quote currency per unit. Undefined where the top `levels` hold less than the quantity, a side is empty, the book is
    crossed or its levels out of order, or a size is unknown, negative or infinite.
    """
    n = int(p[1])
    if not is_readable(x, n):
        return np.nan
    return _walk(x, 0, n, n, p[0])
