"""The stationary bootstrap: histories drawn from the rows of one history, in blocks of random length.

A drawn history starts at a random row; each next row is the following one, or with probability 1 / `mean_block` another
random row. The first row follows the last. Block lengths are geometric with that mean, so drawn histories are stationary.

Source: Politis and Romano (1994), "The Stationary Bootstrap", Journal of the American Statistical Association 89(428).
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

__all__ = ["drawn_rows", "row_shares"]


def drawn_rows(generator: Generator, *, rows: int, resamples: int, mean_block: float) -> NDArray[np.int64]:
    """Return the rows of the drawn histories, [resamples, rows], each 0 to rows − 1.

    Args:
        generator: Where chance comes from; its state moves on.
        rows: Rows of the history, one or more.
        resamples: Histories to draw.
        mean_block: Mean number of rows in a block, one or more; at one, rows are drawn independently.

    Raises:
        ValueError: there are no rows, or the mean block is shorter than one.
    """
    if rows < 1 or not mean_block >= 1.0:
        raise ValueError(f"rows and mean_block must be at least 1, were {rows} and {mean_block}")
    starts = generator.random((resamples, rows)) < 1.0 / mean_block
    begun = generator.integers(rows, size=(resamples, rows))
    place = np.arange(rows)
    block = np.maximum.accumulate(np.where(starts, place, 0), axis=1)
    return (np.take_along_axis(begun, block, axis=1) + place - block) % rows


def row_shares(drawn: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how much of each drawn history each row is, [resamples, rows]; shares times returns are the drawn means."""
    resamples, rows = drawn.shape
    flat = (drawn + rows * np.arange(resamples)[:, None]).ravel()
    return np.bincount(flat, minlength=resamples * rows).reshape(resamples, rows) / float(rows)
