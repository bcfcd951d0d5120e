"""Binance's spot book rebuilt from a REST snapshot and the differences that follow it.

The venue's contract: a difference carries the ids `U` to `u` of the updates in it. Those with `u` ≤ the snapshot's
`lastUpdateId` are already in it; the first one applied must reach back to the snapshot (`U` ≤ `lastUpdateId` + 1), each
later one must start where the one before ended (`U` = `u` before + 1). Anything else is a gap, and the book is unknown from
there to the next snapshot.

1. While the book isn't known, differences are remembered (`REMEMBERED`): those sent while a snapshot was on its way reach
   the recorder before it.
2. `snapshot` starts the book and applies what it doesn't hold of the remembered ones. A snapshot of a book that is known
   tells nothing new and is passed over.
3. `difference` applies one that continues the chain.

Both yield each difference when the book stands right after it, for the caller to look at the book then.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from runner.market.order_book import OrderBook

__all__ = ["BinanceBook", "Difference", "Levels"]

REMEMBERED = 1_000
"""Differences kept for the next snapshot: 100 s of them."""

Levels = Sequence[tuple[float, float]]
"""Price and size."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One `depthUpdate`."""

    stamp: int
    """`E`: ms since 1970 at which the venue sent it."""
    first: int
    """`U`: id of the first update in it."""
    last: int
    """`u`: id of the last."""
    bids: Levels
    asks: Levels
    file: str
    """The file it was recorded in."""
    line: int
    """Its line there, counted from 1."""


class BinanceBook:
    """The book, the id of the last update in it, and how often the chain of ids broke."""

    def __init__(self) -> None:
        """Start without a book."""
        self.book = OrderBook()
        self.last: int | None = None
        """Id of the last update the book holds; None while it isn't known."""
        self.gaps = 0
        """Times the chain of ids broke."""
        self._continues = False
        self._remembered: deque[Difference] = deque(maxlen=REMEMBERED)

    def snapshot(self, last: int, bids: Levels, asks: Levels) -> Iterator[Difference]:
        """Start from a snapshot that holds the updates up to `last`."""
        if self.last is not None:
            return
        remembered = tuple(self._remembered)
        self._remembered.clear()
        self.book = OrderBook()
        self.book.put(bids, asks)
        self.last, self._continues = last, False
        for difference in remembered:
            yield from self.difference(difference)

    def difference(self, difference: Difference) -> Iterator[Difference]:
        """Apply a difference if the book is known and doesn't hold it yet."""
        if self.last is not None and difference.last <= self.last:
            return
        if self.last is not None and not self._reaches(difference, self.last):
            self.gaps += 1
            self.last = None
        if self.last is None:
            self._remembered.append(difference)
            return
        self.book.put(difference.bids, difference.asks)
        self.last, self._continues = difference.last, True
        yield difference

    def _reaches(self, difference: Difference, last: int) -> bool:
        return difference.first == last + 1 if self._continues else difference.first <= last + 1
