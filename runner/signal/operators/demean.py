"""Distance from the mean of an instant's symbols."""

import numpy as np

from runner.signal.operator import cross_operator
from runner.signal.operators.instant import ascending, centre_of

__all__ = ["demean"]


@cross_operator("x")
def demean(x, p, out):
    """x − mean over the symbols defined at the instant. Exactly 0 where all have the same value."""
    n = ascending(x, out)
    centre, rest = centre_of(out, n)
    for i in range(out.size):
        out[i] = (x[i, 0] - centre) - rest if np.isfinite(x[i, 0]) else np.nan
