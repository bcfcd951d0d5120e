"""How far a price usually moves from one row to the next: what makes another move unusual.

A move is relative to the price before, whichever way it goes; rows without a move don't count.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["AROUND", "CANDIDATES", "Codes", "Floats", "Marks", "Rows", "moves_around", "moves_of_symbol"]

Floats = NDArray[np.float64]
Codes = NDArray[np.integer[Any]]
Marks = NDArray[np.bool_]
Rows = NDArray[np.intp]

AROUND = 50
"""Rows on either side of a row that are around it."""
ENOUGH = 20
"""Moves a symbol must make before one of them can be unusual."""
CANDIDATES = 4_096
"""Rows looked at together: their surroundings are a hundred numbers each."""


def moves_of_symbol(price: Floats, codes: Codes, at: Rows) -> Floats:
    """Return for each row the median of its symbol's moves, infinity where they are too few to be usual."""
    medians = np.full(int(codes.max()) + 1, np.inf)
    for code in np.unique(codes[at]):
        first, last = np.searchsorted(codes, [code, code + 1])
        moves = _moves(price[first:last])
        if np.count_nonzero(moves > 0) >= ENOUGH:
            medians[code] = np.nanmedian(moves)
    found: Floats = medians[codes[at]]
    return found


def moves_around(price: Floats, codes: Codes, at: Rows) -> Floats:
    """Return for each row the median of the moves around it, its own two left out, 0 where nothing else moves."""
    found = np.zeros(at.size)
    offsets = np.arange(-AROUND - 1, AROUND + 2)
    own = np.isin(offsets[1:], (0, 1))
    for first in range(0, at.size, CANDIDATES):
        some = at[first : first + CANDIDATES, None]
        rows = np.clip(some + offsets, 0, price.size - 1)
        same = (rows == some + offsets) & (codes[rows] == codes[some])
        nearby = np.where(same, price[rows], np.nan)
        moves = np.where(own, np.nan, _moves(nearby.T).T)
        moving = ~np.isnan(moves).all(axis=1)
        found[first : first + CANDIDATES][moving] = np.nanmedian(moves[moving], axis=1)
    return found


def _moves(price: Floats) -> Floats:
    """Return the relative move to each price from the one before, NaN where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.abs(price[1:] / price[:-1] - 1)
    return np.where(moves > 0, moves, np.nan)
