"""Z-score among the symbols of an instant."""

import numpy as np

from runner.signal.operator import cross_operator
from runner.signal.operators.instant import ascending, centre_of, deviation_of

__all__ = ["zscore_across"]


@cross_operator("x")
def zscore_across(x, p, out):
    """(x − mean) / std over the symbols defined at the instant, std with M − 1.

    Undefined with fewer than two symbols, and where all have the same value.
    """
    n = ascending(x, out)
    centre, rest = centre_of(out, n)
    deviation = deviation_of(out, n, centre, rest)
    for i in range(out.size):
        defined = np.isfinite(x[i, 0]) and deviation > 0.0
        out[i] = ((x[i, 0] - centre) - rest) / deviation if defined else np.nan
