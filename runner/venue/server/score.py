"""Everything a tape has to tell, in the order it is played: one instant after the other.

An instant is a whole millisecond. What falls on the same one is told together: first books, then trades, in the order of the
symbols and, of one symbol, of the rows. The end of a bar is an instant too, with nothing to tell: it is when the bar can be
decided, before anything that comes after it.

Of each symbol trades come from the tape of trades if there is one, else from its bars; books from the tape of depth, else
from its quotes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from runner.errors import DataError, Fault
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.venue.server.books import Books, DepthBooks, QuoteBooks
from runner.venue.server.stamps import ceiled
from runner.venue.server.trades import BarTrades, TapeTrades, Trades

__all__ = ["Instant", "Score"]

Told = tuple[int, int]
"""Code of a symbol, number of its trade or book."""


class Instant(NamedTuple):
    """What is told in one millisecond."""

    at_ms: int
    books: tuple[Told, ...]
    trades: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The whole of it."""

    symbols: tuple[str, ...]
    bars: Tape | None
    """Where klines come from; None where they are made from trades or books."""
    trades: Trades | None
    books: Books | None
    days: Mapping[Stream, Tape]
    """The tapes themselves, for their session dates."""

    @classmethod
    def of(cls, tapes: Mapping[Stream, Tape]) -> "Score":
        """Read the tapes of one market.

        Raises:
            DataError: There is nothing to play, tapes disagree on their symbols, or bars can't be played as trades.
        """
        found = {stream: tape for stream, tape in tapes.items() if tape.rows}
        symbols = {tape.symbols for tape in found.values()}
        if len(symbols) != 1:
            was = "no rows" if not found else f"{len(symbols)} lists of symbols"
            raise DataError(Fault("data", "must have rows of one list of symbols to be played", was, "Name other data."))
        bars, trades = found.get("bars"), found.get("trades")
        depth, quotes = found.get("depth"), found.get("quotes")
        return cls(
            symbols=symbols.pop(),
            bars=bars,
            trades=TapeTrades(trades) if trades is not None else BarTrades(bars) if bars is not None else None,
            books=DepthBooks(depth) if depth is not None else QuoteBooks(quotes) if quotes is not None else None,
            days=found,
        )

    @property
    def span_ms(self) -> tuple[int, int]:
        """The first and the last instant."""
        times = self._times()
        return min(int(each.min()) for each in times if each.size), max(int(each.max()) for each in times if each.size)

    @property
    def with_books(self) -> frozenset[int]:
        """Codes of the symbols that have books."""
        if self.books is None:
            return frozenset()
        return frozenset(code for code, count in enumerate(np.diff(self.books.offsets)) if count)

    def instants(self, after_ms: int) -> Iterator[Instant]:
        """Yield every instant after a time, ascending."""
        ends, books, trades = self._times()
        at = np.concatenate([ends, books, trades])
        order = np.argsort(at, kind="stable")
        order = order[np.searchsorted(at[order], after_ms, side="right") :]
        sorted_at = at[order]
        starts = np.flatnonzero(np.diff(sorted_at, prepend=after_ms))
        bounds = np.append(starts, order.size)
        first_book, first_trade = ends.size, ends.size + books.size
        for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            told = order[begin:end]
            yield Instant(
                int(sorted_at[begin]),
                _of(told[(told >= first_book) & (told < first_trade)] - first_book, self.books),
                _of(told[told >= first_trade] - first_trade, self.trades),
            )

    def _times(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        none = np.empty(0, dtype=np.int64)
        ends = none if self.bars is None else np.unique(ceiled(self.bars.ts))
        return (
            ends,
            none if self.books is None else self.books.at_ms,
            none if self.trades is None else self.trades.at_ms,
        )


def _of(numbers: NDArray[np.int64], source: Trades | Books | None) -> tuple[Told, ...]:
    if source is None or not numbers.size:
        return ()
    codes = np.searchsorted(source.offsets, numbers, side="right") - 1
    return tuple(zip(codes.tolist(), numbers.tolist(), strict=True))
