"""The same look at the rows of every symbol, or at every block of rows, in as many threads as polars uses.

NumPy lets other threads run while it works, but only long columns keep it busy enough for that: with short ones threads
would wait for each other most of the time.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

__all__ = ["piecewise"]

LONG = 1 << 15
"""Rows of an average piece from which on threads are worth it."""

Piece = TypeVar("Piece")
Found = TypeVar("Found")


def piecewise(look: Callable[[Piece], Found], pieces: Iterable[Piece], *, rows: int) -> list[Found]:
    """Return what is found in each piece, in their order; `look` must change nothing but what is the piece's own.

    Args:
        look: what is done with a piece.
        pieces: such as the rows of a symbol.
        rows: rows of all pieces together.
    """
    held = list(pieces)
    if rows < LONG * len(held):
        return [look(piece) for piece in held]
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return list(pool.map(look, held))
