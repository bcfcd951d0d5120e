"""The market as it stands: last trades, books, the day's range. What snapshots and queries are answered from."""

from collections import deque
from decimal import Decimal

import numpy as np

from runner.market.tickdb.symbols import is_same
from runner.venue.server.books import Book
from runner.venue.server.exact import number_text
from runner.venue.server.klines import Kline, Klines
from runner.venue.server.score import Instant, Score
from runner.venue.server.settings import Rules, Settings
from runner.venue.server.trades import Trade

__all__ = ["Day", "Stage"]

DAY_MS = 86_400_000
MOST_TRADES = 1_000
Day = tuple[float, float, float]
"""High, low and volume of a UTC day."""


class Stage:
    """What has been told so far."""

    def __init__(self, score: Score, rules: tuple[Rules, ...], settings: Settings) -> None:
        """Begin before everything."""
        self.score = score
        self.klines = Klines(score, settings.zone)
        self.derives = settings.derive_books and score.books is None and score.trades is not None
        """Whether books are made up around trades."""
        self.has_books = score.books is not None or self.derives
        self._rules = rules
        self._trades: list[deque[Trade]] = [deque(maxlen=MOST_TRADES) for _ in score.symbols]
        self._books: list[Book | None] = [None for _ in score.symbols]
        self._days: list[tuple[int, Day] | None] = [None for _ in score.symbols]

    def begin(self, at_ms: int) -> None:
        """Stand where the history ends."""
        for code in range(len(self.score.symbols)):
            self._begin_trades(code, at_ms)
            books = self.score.books
            if books is not None:
                low, high = int(books.offsets[code]), int(books.offsets[code + 1])
                end = low + int(np.searchsorted(books.at_ms[low:high], at_ms, side="right"))
                self._books[code] = books.book(end - 1) if end > low else None

    def take(self, instant: Instant) -> tuple[list[tuple[int, Book]], list[tuple[int, list[Trade]]]]:
        """Take an instant; return the books and the trades in it by symbol, derived books among them."""
        books: dict[int, Book] = {}
        trades: dict[int, list[Trade]] = {}
        for code, number in instant.books:
            if self.score.books is not None:
                books[code] = self.score.books.book(number)
        for code, number in instant.trades:
            if self.score.trades is not None:
                trades.setdefault(code, []).append(self.score.trades.trade(number))
        for code, told in trades.items():
            for trade in told:
                self._trade(code, trade)
            if self.derives:
                books[code] = self._around(code, told[-1])
        for code, book in books.items():
            self._books[code] = book
        return list(books.items()), list(trades.items())

    def code_of(self, symbol: str) -> int | None:
        """Return the code of a symbol, however it is spelled; None if there is none."""
        symbols = self.score.symbols
        if symbol in symbols:
            return symbols.index(symbol)
        return next((code for code, known in enumerate(symbols) if is_same(symbol, known)), None)

    def book(self, code: int) -> Book | None:
        """Return the book."""
        return self._books[code]

    def trades(self, code: int, most: int) -> list[Trade]:
        """Return the latest trades, oldest first."""
        return list(self._trades[code])[-most:]

    def last(self, code: int) -> Trade | None:
        """Return the last trade."""
        return self._trades[code][-1] if self._trades[code] else None

    def day(self, code: int) -> Day:
        """Return the range of the last trade's UTC day, as far as it was told."""
        found = self._days[code]
        return (float("nan"), float("nan"), 0.0) if found is None else found[1]

    def bars(self, code: int, interval: str, now_ms: int, bounds: tuple[int | None, int | None]) -> list[Kline]:
        """Return the bars within bounds, the forming one last; raise `NoSuchInterval`."""
        return self.klines.window(code, interval, now_ms, bounds)

    def _begin_trades(self, code: int, at_ms: int) -> None:
        trades = self.score.trades
        if trades is None:
            return
        low, high = int(trades.offsets[code]), int(trades.offsets[code + 1])
        end = low + int(np.searchsorted(trades.at_ms[low:high], at_ms, side="right"))
        for number in range(max(low, end - MOST_TRADES), end):
            self._trade(code, trades.trade(number))
        last = self.last(code)
        if self.derives and last is not None:
            self._books[code] = self._around(code, last)

    def _trade(self, code: int, trade: Trade) -> None:
        self._trades[code].append(trade)
        day, known = trade.at_ms // DAY_MS, self._days[code]
        size = trade.size if trade.size > 0 else 0.0
        if known is None or known[0] != day:
            self._days[code] = (day, (trade.price, trade.price, size))
            return
        high, low, volume = known[1]
        self._days[code] = (day, (max(high, trade.price), min(low, trade.price), volume + size))

    def _around(self, code: int, trade: Trade) -> Book:
        """Return a book of one level on either side of a trade, a tick away; of size 1 where the trade's isn't known."""
        tick, price = self._rules[code].tick, Decimal(number_text(trade.price) or "0")
        size = trade.size if trade.size > 0 else 1.0
        bids = ((float(price - tick), size),) if price > tick else ()
        return Book(trade.at_ms, bids, ((float(price + tick), size),))
