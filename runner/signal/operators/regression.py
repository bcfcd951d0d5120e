"""Rolling regression of a series on time, counted in rows.

Beside the sums of `variance`, the window keeps Σ age·d, where the newest row has age 0: when a row enters, all others grow
older by one, which adds Σd; when the oldest leaves, it takes (rows − 1)·d along.

The slope is the difference of two sums that grow with the square of the rows, while noise in it grows with their power of
1.5. So what rounding takes from Σd and Σage·d is kept as well (Møller 1965, Knuth), and added back at the end.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Rows, Window, window_operator
from runner.signal.operators.variance import SPREAD_SUMS, add_to_spread, drop_from_spread

__all__ = ["regression_forecast", "regression_residual", "regression_slope"]

AGES, NEWEST, LOST_OF_SUM, LOST_OF_AGES = range(SPREAD_SUMS, SPREAD_SUMS + 4)
SUMS = SPREAD_SUMS + 4


@part_of_kernel
def _rounded_off(a, b, total):
    """Return what a + b is beyond the number it was rounded to."""
    added = total - a
    return (a - (total - added)) + (b - added)


@part_of_kernel
def _add_to_ages(a, value):
    before = a[AGES]
    a[AGES] += value
    a[LOST_OF_AGES] += _rounded_off(before, value, a[AGES])


def _add(a, x, p):
    before = a[2]
    _add_to_ages(a, before)
    a[LOST_OF_AGES] += a[LOST_OF_SUM]
    add_to_spread(a, x)
    a[NEWEST] = x - a[1]
    a[LOST_OF_SUM] += _rounded_off(before, a[NEWEST], a[2])


def _drop(a, x, p):
    before, d = a[2], x - a[1]
    _add_to_ages(a, (1.0 - a[0]) * d)
    lost = drop_from_spread(a, x)
    a[LOST_OF_SUM] += _rounded_off(before, -d, a[2])
    return lost


@part_of_kernel
def _slope(a, n):
    """Return the change per row of the line of least squares: Σ(age − mean age)·d / −Σ(age − mean age)²."""
    middle = (n - 1.0) / 2.0
    lost = middle * a[LOST_OF_SUM] - a[LOST_OF_AGES]
    return (middle * a[2] - a[AGES] + lost) * 12.0 / (n * (n * n - 1.0))


@part_of_kernel
def _line(a, n, rows):
    """Return the line of least squares so many rows after the newest, less the centre of the sums."""
    return (a[2] + a[LOST_OF_SUM]) / n + _slope(a, n) * ((n - 1.0) / 2.0 + rows)


@window_operator("x", add=_add, drop=_drop, sums=SUMS, window=Window(least=2))
def regression_slope(a, n, p):
    """Slope of the line of least squares through the window, in the unit of x per row.

    Σ(i − mean i)(x[i] − mean x) / Σ(i − mean i)², with i = 0 … n−1 counting the window's rows. Undefined below two rows.
    """
    return _slope(a, n) if n > 1.0 else np.nan


@window_operator("x", add=_add, drop=_drop, sums=SUMS, window=Window(least=2))
def regression_residual(a, n, p):
    """Newest value less the line of least squares through the window, in the unit of x: x[t] − regression_forecast(x, n, 0).

    Undefined below two rows.
    """
    return a[NEWEST] - _line(a, n, 0.0) if n > 1.0 else np.nan


@window_operator(
    "x", add=_add, drop=_drop, sums=SUMS, window=Window(least=2), parameters=(Rows("rows", least=0, default=1),)
)
def regression_forecast(a, n, p):
    """Line of least squares through the window, continued to `rows` rows after the newest, in the unit of x.

    mean x + slope · ((n − 1) / 2 + rows); with rows = 0 the fitted value of the newest row. Undefined below two rows.
    """
    return a[1] + _line(a, n, p[1]) if n > 1.0 else np.nan
