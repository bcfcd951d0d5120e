"""Values of an instant as shares of a whole, such as weights of a portfolio."""

import numpy as np

from runner.signal.operator import cross_operator
from runner.signal.operators.instant import total_of

__all__ = ["scale_across"]


@cross_operator("x")
def scale_across(x, p, out):
    """x / Σ |x| over the symbols defined at the instant, so that sizes add up to 1 and signs stay.

    Undefined where all are 0: there is nothing to share out.
    """
    n = 0
    for i in range(out.size):
        if np.isfinite(x[i, 0]):
            out[n] = abs(x[i, 0])
            n += 1
    out[:n].sort()
    whole = total_of(out, n)
    for i in range(out.size):
        out[i] = x[i, 0] / whole if np.isfinite(x[i, 0]) and whole > 0.0 else np.nan
