"""The books of a tape: the top levels as recorded, or the touch of a tape of quotes as a book of one level."""

import math
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.venue.server.stamps import ceiled

__all__ = ["Book", "Books", "DepthBooks", "Level", "QuoteBooks"]

Level = tuple[float, float]
"""Price and size."""


class Book(NamedTuple):
    """What a book looks like at an instant; levels best first, a side may be empty."""

    at_ms: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Books(Protocol):
    """All books of a tape, symbol by symbol, ascending in time."""

    at_ms: NDArray[np.int64]
    """[B] when each is told."""
    offsets: NDArray[np.int64]
    """[N+1] books `offsets[i]:offsets[i + 1]` are of symbol `i`."""

    def book(self, number: int) -> Book:
        """Return one of them."""


class DepthBooks:
    """Books as recorded."""

    def __init__(self, tape: Tape) -> None:
        """Take a tape of depth; levels that aren't there are left out."""
        self.at_ms = ceiled(tape.ts)
        self.offsets = tape.offsets
        levels = sum(name.startswith("bid_price_") for name in tape.columns)
        self._sides = {
            side: [(tape.columns[f"{side}_price_{level}"], tape.columns[f"{side}_size_{level}"]) for level in range(levels)]
            for side in ("bid", "ask")
        }

    def book(self, number: int) -> Book:
        """Return one of them."""
        return Book(int(self.at_ms[number]), self._side("bid", number), self._side("ask", number))

    def _side(self, side: str, row: int) -> tuple[Level, ...]:
        levels = ((float(price[row]), float(size[row])) for price, size in self._sides[side])
        return tuple(level for level in levels if math.isfinite(level[0]) and level[1] > 0)


class QuoteBooks:
    """Books of one level."""

    def __init__(self, tape: Tape) -> None:
        """Take a tape of quotes."""
        self.at_ms = ceiled(tape.ts)
        self.offsets = tape.offsets
        self._columns = tape.columns

    def book(self, number: int) -> Book:
        """Return one of them."""
        return Book(int(self.at_ms[number]), self._side("bid", number), self._side("ask", number))

    def _side(self, side: str, row: int) -> tuple[Level, ...]:
        price, size = float(self._columns[f"{side}_price"][row]), float(self._columns[f"{side}_size"][row])
        return ((price, size),) if math.isfinite(price) and size > 0 else ()
