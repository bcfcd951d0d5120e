"""Which lanes are compared return by return: all of them, or as many as bearable time allows, spread over the grid.

Spread means one of each stretch of equal length, and from a different place of each stretch: every k-th lane would meet the
same value of the last axis again and again. The places go by the golden ratio, which falls into no step with any grid.
"""

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.pages.ranking import Ranking

__all__ = ["MOST_COMPARED", "compared_rows", "spread"]

MOST_COMPARED = 1_000
"""Lanes that are compared at most."""
GOLDEN = (5.0**0.5 - 1.0) / 2.0


def compared_rows(has_record: NDArray[np.bool_], ranking: Ranking, *, most: int = MOST_COMPARED) -> NDArray[np.intp]:
    """Return the rows of the lanes to compare, of those that are judged: the best first, if there is one, then in order.

    Of more lanes than that, those without returns are passed over; one whose record has a hole within may be among them.

    Args:
        has_record: [K] of all lanes; whether session returns are there.
        ranking: Of the same lanes.
        most: Lanes to return at most, 1 or more.
    """
    rows = np.flatnonzero(ranking.is_judged)
    if rows.size > most:
        rows = np.flatnonzero(ranking.is_judged & ranking.done & has_record)
    if ranking.best is None:
        return spread(rows, most)
    others = spread(rows[rows != ranking.best], most - 1)
    return np.concatenate((np.array([ranking.best]), others))


def spread(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Return at most so many of some rows, ascending and spread over them."""
    if rows.size <= most:
        return rows
    edges = np.arange(most + 1) * rows.size // max(most, 1)
    within = np.mod(np.arange(most) * GOLDEN, 1.0) * np.diff(edges)
    return np.asarray(rows[edges[:-1] + within.astype(np.intp)])
