"""Orders against the market that is played; the rules are those of `trading_words`.

`on_book` and `on_trade` are told what the market does, before anybody else is. Orders of one symbol are served in the order
they came. Own orders never meet each other, and what an order takes of a book is gone until the book is told anew.
"""

from collections.abc import Callable
from decimal import Decimal

from runner.venue.server.account import Order
from runner.venue.server.books import Book, Level
from runner.venue.server.exact import sizes, units
from runner.venue.server.trades import Trade

__all__ = ["Matching"]

Fill = Callable[[Order, int, int], None]
"""Takes an order, a quantity and a price."""


class Shown:
    """What is left of a book, in units."""

    def __init__(self, book: Book) -> None:
        """Take a book as told."""
        self.asks = [_level(level) for level in book.asks]
        self.bids = [_level(level) for level in book.bids]

    def against(self, side: int) -> list[list[int]]:
        """Return the levels that an order of this side takes, best first."""
        return self.asks if side > 0 else self.bids


class Matching:
    """The living orders of every symbol."""

    def __init__(self, lots: tuple[int, ...], books: frozenset[int], participation: Decimal | None, fill: Fill) -> None:
        """Take the lot of each symbol in units, the codes of those that have books, and what is told of every fill."""
        self._lots = lots
        self._with_books = books
        self._share = None if participation is None else participation.as_integer_ratio()
        self._fill = fill
        self._live: dict[int, list[Order]] = {}
        self._shown: dict[int, Shown] = {}
        self._books: dict[int, Book] = {}

    def live(self) -> list[Order]:
        """Return all orders that may fill."""
        return [order for orders in self._live.values() for order in orders if order.status == "open"]

    def arrive(self, order: Order) -> None:
        """Take a new order; where there is a book, match it."""
        self._live.setdefault(order.code, []).append(order)
        if order.code in self._with_books and order.code in self._books:
            self._take(order, self._left(order.code), at_limit=False)
            order.is_fresh = False
            if not order.rests and order.status == "open":
                order.status = "expired"
        self._tidy(order.code)

    def on_book(self, code: int, book: Book) -> list[Order]:
        """Take a new book; return the orders that changed."""
        self._books[code] = book
        self._shown.pop(code, None)
        orders = self._live.get(code)
        if not orders:
            return []
        changed = [order for order in orders if self._meets(order, self._left(code))]
        self._tidy(code)
        return changed

    def on_trade(self, code: int, trade: Trade) -> list[Order]:
        """Take a trade; return the orders that changed."""
        orders = self._live.get(code)
        if not orders:
            return []
        price = units(trade.price)
        left = self._most(code, trade.size)
        changed = []
        for order in orders:
            quantity = self._at_trade(order, price)
            quantity = quantity if left is None else min(quantity, left)
            if quantity > 0:
                at = price if order.is_fresh and order.code not in self._with_books else order.price
                self._fill(order, quantity, price if at is None else at)
                left = None if left is None else left - quantity
            is_over = order.code not in self._with_books and order.is_fresh and not order.rests
            if is_over and order.status == "open":
                order.status = "expired"
            if quantity > 0 or is_over:
                changed.append(order)
            if order.code not in self._with_books:
                order.is_fresh = False
        self._tidy(code)
        return changed

    def _at_trade(self, order: Order, price: int) -> int:
        """Return how much of an order a trade may fill, its size left aside."""
        if order.is_fresh and order.code not in self._with_books:
            return order.remaining if order.allows(price) else 0
        if order.is_fresh or order.price is None:
            return 0
        beyond = order.side * (order.price - price)
        return order.remaining if beyond > 0 or (beyond == 0 and self._share is not None) else 0

    def _meets(self, order: Order, shown: Shown) -> bool:
        """Let a new book meet an order that waits; return whether it changed."""
        filled = order.filled
        was_fresh = order.is_fresh
        self._take(order, shown, at_limit=not order.is_fresh)
        order.is_fresh = False
        if was_fresh and not order.rests and order.status == "open":
            order.status = "expired"
            return True
        return order.filled != filled

    def _take(self, order: Order, shown: Shown, *, at_limit: bool) -> None:
        """Fill from the levels that an order allows: at their prices, or at its limit if it has been resting."""
        lot = self._lots[order.code]
        for level in shown.against(order.side):
            price, size = level
            quantity = min(order.remaining, size - size % lot)
            if not order.allows(price) or order.remaining <= 0:
                break
            if quantity > 0:
                level[1] -= quantity
                self._fill(order, quantity, order.price if at_limit and order.price is not None else price)

    def _left(self, code: int) -> Shown:
        found = self._shown.get(code)
        if found is None:
            found = self._shown[code] = Shown(self._books[code])
        return found

    def _most(self, code: int, size: float) -> int | None:
        if self._share is None:
            return None
        most = sizes(size) * self._share[0] // self._share[1]
        return most - most % self._lots[code]

    def _tidy(self, code: int) -> None:
        self._live[code] = [order for order in self._live[code] if order.status == "open"]


def _level(level: Level) -> list[int]:
    return [units(level[0]), sizes(level[1])]
