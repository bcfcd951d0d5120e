"""What a venue says, in words of our own: market data, and what is said about the connection itself.

A stamp is the venue's, UTC nanoseconds; 0 where it gave none. Symbols are numbers of the universe.
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Acked",
    "Bar",
    "Book",
    "Books",
    "Channel",
    "Data",
    "Difference",
    "Farewell",
    "Levels",
    "Message",
    "Reached",
    "Refused",
    "Snapshot",
    "Spent",
    "Top",
    "Trade",
    "Unreadable",
]

Levels = list[tuple[float, float]]
"""Price and size, best first."""


class Channel(StrEnum):
    """What can be subscribed to."""

    TRADES = "trades"
    DEPTH = "depth"
    QUOTES = "quotes"
    BARS = "bars"


class Trade(NamedTuple):
    """One trade."""

    symbol: int
    ts: int
    price: float
    """Finite and above 0."""
    size: float
    """Finite and not below 0; NaN where the venue doesn't say."""
    side: float
    """The taker's: 1 buys, -1 sells, NaN where the venue doesn't say."""
    number: int = 0
    """Ascends per symbol where the venue numbers its trades; 0 where it doesn't."""


class Book(NamedTuple):
    """The visible levels of a book, all of them; whether it can be used is for `books` to say."""

    symbol: int
    ts: int
    bids: Levels
    asks: Levels


class Books(NamedTuple):
    """Those of some messages that are whole books that can be used, read at once."""

    symbols: list[int]
    """-1 of a message that is something else."""
    ts: list[int]
    cells: NDArray[np.float64]
    """[M, 4 * levels] bid prices, bid sizes, ask prices, ask sizes; NaN where there is no such level."""

    def end(self, place: int) -> int:
        """Return where the good books end that begin at a place; the place itself where there is none."""
        while place < len(self.symbols) and self.symbols[place] >= 0:
            place += 1
        return place

    def tops(self, places: range) -> list[list[float]]:
        """Return price and size of the best bid, and of the best ask, of some messages that follow each other."""
        found: list[list[float]] = self.cells[places.start : places.stop, :: self.cells.shape[1] // 4].tolist()
        return found


class Top(NamedTuple):
    """The best prices alone."""

    symbol: int
    ts: int
    bid: tuple[float, float]
    """Price and size."""
    ask: tuple[float, float]
    last: int = -1
    """Number of the update of the book that they are of; -1 where the venue doesn't say."""


class Difference(NamedTuple):
    """What changed in a book, a link in a chain of numbers; a size of 0 takes a level away."""

    symbol: int
    ts: int
    first: int
    """Number of the first update in it."""
    last: int
    """Number of the last."""
    bids: Levels
    asks: Levels


class Snapshot(NamedTuple):
    """A whole book that differences go on from."""

    symbol: int
    ts: int
    last: int
    """Number of the last update in it; -1: the differences have no numbers and simply follow it."""
    bids: Levels
    asks: Levels


class Bar(NamedTuple):
    """A bar that the venue built."""

    symbol: int
    opened: int
    """UTC nanoseconds."""
    values: tuple[float, float, float, float, float]
    """Open, high, low, close, volume."""


class Reached(NamedTuple):
    """The venue's time: everything stamped up to it has been heard on this connection."""

    ts: int


class Acked(NamedTuple):
    """The answer to a subscription."""

    number: int
    """Which one it answers; -1: the venue doesn't say."""
    channel: Channel | None = None
    symbols: tuple[int, ...] | None = None
    """Those that are live now; None: all that were asked for."""
    again: tuple[int, ...] = ()
    """Those worth asking for again."""
    refused: tuple[int, ...] = ()
    """Those that won't be live."""
    code: str = ""
    """The venue's, of those that aren't live."""


class Refused(NamedTuple):
    """An error that is about no single subscription."""

    code: str
    about: str = ""
    """The venue's words."""


class Farewell(NamedTuple):
    """The venue will close the connection soon."""


class Spent(NamedTuple):
    """The connection is of no more use: only another one can bring what is missing."""

    reason: str


class Unreadable(NamedTuple):
    """Something that can't be used, and why: a fixed word."""

    reason: str
    symbol: int = -1
    """Which symbol's it was; -1: nobody can say."""
    channel: Channel | None = None
    """Which channel's it was."""


Data = Trade | Book | Top | Difference | Snapshot | Bar
Message = Data | Reached | Acked | Refused | Farewell | Spent | Unreadable
