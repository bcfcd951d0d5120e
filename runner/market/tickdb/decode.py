"""Answers read: one tolerant reader for both dialects.

Rows say `time` or `t`, `open` or `o`, text or numbers, in any order; `data` is a mapping with `klines`, a list of one such,
or the list of rows itself. Tolerance ends where the meaning would change: another symbol, another interval, a stamp in
seconds or a price that isn't a number is a `MalformedError`, never a guess.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from runner.market.tickdb.symbols import is_same
from runner.market.tickdb.values import MalformedError, milliseconds, number, required, shown

__all__ = ["Bar", "Book", "Trade", "bars_of", "book_of", "trades_of"]

TIME = ("time", "t", "timestamp")
PRICES = (("open", "o"), ("high", "h"), ("low", "l"), ("close", "c"))
SIDES = {"buy": 1.0, "sell": -1.0, "neutral": math.nan}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; a value the service doesn't know is NaN."""

    time: int
    """The bar's start, in ms since 1970."""
    values: tuple[float, float, float, float, float]
    """Open, high, low, close, volume."""

    def agrees(self, other: "Bar") -> bool:
        """Return whether two bars of one stamp have the same values; unknown equals unknown."""
        pairs = zip(self.values, other.values, strict=True)
        return all(one == two or (math.isnan(one) and math.isnan(two)) for one, two in pairs)


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade."""

    time: int
    price: float
    size: float
    side: float
    """1 the taker bought, -1 sold, NaN unknown."""


@dataclass(frozen=True, slots=True)
class Book:
    """The visible levels of a book, best first: (price, size)."""

    time: int
    bids: tuple[tuple[float, float], ...]
    asks: tuple[tuple[float, float], ...]


def bars_of(data: Any, symbol: str, interval: str, adjust: str) -> list[Bar]:
    """Return the bars of an answer in its own order; raises MalformedError."""
    if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict) and "klines" in data[0]:
        data = data[0]
    if isinstance(data, dict):
        _ensure_meant(data, symbol, {"interval": interval, "adjust": adjust})
        data = required(data, ("klines",))
    return [_bar(row) for row in _rows(data, "klines")]


def trades_of(data: Any, symbol: str) -> list[Trade]:
    """Return the trades of an answer, oldest first, those of one instant in the order they happened.

    An answer that begins with the newest is turned round as a whole; one in no order is sorted by time.

    Raises MalformedError.
    """
    if isinstance(data, dict):
        _ensure_meant(data, symbol, {})
        data = required(data, ("trades",))
    trades = [_trade(row) for row in _rows(data, "trades")]
    falls = [later.time < sooner.time for sooner, later in pairwise(trades)]
    rises = [later.time > sooner.time for sooner, later in pairwise(trades)]
    ordered = trades[::-1] if any(falls) and not any(rises) else trades
    return sorted(ordered, key=lambda trade: trade.time)


def book_of(data: Any, symbol: str) -> Book:
    """Return the book of an answer, its levels as they stand there; an empty side is no fault. Raises MalformedError."""
    time = milliseconds(required(data, TIME), "timestamp")
    _ensure_meant(data, symbol, {})
    return Book(time, _side(required(data, ("bids",)), "bids"), _side(required(data, ("asks",)), "asks"))


def _ensure_meant(data: dict[str, Any], symbol: str, expected: dict[str, str]) -> None:
    """Refuse an answer about something else: what the service repeats of the question must be what was asked."""
    echoed = data.get("symbol")
    if echoed is not None and not (isinstance(echoed, str) and is_same(echoed, symbol)):
        raise MalformedError(f"the answer is about {shown(echoed)}, {symbol} was asked for")
    for name, asked in expected.items():
        echo = data.get(name)
        if echo is not None and echo not in ("", asked):
            raise MalformedError(f"the answer has {name} {shown(echo)}, {asked} was asked for")


def _rows(data: Any, name: str) -> list[Any]:
    if data is None:
        return []
    if not isinstance(data, list):
        raise MalformedError(f"{name} is {shown(data)}, not a list")
    return data


def _bar(row: Any) -> Bar:
    time = milliseconds(required(row, TIME), "time")
    if time % 1_000:
        raise MalformedError(f"time is {time}, and bars open on whole seconds")
    o, h, l, c = (number(required(row, names), names[0]) for names in PRICES)
    return Bar(time, (o, h, l, c, number(row.get("volume", row.get("v")), "volume")))


def _trade(row: Any) -> Trade:
    time = milliseconds(required(row, TIME), "timestamp")
    price = number(required(row, ("price", "p")), "price")
    size = number(required(row, ("quantity", "q", "size")), "quantity")
    side = row.get("side")
    if side is not None and (not isinstance(side, str) or side.lower() not in SIDES):
        raise MalformedError(f"side is {shown(side)}, not one of {', '.join(SIDES)}")
    return Trade(time, price, size, math.nan if side is None else SIDES[side.lower()])


def _side(levels: Any, name: str) -> tuple[tuple[float, float], ...]:
    found = []
    for level in _rows(levels, name):
        if not isinstance(level, list) or len(level) < 2:
            raise MalformedError(f"a level of {name} is {shown(level)}, not [price, size]")
        found.append((number(level[0], f"{name} price"), number(level[1], f"{name} size")))
    return tuple(found)
