"""Alpaca's market data: trades, quotes, minute bars, and books of crypto, in arrays.

    [{"T": "success", "msg": "connected"}]           what the venue says first
    {"action": "auth", …}                            said by the socket, which knows the key
    {"action": "subscribe", "trades": ["AAPL"]}  →  [{"T": "subscription", "trades": ["AAPL"], …}], the whole list

A book begins with a message that says `r` and is followed by changed levels, in the order of the connection: they have no
numbers, so only the connection's end shows that one may be missing. Trades have ids, but none that ascend.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

import msgspec

from runner.live.feed.dialect import SECOND, Manners
from runner.live.feed.messages import (
    Acked,
    Bar,
    Books,
    Channel,
    Difference,
    Levels,
    Message,
    Refused,
    Snapshot,
    Top,
    Trade,
    Unreadable,
)
from runner.live.feed.stamps import nanoseconds_of_text
from runner.market.tickdb.json_text import NotJsonError, parsed

__all__ = ["MANNERS", "Alpaca"]

MANNERS = Manners(
    heartbeat_ns=None,
    tells_time=False,
    symbols_per_message=200,
    messages=5,
    messages_ns=SECOND,
    symbols_per_connection=10_000,
    connections=5,
    connections_ns=60 * SECOND,
)
"""One connection per account, and few openings."""

LISTS = {Channel.TRADES: "trades", Channel.QUOTES: "quotes", Channel.BARS: "bars", Channel.DEPTH: "orderbooks"}
PASSING = {"403", "404", "406", "407", "500"}
"""Already authenticated, too slow to authenticate, another connection open, too slow to read, the venue's own error."""
INF, NAN = math.inf, math.nan
UNNUMBERED = -1
SIDES = {"B": 1.0, "S": -1.0}


class _Level(msgspec.Struct):
    p: float
    s: float


class _Trade(msgspec.Struct, tag_field="T", tag="t"):
    symbol: str = msgspec.field(name="S")
    price: float = msgspec.field(name="p")
    size: float = msgspec.field(name="s")
    at: str = msgspec.field(name="t")
    side: str = msgspec.field(name="tks", default="")


class _Quote(msgspec.Struct, tag_field="T", tag="q"):
    symbol: str = msgspec.field(name="S")
    bid: float = msgspec.field(name="bp")
    bid_size: float = msgspec.field(name="bs")
    ask: float = msgspec.field(name="ap")
    ask_size: float = msgspec.field(name="as")
    at: str = msgspec.field(name="t")


class _Bar(msgspec.Struct, tag_field="T", tag="b"):
    symbol: str = msgspec.field(name="S")
    o: float
    h: float
    l: float
    c: float
    v: float
    t: str


class _LateBar(_Bar, tag_field="T", tag="u"):
    """A bar told again, with trades that were late."""


class _Book(msgspec.Struct, tag_field="T", tag="o"):
    symbol: str = msgspec.field(name="S")
    at: str = msgspec.field(name="t")
    bids: list[_Level] = msgspec.field(name="b", default_factory=list)
    asks: list[_Level] = msgspec.field(name="a", default_factory=list)
    is_whole: bool = msgspec.field(name="r", default=False)


class _Lists(msgspec.Struct, tag_field="T", tag="subscription"):
    trades: list[str] = []
    quotes: list[str] = []
    bars: list[str] = []
    orderbooks: list[str] = []


class _Success(msgspec.Struct, tag_field="T", tag="success"):
    msg: str = ""


class _Error(msgspec.Struct, tag_field="T", tag="error"):
    code: int | str = ""
    msg: str = ""


Told = _Trade | _Quote | _Bar | _LateBar | _Book | _Lists | _Success | _Error
MANY = msgspec.json.Decoder(list[Told])
KINDS = {"t": Channel.TRADES, "q": Channel.QUOTES, "b": Channel.BARS, "u": Channel.BARS, "o": Channel.DEPTH}


class Alpaca:
    """The language for one universe."""

    def __init__(self, symbols: Sequence[str], *, manners: Manners = MANNERS) -> None:
        """Prepare for the symbols of a universe, as the venue spells them."""
        self.manners = manners
        self._symbols = tuple(symbols)
        self._numbers = {symbol: number for number, symbol in enumerate(symbols)}

    def path(self, symbols: Sequence[int]) -> str:  # noqa: ARG002 - the contract's
        """Return nothing: the feed is part of the address."""
        return ""

    def subscribe(self, channel: Channel, symbols: Sequence[int], number: int) -> str:  # noqa: ARG002 - likewise
        """Ask for a channel."""
        wanted = {"action": "subscribe", LISTS[channel]: [self._symbols[symbol] for symbol in symbols]}
        return json.dumps(wanted, separators=(",", ":"))

    def ping(self) -> str:
        """Never asked for: the protocol's own pings are all there are."""
        raise NotImplementedError

    def passes(self, code: str) -> bool:
        """Tell what the venue documents as passing."""
        return code in PASSING

    def books(self, texts: Sequence[bytes], levels: int) -> Books | None:  # noqa: ARG002 - the contract's
        """Return nothing: one message after the other is read."""
        return None

    def snapshot(self, symbol: int, body: bytes) -> Snapshot | None:  # noqa: ARG002 - the contract's
        """Return nothing: books begin in the stream."""
        return None

    def decode(self, text: bytes, carried: Sequence[int]) -> list[Message]:  # noqa: ARG002 - the contract's
        """Return what one text says."""
        try:
            told = MANY.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._slowly(text)
        return [message for each in told for message in self._take(each)]

    def _slowly(self, text: bytes) -> list[Message]:
        """Read an array part by part, so that one bad message costs none of the others."""
        try:
            whole = parsed(text)
        except NotJsonError:
            return [Unreadable("json")]
        found: list[Message] = []
        for each in whole if isinstance(whole, list) else [whole]:
            try:
                found += self._take(msgspec.convert(each, Told))
            except (msgspec.ValidationError, RecursionError):
                found.append(self._unfit(each))
        return found

    def _unfit(self, each: Any) -> Message:
        kind = each.get("T") if isinstance(each, dict) else None
        channel = KINDS.get(kind) if isinstance(kind, str) else None
        if channel is None:
            return Unreadable("unknown" if isinstance(kind, str) else "fields")
        name = each.get("S")
        return Unreadable("values", self._numbers.get(name, -1) if isinstance(name, str) else -1, channel)

    def _take(self, told: Told) -> list[Message]:
        found: list[Message]
        match told:
            case _Trade():
                found = [self._trade(told)]
            case _Quote():
                found = [self._quote(told)]
            case _Book():
                found = [self._book(told)]
            case _Bar():
                found = [self._bar(told)]
            case _Lists():
                found = [*self._acked(told)]
            case _Error(code=code, msg=words):
                found = [Refused(str(code), words)]
            case _:
                found = []
        return found

    def _place(self, name: str, at: str, channel: Channel) -> tuple[int, int] | Unreadable:
        symbol, ts = self._numbers.get(name, -1), nanoseconds_of_text(at)
        if symbol < 0:
            return Unreadable("symbol", -1, channel)
        return Unreadable("stamp", symbol, channel) if ts is None else (symbol, ts)

    def _trade(self, told: _Trade) -> Message:
        place = self._place(told.symbol, told.at, Channel.TRADES)
        if isinstance(place, Unreadable):
            return place
        if not (0 < told.price < INF and 0 <= told.size < INF):
            return Unreadable("values", place[0], Channel.TRADES)
        return Trade(*place, told.price, told.size, SIDES.get(told.side, NAN))

    def _quote(self, told: _Quote) -> Message:
        place = self._place(told.symbol, told.at, Channel.QUOTES)
        return place if isinstance(place, Unreadable) else Top(*place, (told.bid, told.bid_size), (told.ask, told.ask_size))

    def _book(self, told: _Book) -> Message:
        place = self._place(told.symbol, told.at, Channel.DEPTH)
        if isinstance(place, Unreadable):
            return place
        bids, asks = _levels(told.bids), _levels(told.asks)
        if bids is None or asks is None:
            return Unreadable("values", place[0], Channel.DEPTH)
        if told.is_whole:
            return Snapshot(*place, UNNUMBERED, bids, asks)
        return Difference(*place, UNNUMBERED, UNNUMBERED, bids, asks)

    def _bar(self, told: _Bar) -> Message:
        place = self._place(told.symbol, told.t, Channel.BARS)
        if isinstance(place, Unreadable):
            return place
        values = told.o, told.h, told.l, told.c, told.v
        if not (all(0 < value < INF for value in values[:4]) and 0 <= told.v < INF):
            return Unreadable("values", place[0], Channel.BARS)
        return Bar(*place, values)

    def _acked(self, told: _Lists) -> list[Acked]:
        """Return what each list says; an empty one says nothing."""
        lists = {channel: getattr(told, name) for channel, name in LISTS.items()}
        known = {
            channel: tuple(number for name in names if (number := self._numbers.get(name)) is not None)
            for channel, names in lists.items()
        }
        return [Acked(-1, channel, symbols) for channel, symbols in known.items() if symbols]


def _levels(side: list[_Level]) -> Levels | None:
    """Return one side of a book; None if a price or size can't be one."""
    found = [(level.p, level.s) for level in side]
    return found if all(0 < price < INF and 0 <= size < INF for price, size in found) else None
