"""Rank among the symbols of an instant."""

import numpy as np

from runner.signal.operator import cross_operator

__all__ = ["rank"]


@cross_operator("x")
def rank(x, p, out):
    """(r − 1) / (M − 1), r the rank from 1 to M among the M symbols defined at the instant.

    Equal values share their mean rank. 0 is the lowest, 1 the highest, 0.5 the middle; a symbol alone is in the middle.
    """
    n = 0
    for i in range(out.size):
        defined = np.isfinite(x[i, 0])
        out[i] = x[i, 0] if defined else np.inf
        n += 1 if defined else 0
    order = np.argsort(out)
    out[:] = np.nan
    start = 0
    while start < n:
        stop = start + 1
        while stop < n and x[order[stop], 0] == x[order[start], 0]:
            stop += 1
        mean_rank = 0.5 * (start + stop - 1)  # counted from 0
        for i in range(start, stop):
            out[order[i]] = mean_rank / (n - 1) if n > 1 else 0.5
        start = stop
