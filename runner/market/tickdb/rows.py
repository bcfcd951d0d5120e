"""Decoded rows laid out as the columns a run reads, and the digest of exactly those values."""

import hashlib
from collections.abc import Mapping, Sequence

import polars as pl

from runner.market.streams import RAW_PRICES, columns_of
from runner.market.tickdb.decode import Bar, Book, Trade

__all__ = ["bar_frame", "book_frame", "digest", "trade_frame"]


def bar_frame(symbol: str, bars: Sequence[Bar], traded: Sequence[Bar] | None) -> pl.DataFrame:
    """Return bars as rows, with the prices really traded beside adjusted ones; `traded` has a bar for each of `bars`."""
    values = dict(zip(columns_of("bars"), _columns([bar.values for bar in bars], 5), strict=True))
    if traded is not None:
        values |= dict(zip(RAW_PRICES, _columns([bar.values[:4] for bar in traded], 4), strict=True))
    return _frame(symbol, [bar.time for bar in bars], values)


def trade_frame(symbol: str, trades: Sequence[Trade]) -> pl.DataFrame:
    """Return trades as rows."""
    values = _columns([(trade.price, trade.size, trade.side) for trade in trades], 3)
    return _frame(symbol, [trade.time for trade in trades], dict(zip(columns_of("trades"), values, strict=True)))


def book_frame(symbol: str, book: Book, levels: int) -> pl.DataFrame:
    """Return a book as one row of `levels` per side; levels beyond are left out, missing ones are null."""
    values: dict[str, list[float | None]] = {name: [None] for name in columns_of("depth", levels)}
    for side, found in (("bid", book.bids), ("ask", book.asks)):
        for level, (price, size) in enumerate(found[:levels]):
            values[f"{side}_price_{level}"] = [price]
            values[f"{side}_size_{level}"] = [size]
    return _frame(symbol, [book.time], values)


def digest(frame: pl.DataFrame) -> str:
    """Return the SHA-256 over names, stamps and values of one symbol's rows.

    Why not over the bytes of the answers: the same rows come in other pages the next time, and the digest must not change.
    """
    found = hashlib.sha256()
    for name in frame.columns:
        if name == "symbol":
            continue
        column = frame[name].to_physical() if name == "timestamp" else frame[name].cast(pl.Float64).fill_null(float("nan"))
        found.update(name.encode() + b"\0" + column.to_numpy().tobytes())
    return found.hexdigest()


def _columns(rows: Sequence[tuple[float, ...]], width: int) -> list[list[float | None]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _frame(symbol: str, times: Sequence[int], values: Mapping[str, Sequence[float | None]]) -> pl.DataFrame:
    stamps = pl.Series("timestamp", times, dtype=pl.Int64) * 1_000_000
    columns = [pl.Series(name, column, dtype=pl.Float64) for name, column in values.items()]
    return pl.DataFrame(
        [
            pl.Series("symbol", [symbol] * len(times), dtype=pl.String),
            stamps.cast(pl.Datetime("ns", "UTC")),
            *columns,
        ]
    )
