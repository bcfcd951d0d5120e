"""What files call the columns of each stream: our name → theirs."""

from collections.abc import Collection

from runner.errors import Fault
from runner.market.streams import MOST_LEVELS, Stream, columns_of
from runner.spec.kind import Spec

__all__ = ["LEVEL", "StreamColumns", "levels_in", "pattern_faults"]

LEVEL = "{level}"
"""Stands for the number of a book level, counted from 0, in the name of a column."""
BOOK = ("bid_price", "bid_size", "ask_price", "ask_size")


class StreamColumns(Spec):
    """What the files call the columns; names match exactly, and columns that aren't named here are ignored.

    Of the names only those of the stream are used. In the names of quotes and depth `{level}` stands for the number of the
    book level: 0 is the best, which is the one quotes have.
    """

    symbol: str | None = "symbol"
    """Column of tickers; null if the files have none, then `symbol` beside `columns` must name the instrument."""
    timestamp: str = "timestamp"
    """Column of stamps; the time-zone policy says what they mean."""
    open: str = "open"
    """Bars: column of opening prices, in quote currency."""
    high: str = "high"
    """Bars: column of highest prices, in quote currency."""
    low: str = "low"
    """Bars: column of lowest prices, in quote currency."""
    close: str = "close"
    """Bars: column of closing prices, in quote currency."""
    volume: str | None = "volume"
    """Bars: column of traded units; null says the files have none: volume is then unknown (NaN), not zero."""
    adjusted_close: str | None = None
    """Bars: column of closing prices after splits and dividends, which `adjust: total` reads; null if there is none."""
    bid_price: str = "bid_price_{level}"
    """Quotes and depth: column of bid prices, in quote currency."""
    bid_size: str | None = "bid_size_{level}"
    """Quotes and depth: column of bid sizes, in units; null says the files have none."""
    ask_price: str = "ask_price_{level}"
    """Quotes and depth: column of offer prices, in quote currency."""
    ask_size: str | None = "ask_size_{level}"
    """Quotes and depth: column of offer sizes, in units; null says the files have none."""
    price: str = "price"
    """Trades: column of prices, in quote currency."""
    size: str | None = "size"
    """Trades: column of sizes, in units; null says the files have none."""
    side: str | None = "side"
    """Trades: column of the taker's side, as `buy` and `sell` or 1 and -1, empty where unknown; null says there is none."""

    def theirs(self, stream: Stream, levels: int = 0) -> dict[str, str | None]:
        """Return our name → the files' name for symbol, timestamp and the columns of a stream; None where they have none."""
        named = {name: getattr(self, name) for name in ("symbol", "timestamp")}
        if stream == "depth":
            return named | {
                ours: _at(getattr(self, ours.rpartition("_")[0]), ours.rpartition("_")[2])
                for ours in columns_of(stream, levels)
            }
        if stream == "quotes":
            return named | {ours: _at(getattr(self, ours), "0") for ours in columns_of(stream)}
        return named | {ours: getattr(self, ours) for ours in columns_of(stream)}


def levels_in(columns: StreamColumns, header: Collection[str]) -> int:
    """Return how many book levels, counted from the best, a file with these column names has."""
    names = set(header)
    patterns = [pattern for pattern in (getattr(columns, name) for name in BOOK) if pattern is not None]
    complete = (all(_at(pattern, str(level)) in names for pattern in patterns) for level in range(MOST_LEVELS))
    return next((level for level, is_there in enumerate(complete) if not is_there), MOST_LEVELS)


def pattern_faults(columns: StreamColumns) -> list[Fault]:
    """Return a fault for each column of a book whose name would be the same at every level."""
    return [
        Fault(
            f"data.columns.{name}",
            f"must hold {LEVEL} where the number of the level stands",
            f'"{pattern}"',
            f'Write e.g. {name}: "{name}_{LEVEL}", or stream: quotes if the files have the best level only.',
        )
        for name in BOOK
        if (pattern := getattr(columns, name)) is not None and LEVEL not in pattern
    ]


def _at(pattern: str | None, level: str) -> str | None:
    return None if pattern is None else pattern.replace(LEVEL, level)
