"""Rows of one symbol as a frame: history, book or trades, asked through one conversation."""

from collections.abc import Callable

import polars as pl

from runner.market.tickdb.client import Client
from runner.market.tickdb.decode import Bar, book_of, trades_of
from runner.market.tickdb.history import latest_bars, window_bars
from runner.market.tickdb.request import book_request, klines_request, trades_request
from runner.market.tickdb.rows import bar_frame, book_frame, trade_frame
from runner.market.tickdb.settings import Dialect, Series

__all__ = ["Reader"]


class Reader:
    """Reads series of one kind."""

    def __init__(self, client: Client, dialect: Dialect, series: Series) -> None:
        """Read through `client`, which decides what is repeated and when to give up."""
        self._client = client
        self._dialect = dialect
        self._series = series

    def window(self, symbol: str, window: tuple[int, int], on_progress: Callable[[int], None]) -> pl.DataFrame:
        """Return every bar that opens in `[start, end)`, in ms; `on_progress` hears up to where they have arrived, in ms.

        Adjusted bars are asked for first and the traded prices after them; both must have the same bars. Raises DataError.
        """
        if self._series.adjust == "none":
            return bar_frame(symbol, self._window(symbol, self._series, window, on_progress), None)
        # A stretch has arrived when both have: the first conversation alone is no progress.
        adjusted = self._window(symbol, self._series, window, _unheard)
        traded = self._window(symbol, self._series.unadjusted(), window, on_progress)
        return self._paired(symbol, adjusted, traded)

    def latest(self, symbol: str, until: int) -> pl.DataFrame:
        """Return the latest bars that the service gives in one answer and that are over at `until` ms; raises DataError."""
        bars = latest_bars(self._client, self._dialect, symbol, self._series, until)
        if self._series.adjust == "none":
            return bar_frame(symbol, bars, None)
        traded = latest_bars(self._client, self._dialect, symbol, self._series.unadjusted(), until)
        return self._paired(symbol, bars, traded)

    def book(self, symbol: str) -> pl.DataFrame:
        """Return the present book as one row, `limit` levels per side at most; raises DataError."""
        book = self._client.ask(book_request(symbol, self._series), lambda data: book_of(data, symbol))
        return book_frame(symbol, book, min(self._series.limit, max(1, len(book.bids), len(book.asks))))

    def trades(self, symbol: str) -> pl.DataFrame:
        """Return the latest trades; raises DataError."""
        return trade_frame(
            symbol, self._client.ask(trades_request(symbol, self._series), lambda data: trades_of(data, symbol))
        )

    def _window(self, symbol: str, series: Series, window: tuple[int, int], on_progress: Callable[[int], None]) -> list[Bar]:
        return window_bars(self._client, self._dialect, symbol, series, window, on_progress)

    def _paired(self, symbol: str, adjusted: list[Bar], traded: list[Bar]) -> pl.DataFrame:
        times, others = [bar.time for bar in adjusted], [bar.time for bar in traded]
        if times != others:
            odd = min(set(times) ^ set(others))
            reason = f"adjusted and traded prices have different bars, first at {odd} ms"
            raise self._client.refuse(klines_request(self._dialect, symbol, self._series, None), reason)
        return bar_frame(symbol, adjusted, traded)


def _unheard(_until: int) -> None:
    """Nobody is told."""
