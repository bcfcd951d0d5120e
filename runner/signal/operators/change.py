"""Changes over a number of rows.

All three take the difference first: two prices near 1e6 that differ by a cent lose half their digits in a quotient, and none
in a difference.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Rows, operator

__all__ = ["diff", "log_returns", "returns"]


@part_of_kernel
def _earlier(state, value, rows):
    """Return the value so many rows ago, NaN if there is none, and keep the new one.

    State: next place, whether the circle is full, then the values in a circle. The place is counted as a float: a processor
    waits for the one before, and turning it into a whole number and back takes longer than all the rest.
    """
    place = state[0]
    at = 2 + int(place)
    earlier = state[at] if state[1] > 0.0 else np.nan
    state[at] = value
    if place + 1.0 < rows:
        state[0] = place + 1.0
    else:
        state[0], state[1] = 0.0, 1.0
    return earlier


@operator("x", parameters=(Rows("rows", default=1),), state=lambda rows: 2 + int(rows), warm_up=int)
def diff(state, x, p):
    """Change over `rows` rows: x[t] − x[t−rows]. Undefined where either is, or the difference overflows."""
    change = x[0] - _earlier(state, x[0], p[0])
    return change if np.isfinite(change) else np.nan


@operator("x", parameters=(Rows("rows", default=1),), state=lambda rows: 2 + int(rows), warm_up=int)
def returns(state, x, p):
    """Simple return over `rows` rows, a fraction: x[t] / x[t−rows] − 1. Undefined where x[t−rows] = 0."""
    earlier = _earlier(state, x[0], p[0])
    change = (x[0] - earlier) / earlier
    return change if np.isfinite(change) else np.nan


@operator("x", parameters=(Rows("rows", default=1),), state=lambda rows: 2 + int(rows), warm_up=int)
def log_returns(state, x, p):
    """Logarithmic return over `rows` rows: ln(x[t] / x[t−rows]). Undefined where either isn't above zero."""
    earlier = _earlier(state, x[0], p[0])
    if not (x[0] > 0.0 and earlier > 0.0):
        return np.nan
    change = np.log1p((x[0] - earlier) / earlier)
    return change if np.isfinite(change) else np.nan
