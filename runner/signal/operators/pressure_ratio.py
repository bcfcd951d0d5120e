"""Buying over selling pressure of the order book."""

import numpy as np

from runner.signal.operator import Rows, operator
from runner.signal.operators.book import has_both_sizes, side_size, size_columns

__all__ = ["pressure_ratio"]


@operator(parameters=(Rows("levels", most=50),), columns=size_columns)
def pressure_ratio(state, x, p):
    """Resting buying over resting selling size: (Σ bid sizes) / (Σ ask sizes) of the top `levels`; above 1 buyers prevail.

    A deeper level that isn't there counts as no size. Undefined, never 0, where a side is empty, the book is crossed, a best
    size is unknown, or a size is negative or infinite.
    """
    levels = int(p[0])
    if not has_both_sizes(x[0], x[2], x[1], x[2 + levels]):
        return np.nan
    return side_size(x, 2, levels) / side_size(x, 2 + levels, levels)
