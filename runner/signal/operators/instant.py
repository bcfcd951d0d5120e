"""What operators across symbols share: sums over one instant that don't depend on the order of the universe.

Rounding makes a sum depend on the order of what is added. So values are added in ascending order, whichever symbol has
which: a universe written in another order gives the same bits. A mean is one of the values plus the mean distance from it;
equal values thus have a mean that is exactly theirs, and a large offset costs no digits.
"""

import numpy as np

from runner.compiler import allocating_part, part_of_kernel

__all__ = ["ascending", "by_second", "centre_of", "deviation_of", "total_of"]


@allocating_part
def ascending(x, out):
    """Put the defined values of the first column in ascending order at the head of `out`; return how many there are."""
    n = 0
    for i in range(out.size):
        if np.isfinite(x[i, 0]):
            out[n] = x[i, 0] + 0.0  # no -0.0: it sorts like 0.0, so which comes first would depend on the universe
            n += 1
    out[:n].sort()
    return n


@allocating_part
def by_second(x, out):
    """Return the places of rows with both columns defined, ascending by the second, then by the first; spoils `out`."""
    n = 0
    for i in range(out.size):
        defined = np.isfinite(x[i, 0]) and np.isfinite(x[i, 1])
        out[i] = x[i, 0] if defined else np.inf
        n += 1 if defined else 0
    first = np.argsort(out)
    for i in range(n):
        out[i] = x[first[i], 1]
    return first[np.argsort(out[:n], kind="mergesort")]


@part_of_kernel
def centre_of(values, n):
    """Return the mean of n ascending values in two parts, a value and the rest; NaN of none, or if they are too large."""
    if n == 0:
        return np.nan, np.nan
    centre = values[n // 2]
    rest = 0.0
    for i in range(n):
        rest += values[i] - centre
    rest /= n
    return centre, rest if np.isfinite(rest) else np.nan


@part_of_kernel
def deviation_of(values, n, centre, rest):
    """Return the sample standard deviation of n ascending values; NaN of fewer than two, or if they are too large."""
    if n < 2:
        return np.nan
    squares = 0.0
    for i in range(n):
        distance = (values[i] - centre) - rest
        squares += distance * distance
    return np.sqrt(squares / (n - 1)) if squares < np.inf else np.nan


@part_of_kernel
def total_of(values, n):
    """Return the sum of n ascending values, with what rounding took put back (Neumaier 1974); NaN if it is too large."""
    total = lost = 0.0
    for i in range(n):
        value = values[i]
        larger = total + value
        lost += (total - larger) + value if abs(total) >= abs(value) else (value - larger) + total
        total = larger
    total += lost
    return total if np.isfinite(total) else np.nan
