"""Whether a book can be used, and books that are told as a snapshot and differences.

A book that can't be used is never shown: its best prices are NaN with the reason beside them, and so are the levels of its
row. `book_fault` knows these reasons:

| reason | |
|---|---|
| `empty` | a side without levels |
| `crossed`, `locked` | the best bid is above, or at, the best offer |
| `values` | a price or size that isn't a finite number above 0 |
| `order` | levels that aren't sorted from the best one on |

`Chain` follows differences by the venue's numbers (`runner.market.binance_book`) and adds `gap`: the chain of numbers broke,
or the book it led to is crossed or contradicts the best prices that the venue gave with the same number; it is unknown until
the next snapshot. Differences without numbers rely on the order of the connection alone.
"""

import math

from runner.live.feed.messages import Difference, Levels, Snapshot, Top
from runner.market import binance_book
from runner.market.order_book import OrderBook

__all__ = ["GAP", "Chain", "book_fault"]

GAP = "gap"
INF = math.inf
UNNUMBERED = -1
ALL = 1_000
"""Levels that are shown of a book at most."""


def book_fault(bids: Levels, asks: Levels) -> str:
    """Return why a book can't be used, empty if it can."""
    if not bids or not asks:
        return "empty" if _are_levels(bids, asks) else "values"
    last = INF
    for price, size in bids:
        if not (0.0 < price < last and 0.0 < size < INF):
            return "order" if _are_levels(bids, asks) else "values"
        last = price
    last = 0.0
    for price, size in asks:
        if not (last < price < INF and 0.0 < size < INF):
            return "order" if _are_levels(bids, asks) else "values"
        last = price
    if bids[0][0] < asks[0][0]:
        return ""
    return "locked" if bids[0][0] == asks[0][0] else "crossed"


def _are_levels(*sides: Levels) -> bool:
    return all(0.0 < number < INF for side in sides for level in side for number in level)


class Chain:
    """The book of one symbol, as a snapshot and the differences since."""

    def __init__(self) -> None:
        """Begin without a book."""
        self.gaps = 0
        """Times that it was lost."""
        self._numbered = binance_book.BinanceBook()
        self._plain: OrderBook | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is a book."""
        return self._plain is not None or self._numbered.last is not None

    @property
    def last(self) -> int | None:
        """The number of the last update in it, None where there is none."""
        return self._numbered.last

    def lose(self) -> None:
        """Forget the book: it is unknown from here to the next snapshot."""
        self.gaps += self.is_known
        self._plain = None
        self._numbered = binance_book.BinanceBook()

    def put(self, said: Snapshot | Difference) -> bool:
        """Take what was said; return whether there is a book right after it that wasn't there before."""
        if isinstance(said, Snapshot):
            return self._begin(said)
        if said.first == UNNUMBERED:
            if self._plain is not None:
                self._plain.put(said.bids, said.asks)
            return self._plain is not None
        lost = self._numbered.gaps
        changed = _ran(self._numbered, said)
        self.gaps += self._numbered.gaps - lost
        return changed

    def contradicts(self, top: Top) -> bool:
        """Tell whether the venue's best prices differ from the book's at the same number."""
        if top.last < 0 or top.last != self._numbered.last:
            return False
        bids, asks = self.levels(1)
        return bids != [top.bid] or asks != [top.ask]

    def levels(self, most: int = ALL) -> tuple[Levels, Levels]:
        """Return the best levels of both sides."""
        book = self._plain if self._plain is not None else self._numbered.book
        row = book.row(most)
        sides = row[:most], row[most : 2 * most], row[2 * most : 3 * most], row[3 * most :]
        bids = [(p, q) for p, q in zip(sides[0], sides[1], strict=True) if p == p]  # noqa: PLR0124 - NaN is no level
        asks = [(p, q) for p, q in zip(sides[2], sides[3], strict=True) if p == p]  # noqa: PLR0124 - likewise
        return bids, asks

    def _begin(self, said: Snapshot) -> bool:
        if said.last == UNNUMBERED:
            self._plain = OrderBook()
            self._plain.put(said.bids, said.asks)
            return True
        before = self._numbered.last
        for _ in self._numbered.snapshot(said.last, said.bids, said.asks):
            pass
        return before is None and self._numbered.last is not None


def _ran(book: binance_book.BinanceBook, said: Difference) -> bool:
    told = binance_book.Difference(said.ts, said.first, said.last, said.bids, said.asks, file="", line=0)
    return sum(1 for _ in book.difference(told)) > 0
