"""How exponentially weighted averages take up a value, and how soon they forget where they started.

An average starts as its first value, so at first that one counts far more than its share. After w more rows its weight is
(1 − alpha)^w, and an operator is undefined until that is no more than its tolerance. Whatever happened before the warm-up
then has no more weight than that either: whoever starts later, with as many rows, gets the same within the tolerance.
"""

import math

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Number

__all__ = ["FORGOTTEN", "SHARE", "TOLERANCE", "rows_to_forget", "rows_to_forget_part", "smoothed", "take_share"]

FORGOTTEN = 1e-6
"""Weight at which a start counts as forgotten, where nothing else is asked for."""

TOLERANCE = Number("tolerance", least=0.0, above=True, most=1.0, default=FORGOTTEN)
"""The parameter that every decaying operator has."""

LEAST, MOST = float(np.finfo(np.float64).tiny), float(np.finfo(np.float64).max)
"""Least and largest number of full precision; an average that has faded below the least is zero, or it would never be."""


def rows_to_forget(alpha, tolerance):
    """Return the least w with (1 − alpha)^w ≤ tolerance; 0 for alpha = 1, where a row counts for itself alone.

    Args:
        alpha: Weight of a new value, above 0 and at most 1.
        tolerance: Above 0 and at most 1.
    """
    if alpha >= 1.0:
        return 0
    return math.ceil(math.log(tolerance) / math.log1p(-alpha))


rows_to_forget_part = part_of_kernel(rows_to_forget)
"""The same inside a kernel."""


@part_of_kernel
def smoothed(average, value, alpha):
    """Return average + alpha × (value − average): a constant stays as it is to the last bit.

    Where that overflows, or alpha is 1 and must leave nothing behind, the same is computed as (1 − alpha) × average +
    alpha × value, which can't. The usual case returns first, so that the next row waits for nothing but the formula.
    """
    moved = average + alpha * (value - average)
    if alpha < 1.0 and LEAST <= np.abs(moved) <= MOST:
        return moved
    moved = (1.0 - alpha) * average + alpha * value
    return moved if np.abs(moved) >= LEAST else 0.0


SHARE = 3
"""Numbers that `take_share` keeps."""


@part_of_kernel
def take_share(state, at, part, whole, alpha):
    """Take a row into the average of `whole`, and into the average of `part` as a share of it; tell whether there is one.

    Where nothing moves both averages fade by the same factor, so their ratio stays as it is, however long that lasts: it is
    the ratio that is kept, and what is added to it has the weight of this row in the average, alpha × whole / average.

    State from `at` on: average of `whole`, the share, whether there is one, which takes a row whose `whole` isn't zero. With
    alpha = 1 nothing but this row counts. A part above its whole counts as all of it.
    """
    average = smoothed(state[at], whole, alpha)
    state[at] = average
    if average > 0.0:
        taken = min(alpha * whole / average, 1.0)
        state[at + 1] = (1.0 - taken) * state[at + 1] + alpha * min(part, whole) / average
        state[at + 2] = 1.0
    elif alpha == 1.0:
        state[at + 2] = 0.0
    return state[at + 2] == 1.0
