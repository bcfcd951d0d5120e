"""What is left of a value once its group, or another value, has explained what it can."""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Input, cross_operator
from runner.signal.operators.instant import by_second

__all__ = ["neutralise", "neutralise_to"]


@part_of_kernel
def _mean_of(x, column, order, start, stop):
    """Return the mean of the rows order[start:stop] in two parts, a value and the rest; see `instant.centre_of`."""
    centre = x[order[(start + stop) // 2], column] + 0.0
    rest = 0.0
    for i in range(start, stop):
        rest += x[order[i], column] - centre
    rest /= stop - start
    return centre, rest if np.isfinite(rest) else np.nan


@cross_operator("x", Input("group", "group"))
def neutralise(x, p, out):
    """x − mean of x over the symbols of the same `group` at the instant.

    A group is a number that its symbols share, such as a sector's. A symbol alone in its group gets 0. Undefined, and left
    out of the mean, where x or the group is.
    """
    order = by_second(x, out)
    out[:] = np.nan
    start = 0
    while start < order.size:
        stop = start + 1
        while stop < order.size and x[order[stop], 1] == x[order[start], 1]:
            stop += 1
        centre, rest = _mean_of(x, 0, order, start, stop)
        for i in range(start, stop):
            out[order[i]] = (x[order[i], 0] - centre) - rest
        start = stop


@cross_operator("x", "y")
def neutralise_to(x, p, out):
    """(x − x̄) − β (y − ȳ), β = Σ (x − x̄)(y − ȳ) / Σ (y − ȳ)²: what a regression of x on y over the instant's symbols leaves.

    Where all have the same y it explains nothing, and x − x̄ is left. Undefined where fewer than three symbols have both,
    since a line goes through any two points; a symbol without both is left out.
    """
    order = by_second(x, out)
    out[:] = np.nan
    n = order.size
    if n < 3:
        return
    x_centre, x_rest = _mean_of(x, 0, order, 0, n)
    y_centre, y_rest = _mean_of(x, 1, order, 0, n)
    widest = max(abs((x[order[0], 1] - y_centre) - y_rest), abs((x[order[n - 1], 1] - y_centre) - y_rest))
    unit = widest if widest > 0.0 else 1.0  # distances in this unit have squares that neither vanish nor overflow
    product = square = 0.0
    for i in order:
        y = ((x[i, 1] - y_centre) - y_rest) / unit
        product += ((x[i, 0] - x_centre) - x_rest) * y
        square += y * y
    slope = product / square if widest > 0.0 else 0.0
    for i in order:
        value = ((x[i, 0] - x_centre) - x_rest) - slope * (((x[i, 1] - y_centre) - y_rest) / unit)
        out[i] = value if np.isfinite(value) else np.nan
