"""Binance's spot streams: trades, differences of books, best prices and bars, all over combined streams.

    {"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1}  →  {"result": null, "id": 1}
    {"stream": "btcusdt@trade", "data": {…}}

- A book is a snapshot from beside the stream and the differences since, numbered without gaps (`books.Chain`); best prices
  bear the number of the book they are of, which checks one against the other.
- Trades are numbered without gaps, so a lost one is noticed.
- The venue's own pings are answered by the socket; its time is told by the stamps of its data alone.
- A connection lives for a day; the venue may say before that it is about to end.

Best prices have no stamp: they are of when they come.
"""

import json
import math
from collections.abc import Sequence

import msgspec

from runner.live.feed.dialect import SECOND, Manners
from runner.live.feed.messages import (
    Acked,
    Bar,
    Books,
    Channel,
    Difference,
    Farewell,
    Levels,
    Message,
    Refused,
    Snapshot,
    Top,
    Trade,
    Unreadable,
)
from runner.live.feed.stamps import nanoseconds_of

__all__ = ["MANNERS", "Binance"]

MANNERS = Manners(
    heartbeat_ns=None,
    tells_time=False,
    symbols_per_message=100,
    messages=4,
    messages_ns=SECOND,
    symbols_per_connection=300,
    connections=60,
    connections_ns=300 * SECOND,
    life_ns=84_600 * SECOND,
    is_consecutive=True,
)
"""Within what the venue documents: 5 messages a second, 300 openings in five minutes, 24 hours; a part is left to others."""

PASSING = {"-1000", "-1001", "-1003", "-1006", "-1007", "-1008"}
INF = math.inf
Number = float


class _Wrapped(msgspec.Struct):
    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()
    id: int | None = None
    error: "_Error | None" = None
    e: str = ""
    code: int | None = None


class _Error(msgspec.Struct):
    code: int | str = ""
    msg: str = ""


class _Trade(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    number: int = msgspec.field(name="t")
    price: Number = msgspec.field(name="p")
    size: Number = msgspec.field(name="q")
    at: int = msgspec.field(name="T")
    is_sell: bool = msgspec.field(name="m")


class _Difference(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    at: int = msgspec.field(name="E")
    first: int = msgspec.field(name="U")
    last: int = msgspec.field(name="u")
    bids: list[tuple[Number, Number]] = msgspec.field(name="b")
    asks: list[tuple[Number, Number]] = msgspec.field(name="a")


class _Top(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    last: int = msgspec.field(name="u")
    bid: Number = msgspec.field(name="b")
    bid_size: Number = msgspec.field(name="B")
    ask: Number = msgspec.field(name="a")
    ask_size: Number = msgspec.field(name="A")


class _Bar(msgspec.Struct):
    symbol: str = msgspec.field(name="s")
    opened: int = msgspec.field(name="t")
    open: Number = msgspec.field(name="o")
    high: Number = msgspec.field(name="h")
    low: Number = msgspec.field(name="l")
    close: Number = msgspec.field(name="c")
    volume: Number = msgspec.field(name="v")
    is_over: bool = msgspec.field(name="x")


class _Kline(msgspec.Struct):
    k: _Bar


class _Book(msgspec.Struct):
    last: int = msgspec.field(name="lastUpdateId")
    bids: list[tuple[Number, Number]]
    asks: list[tuple[Number, Number]]


WRAPPED = msgspec.json.Decoder(_Wrapped)
TRADE = msgspec.json.Decoder(_Trade, strict=False)
DIFFERENCE = msgspec.json.Decoder(_Difference, strict=False)
TOP = msgspec.json.Decoder(_Top, strict=False)
KLINE = msgspec.json.Decoder(_Kline, strict=False)
BOOK = msgspec.json.Decoder(_Book, strict=False)


class Binance:
    """The language for one universe."""

    def __init__(self, symbols: Sequence[str], *, interval: str = "1m", manners: Manners = MANNERS) -> None:
        """Prepare for the symbols of a universe, as the venue spells them.

        Args:
            symbols: e.g. `BTCUSDT`.
            interval: the venue's word for the length of its bars.
            manners: what the venue allows, if not what it documents.
        """
        self.manners = manners
        self._symbols = tuple(symbols)
        self._numbers = {symbol.upper(): number for number, symbol in enumerate(symbols)}
        self._streams = {
            Channel.TRADES: "trade",
            Channel.DEPTH: "depth@100ms",
            Channel.QUOTES: "bookTicker",
            Channel.BARS: f"kline_{interval}",
        }

    def path(self, symbols: Sequence[int]) -> str:  # noqa: ARG002 - the contract's
        """Return the place of combined streams."""
        return "/stream"

    def subscribe(self, channel: Channel, symbols: Sequence[int], number: int) -> str:
        """Ask for a channel."""
        name = self._streams[channel]
        wanted = [f"{self._symbols[symbol].lower()}@{name}" for symbol in symbols]
        return json.dumps({"method": "SUBSCRIBE", "params": wanted, "id": number}, separators=(",", ":"))

    def ping(self) -> str:
        """Never asked for: the venue pings by itself."""
        raise NotImplementedError

    def passes(self, code: str) -> bool:
        """Tell what the venue documents as passing."""
        return code in PASSING

    def books(self, texts: Sequence[bytes], levels: int) -> Books | None:  # noqa: ARG002 - the contract's
        """Return nothing: one message after the other is read."""
        return None

    def snapshot(self, symbol: int, body: bytes) -> Snapshot | None:
        """Read the answer to a question for a book."""
        try:
            book = BOOK.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if not _are_sound(book.bids, book.asks):
            return None
        return Snapshot(symbol, 0, book.last, book.bids, book.asks)

    def decode(self, text: bytes, carried: Sequence[int]) -> list[Message]:  # noqa: ARG002 - the contract's
        """Return what one text says."""
        try:
            wrapped = WRAPPED.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return [Unreadable("json")]
        name, _, what = wrapped.stream.partition("@")
        if not what:
            return [_word(wrapped)]
        symbol = self._numbers.get(name.upper(), -1)
        kind = what.partition("_")[0].partition("@")[0]
        channel = KINDS.get(kind)
        if symbol < 0 or channel is None:
            return [Unreadable("symbol" if symbol < 0 else "unknown")]
        try:
            found = _read(channel, symbol, bytes(wrapped.data))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            found = Unreadable("values", symbol, channel)
        return [] if found is None else [found]


KINDS = {"trade": Channel.TRADES, "depth": Channel.DEPTH, "bookTicker": Channel.QUOTES, "kline": Channel.BARS}


def _read(channel: Channel, symbol: int, data: bytes) -> Message | None:
    found: Message | None
    if channel is Channel.TRADES:
        found = _trade(symbol, TRADE.decode(data))
    elif channel is Channel.DEPTH:
        found = _difference(symbol, DIFFERENCE.decode(data))
    elif channel is Channel.QUOTES:
        top = TOP.decode(data)
        found = Top(symbol, 0, (top.bid, top.bid_size), (top.ask, top.ask_size), top.last)
    else:
        found = _bar(symbol, KLINE.decode(data).k)
    return found


def _trade(symbol: int, told: _Trade) -> Message:
    ts = nanoseconds_of(told.at)
    if ts is None or not (0 < told.price < INF and 0 < told.size < INF):
        return Unreadable("stamp" if ts is None else "values", symbol, Channel.TRADES)
    return Trade(symbol, ts, told.price, told.size, -1.0 if told.is_sell else 1.0, told.number)


def _difference(symbol: int, told: _Difference) -> Message:
    ts = nanoseconds_of(told.at)
    if ts is None or not _are_sound(told.bids, told.asks):
        return Unreadable("stamp" if ts is None else "values", symbol, Channel.DEPTH)
    return Difference(symbol, ts, told.first, told.last, told.bids, told.asks)


def _bar(symbol: int, told: _Bar) -> Message | None:
    """Read a bar; one that still grows says nothing yet."""
    ts = nanoseconds_of(told.opened)
    values = told.open, told.high, told.low, told.close, told.volume
    is_sound = all(0 < value < INF for value in values[:4]) and 0 <= told.volume < INF
    if ts is None or not is_sound:
        return Unreadable("stamp" if ts is None else "values", symbol, Channel.BARS)
    return Bar(symbol, ts, values) if told.is_over else None


def _are_sound(*sides: Levels) -> bool:
    """Tell whether prices are above 0 and sizes not below, all finite; a size of 0 takes a level away."""
    return all(0 < price < INF and 0 <= size < INF for side in sides for price, size in side)


def _word(wrapped: _Wrapped) -> Message:
    """Return what is said of the connection."""
    if wrapped.e == "serverShutdown" or (wrapped.data and b'"serverShutdown"' in bytes(wrapped.data)):
        return Farewell()
    if wrapped.error is not None:
        return Refused(str(wrapped.error.code), wrapped.error.msg)
    if wrapped.code is not None:
        return Refused(str(wrapped.code))
    return Unreadable("unknown") if wrapped.id is None else Acked(wrapped.id)
