"""Messages of market data as the venue writes them, in TickDB's documented dialect and in the article's.

| | documented | article |
|---|---|---|
| numbers | text | numbers |
| bars | time open high low close volume quote_volume | t o h l c v |
| depth | {"cmd": "depth", "data": {symbol, type, bids, asks, timestamp}} | {"data": {symbol, bids, asks, timestamp}} |

Text reads back to the tape's bits, and so do the numbers. What isn't known is null.
"""

import json
from collections.abc import Iterable
from typing import Any, Literal

from runner.market.tickdb.settings import Dialect
from runner.market.tickdb.symbols import suffix
from runner.venue.server.books import Book, Level
from runner.venue.server.exact import number_text
from runner.venue.server.klines import Kline
from runner.venue.server.trades import Trade

__all__ = [
    "CHANNELS",
    "Channel",
    "book_data",
    "kline_row",
    "kline_rows",
    "line",
    "message",
    "pong",
    "ticker_data",
    "trade_row",
    "type_of",
]

Channel = Literal["ticker", "depth", "trade"]
CHANNELS: tuple[Channel, ...] = ("ticker", "depth", "trade")
SIDES = {1: "buy", -1: "sell", 0: "neutral"}


def line(told: Any) -> str:
    """Return a message as it travels."""
    return json.dumps(told, separators=(",", ":"), allow_nan=False)


def type_of(symbol: str) -> str:
    """Return TickDB's word for the kind of instrument, told from the symbol's spelling."""
    return "stock" if suffix(symbol) else "crypto" if symbol.upper().endswith(("USDT", "USDC", "BTC")) else "other"


def kline_row(bar: Kline, dialect: Dialect) -> dict[str, Any]:
    """Return one bar."""
    if dialect == "article":
        return {"t": bar.time_ms, **{name: _number(value) for name, value in zip("ohlcv", bar[1:], strict=True)}}
    names = ("open", "high", "low", "close", "volume")
    row: dict[str, Any] = {"time": bar.time_ms, **{name: number_text(v) for name, v in zip(names, bar[1:], strict=True)}}
    return row | {"quote_volume": number_text(bar.volume * bar.close)}


def kline_rows(bars: Iterable[Kline], dialect: Dialect) -> list[dict[str, Any]]:
    """Return several bars."""
    return [kline_row(bar, dialect) for bar in bars]


def trade_row(trade: Trade) -> dict[str, Any]:
    """Return one trade."""
    return {
        "id": str(trade.number),
        "price": number_text(trade.price),
        "quantity": number_text(trade.size),
        "side": SIDES[trade.side],
        "timestamp": trade.at_ms,
    }


def book_data(symbol: str, book: Book, dialect: Dialect = "tickdb_v1", most: int | None = None) -> dict[str, Any]:
    """Return a book, of at most so many levels."""
    told: dict[str, Any] = {"symbol": symbol}
    if dialect == "tickdb_v1":
        told["type"] = type_of(symbol)
    return told | {
        "bids": [_level(level, dialect) for level in book.bids[:most]],
        "asks": [_level(level, dialect) for level in book.asks[:most]],
        "timestamp": book.at_ms,
    }


def ticker_data(symbol: str, last: Trade, day: tuple[float, float, float], book: Book | None) -> dict[str, Any]:
    """Return a ticker; `day` is the high, the low and the volume of the UTC day so far."""
    told = {
        "symbol": symbol,
        "type": type_of(symbol),
        "last_price": number_text(last.price),
        "high_24h": number_text(day[0]),
        "low_24h": number_text(day[1]),
        "volume_24h": number_text(day[2]),
        "timestamp": last.at_ms,
    }
    if book is not None and book.bids and book.asks:
        told |= {"bid_price": number_text(book.bids[0][0]), "ask_price": number_text(book.asks[0][0])}
    return told


def message(channel: Channel, data: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Return what travels over the socket."""
    return {"cmd": channel, "data": data} if dialect == "tickdb_v1" else {"data": data}


def pong(at_ms: int) -> dict[str, Any]:
    """Return the answer to a ping: everything up to this time has been told before it."""
    return {"cmd": "pong", "code": 0, "message": "pong", "data": {"timestamp": at_ms}}


def _level(level: Level, dialect: Dialect) -> list[Any]:
    return [number_text(value) if dialect == "tickdb_v1" else _number(value) for value in level]


def _number(value: float) -> float | None:
    return None if number_text(value) is None else value
