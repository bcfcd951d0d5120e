"""The four kinds of market data, and the columns each has.

| stream | one row is | columns |
|---|---|---|
| bars | what happened during an interval | open, high, low, close, volume |
| quotes | a change of the best bid or offer | bid_price, bid_size, ask_price, ask_size |
| trades | one trade | price, size, side |
| depth | the top of the book after an event | bid_price_0 …, bid_size_0 …, ask_price_0 …, ask_size_0 … |

Prices are in quote currency, sizes in units. `side` is the taker's: 1 buys, -1 sells, NaN where the source doesn't say. A
book level that isn't there has NaN as price and as size. Level 0 is the best.
"""

from typing import Literal

__all__ = ["MOST_LEVELS", "RAW_PRICES", "STREAMS", "Stream", "columns_of", "price_columns"]

Stream = Literal["bars", "quotes", "trades", "depth"]
"""Name of a stream."""

STREAMS: tuple[Stream, ...] = ("bars", "quotes", "trades", "depth")

MOST_LEVELS = 1_000
"""More levels than any venue sends."""

BARS = ("open", "high", "low", "close", "volume")
RAW_PRICES = ("raw_open", "raw_high", "raw_low", "raw_close")
"""Columns with the prices that were traded, which bars adjusted for corporate actions have beside the others."""
QUOTES = ("bid_price", "bid_size", "ask_price", "ask_size")
TRADES = ("price", "size", "side")


def columns_of(stream: Stream, levels: int = 0) -> tuple[str, ...]:
    """Return the columns of a stream, in their order; `levels` counts those of a depth stream."""
    if stream == "depth":
        names = (f"{side}_{what}" for side in ("bid", "ask") for what in ("price", "size"))
        return tuple(f"{name}_{level}" for name in names for level in range(levels))
    return {"bars": BARS, "quotes": QUOTES, "trades": TRADES}[stream]


def price_columns(stream: Stream, levels: int = 0) -> tuple[str, ...]:
    """Return those columns that are prices."""
    return tuple(name for name in columns_of(stream, levels) if "price" in name or name in {"open", "high", "low", "close"})
