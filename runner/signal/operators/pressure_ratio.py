"""Buying over selling pressure of the order book."""

import numpy as np

from runner.signal.operator import Rows, operator
from runner.signal.operators.book import book_columns, has_both_sizes, side_size

__all__ = ["pressure_ratio"]


@operator(parameters=(Rows("levels", most=50),), columns=book_columns)
def pressure_ratio(state, x, p):
    """Resting buying over resting selling size: (Σ bid sizes) / (Σ ask sizes) of the top `levels`; above 1 buyers prevail.

    A deeper level that isn't there, without price and size, counts as no size. Undefined, never 0, where a side is empty,
    the book is crossed, or one of the levels has a size that is unknown, negative or infinite, or no price.
    """
    n = x.size // 4
    ratio = side_size(x, 0, n, n) / side_size(x, 2 * n, 3 * n, n)
    return ratio if has_both_sizes(x[0], x[n], x[2 * n], x[3 * n]) else np.nan
