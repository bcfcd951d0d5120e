"""Fewer points for the same picture: the lowest and the highest of every stretch stay, so that no extreme disappears."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["kept_points"]


def kept_points(values: NDArray[np.float64], *, limit: int) -> NDArray[np.intp]:
    """Return ascending indices of at most `limit` points to draw.

    The series is cut into equal stretches; each gives its lowest and its highest point, and the ends of the series stay.

    Args:
        values: finite numbers in the order they are drawn.
        limit: number of points allowed, 4 or more; a series that is not longer is kept whole.
    """
    if values.size <= limit:
        return np.arange(values.size)
    edges = np.linspace(0, values.size, (limit - 2) // 2 + 1).astype(np.intp)
    kept = [0, values.size - 1]
    for first, last in pairwise(edges.tolist()):
        stretch = values[first:last]
        kept += [first + int(np.argmin(stretch)), first + int(np.argmax(stretch))]
    return np.unique(np.array(kept, dtype=np.intp))
