"""Imbalance of the order book: resting sizes of both sides against each other, from -1 to 1."""

import numpy as np

from runner.signal.operator import Rows, operator
from runner.signal.operators.book import BEST, book_columns, has_both_sizes, side_size

__all__ = ["imbalance", "queue_imbalance"]


@operator(parameters=(Rows("levels", most=50),), columns=book_columns)
def imbalance(state, x, p):
    """(B − A) / (B + A), with B and A the sums of the bid and ask sizes of the top `levels`; above 0 buyers prevail.

    A deeper level that isn't there, without price and size, counts as no size. Undefined where a side is empty, the book is
    crossed, or one of the levels has a size that is unknown, negative or infinite, or no price.
    """
    n = int(p[0])
    if not has_both_sizes(x[0], x[n], x[2 * n], x[3 * n]):
        return np.nan
    bids = side_size(x, 0, n, n)
    asks = side_size(x, 2 * n, 3 * n, n)
    total = bids + asks
    return (bids - asks) / total if total < np.inf else np.nan


@operator(columns=lambda: BEST)
def queue_imbalance(state, x, p):
    """(b − a) / (b + a), with b and a the sizes at the best bid and ask (Gould & Bonart 2016); above 0 buyers prevail.

    Undefined where a side is empty, the book is crossed, or a best size is unknown, negative or infinite.
    """
    if not has_both_sizes(x[0], x[1], x[2], x[3]):
        return np.nan
    total = x[1] + x[3]
    return (x[1] - x[3]) / total if total < np.inf else np.nan
