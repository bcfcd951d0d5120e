"""TickDB's stream, in the documented form and in the one that articles show.

One decoder reads both. What it takes as it comes: one message or an array of them; numbers or numbers as text; stamps in
milliseconds or, as some of the service's own samples have them, in seconds; symbols with their market or bare; trades in a
list or one flat in the message; a message without `cmd`, whose contents say what it is; a book without a symbol on a
connection that carries a single one. Ids of trades are never used: several may have the same.

What it refuses, counted by reason: text that isn't JSON, `NaN`, `Infinity`, numbers beyond float64, empty text, null, and
whatever else has another form than the documents promise. Only the size of a trade may be missing or null: it is unknown.

1. `decode` reads the usual forms into typed structures in one go.
2. What those don't fit is read part by part (`_slowly`): one bad message of an array costs none of the others, and the
   symbol of a bad message is known.
"""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from runner.live.feed.dialect import Manners, symbol_numbers
from runner.live.feed.dialects.tickdb_books import Words, read_books
from runner.live.feed.messages import (
    Acked,
    Book,
    Books,
    Channel,
    Levels,
    Message,
    Reached,
    Refused,
    Snapshot,
    Top,
    Trade,
    Unreadable,
)
from runner.live.feed.stamps import nanoseconds_of
from runner.market.tickdb.json_text import NotJsonError, parsed

__all__ = ["TickDb"]

CHANNELS = {Channel.DEPTH: "depth", Channel.TRADES: "trade", Channel.QUOTES: "ticker"}
OURS = {theirs: ours for ours, theirs in CHANNELS.items()} | {"trades": Channel.TRADES}
SIDES = {"buy": 1.0, "sell": -1.0}
NAN = math.nan
PARTLY = 5_004
"""The code of a subscription of which only some symbols succeeded."""
PASSING = {"3001", "3003", "3005", "5000", "5001", "5002", "5003", "5004", "5005"}
"""Codes of what the documents say to try again."""


class _Deal(msgspec.Struct):
    price: float
    quantity: float | None = None
    side: str = ""
    timestamp: int = 0


class _Data(msgspec.Struct):
    symbol: str | None = None
    timestamp: int = 0
    bids: list[tuple[float, float]] | None = None
    asks: list[tuple[float, float]] | None = None
    trades: list[_Deal] | None = None
    price: float | None = None
    quantity: float | None = None
    side: str = ""
    bid_price: float | None = None
    bid_size: float | None = None
    ask_price: float | None = None
    ask_size: float | None = None
    channel: str | None = None
    symbols: list[str] | None = None
    failed_symbols: list[str] | None = None
    retryable_symbols: list[str] | None = None


class _Text(msgspec.Struct):
    cmd: str = ""
    data: _Data | None = None
    code: int | str | None = None
    message: str = ""
    id: int | None = None


ONE = msgspec.json.Decoder(_Text, strict=False)
MANY = msgspec.json.Decoder(list[_Text], strict=False)
WORDS = Words.of(field.name for form in (_Text, _Data) for field in msgspec.structs.fields(form))


class TickDb:
    """The language for one universe."""

    def __init__(
        self,
        symbols: Sequence[str],
        *,
        dialect: Literal["tickdb_v1", "article"] = "tickdb_v1",
        kind: str | None = None,
        manners: Manners | None = None,
    ) -> None:
        """Prepare for the symbols of a universe.

        Args:
            symbols: tickers as the service spells them.
            dialect: how subscriptions are written.
            kind: the service's `type` of all the symbols, where tickers alone are ambiguous.
            manners: what the service allows, if not what it documents.
        """
        self._symbols = tuple(symbols)
        self._numbers = symbol_numbers(symbols)
        self._named = {name.encode(): number for name, number in self._numbers.items()}
        self._is_article = dialect == "article"
        self._kind = kind
        most = 1 if self._is_article else 300
        self.manners = manners or Manners(symbols_per_connection=most)

    def path(self, symbols: Sequence[int]) -> str:
        """Return nothing, or in the article's form the one symbol of the connection."""
        return f"?symbol={self._symbols[symbols[0]]}" if self._is_article else ""

    def subscribe(self, channel: Channel, symbols: Sequence[int], number: int) -> str:
        """Ask for a channel; `bars` there are none."""
        name = CHANNELS[channel]
        if self._is_article:
            return _json({"method": "subscribe", "params": {"channels": [name]}, "id": number})
        kind = {} if self._kind is None else {"type": self._kind}
        data = {"channel": name, "symbols": [self._symbols[symbol] for symbol in symbols], **kind}
        return _json({"cmd": "subscribe", "data": data})

    def ping(self) -> str:
        """Ask for the service's time."""
        return '{"cmd":"ping"}'

    def passes(self, code: str) -> bool:
        """Tell what the documents say to try again."""
        return code in PASSING

    def snapshot(self, symbol: int, body: bytes) -> Snapshot | None:  # noqa: ARG002 - the contract's
        """Return nothing: every message has the whole book."""
        return None

    def books(self, texts: Sequence[bytes], levels: int) -> Books | None:
        """Return those of some messages that are good books; in the article's form books name no symbol."""
        if self._is_article:
            return None
        read = read_books(texts, levels, WORDS)
        return Books([self._named.get(name, -1) for name in read.names], read.ts, read.cells)

    def decode(self, text: bytes, carried: Sequence[int]) -> list[Message]:
        """Return what one text says."""
        try:
            texts = MANY.decode(text) if text[:1] == b"[" else [ONE.decode(text)]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._slowly(text, carried)
        found: list[Message] = []
        for each in texts:
            self._take(each, carried, found)
        return found

    # --- what it says ------------------------------------------------------------------------------------------------

    def _take(self, text: _Text, carried: Sequence[int], found: list[Message]) -> None:
        data, cmd = text.data, text.cmd
        if cmd in {"", "depth", "trade", "trades", "ticker"} and data is not None and data.channel is None:
            self._take_data(cmd, data, carried, found)
        elif cmd == "pong":
            ts = nanoseconds_of(data.timestamp) if data is not None else None
            found.append(Unreadable("stamp") if ts is None else Reached(ts))
        elif cmd == "subscribe" or (not cmd and text.id is not None):
            found.append(self._acked(text))
        elif text.code not in {None, 0, "0"}:
            found.append(Refused(str(text.code), text.message))
        else:
            found.append(Unreadable("unknown"))

    def _take_data(self, cmd: str, data: _Data, carried: Sequence[int], found: list[Message]) -> None:
        symbol = self._symbol(data.symbol, carried)
        ts = nanoseconds_of(data.timestamp) if data.timestamp else 0
        if data.bids is not None and data.asks is not None and cmd in {"", "depth"}:
            found.append(_book(symbol, ts, data.bids, data.asks))
        elif data.trades is not None and cmd != "depth":
            found.extend(_trade(symbol, deal, ts) for deal in data.trades)
        elif data.price is not None and cmd != "depth":
            deal = _Deal(data.price, data.quantity, data.side, data.timestamp)
            found.append(_trade(symbol, deal, ts))
        elif cmd == "ticker":
            found.append(_top(symbol, ts, data))
        else:
            found.append(Unreadable("fields", -1 if symbol is None else symbol, OURS.get(cmd)))

    def _symbol(self, name: str | None, carried: Sequence[int]) -> int | None:
        if name is None:
            return carried[0] if len(carried) == 1 else None
        number = self._numbers.get(name)
        return number if number is not None else self._numbers.get(name.lstrip("0"))

    def _acked(self, text: _Text) -> Acked:
        data = text.data or _Data()
        code = "" if text.code in {None, 0, "0"} else str(text.code)
        channel = OURS.get(data.channel or "")
        number = -1 if text.id is None else text.id
        symbols = None if data.symbols is None else self._known(data.symbols)
        again = self._known(data.retryable_symbols or ())
        failed = self._known(data.failed_symbols or ())
        if code and symbols is None:
            symbols = ()
        return Acked(number, channel, symbols, again, tuple(each for each in failed if each not in again), code)

    def _known(self, names: Iterable[str]) -> tuple[int, ...]:
        return tuple(number for name in names if (number := self._symbol(name, ())) is not None)

    # --- part by part ------------------------------------------------------------------------------------------------

    def _slowly(self, text: bytes, carried: Sequence[int]) -> list[Message]:
        try:
            whole = parsed(text)
        except NotJsonError:
            return [Unreadable("json")]
        found: list[Message] = []
        for each in whole if isinstance(whole, list) else [whole]:
            try:
                taken = msgspec.convert(each, _Text, strict=False)
            except (msgspec.ValidationError, RecursionError):
                found.append(self._unfit(each, carried))
            else:
                self._take(taken, carried, found)
        return found

    def _unfit(self, each: Any, carried: Sequence[int]) -> Message:
        """Say whose the message was that doesn't fit."""
        if not isinstance(each, dict):
            return Unreadable("fields")
        cmd = each.get("cmd")
        if cmd in ("subscribe", "error") or ("code" in each and "data" not in each):
            code = str(each.get("code") or PARTLY)[:40]
            return Acked(-1, symbols=(), code=code) if cmd == "subscribe" else Refused(code)
        data = each.get("data")
        name = data.get("symbol") if isinstance(data, dict) else None
        if cmd is None and isinstance(data, dict) and "bids" in data:
            cmd = "depth"
        channel = OURS.get(cmd) if isinstance(cmd, str) else None
        symbol = self._symbol(name, carried) if name is None or isinstance(name, str) else None
        return Unreadable("values", -1 if symbol is None else symbol, channel)


def _book(symbol: int | None, ts: int | None, bids: Levels, asks: Levels) -> Message:
    if symbol is None:
        return Unreadable("symbol", -1, Channel.DEPTH)
    return Unreadable("stamp", symbol, Channel.DEPTH) if ts is None else Book(symbol, ts, bids, asks)


def _trade(symbol: int | None, deal: _Deal, message_ts: int | None) -> Message:
    ts = nanoseconds_of(deal.timestamp) if deal.timestamp else message_ts
    if symbol is None:
        return Unreadable("symbol", -1, Channel.TRADES)
    if ts is None:
        return Unreadable("stamp", symbol, Channel.TRADES)
    size = deal.quantity
    if not (0 < deal.price < math.inf and (size is None or 0 <= size < math.inf)):
        return Unreadable("values", symbol, Channel.TRADES)
    return Trade(symbol, ts, deal.price, NAN if size is None else size, SIDES.get(deal.side, NAN))


def _top(symbol: int | None, ts: int | None, data: _Data) -> Message:
    if symbol is None:
        return Unreadable("symbol", -1, Channel.QUOTES)
    if ts is None:
        return Unreadable("stamp", symbol, Channel.QUOTES)
    if data.bid_price is None or data.ask_price is None:
        return Unreadable("fields", symbol, Channel.QUOTES)
    bid_size, ask_size = (NAN if size is None else size for size in (data.bid_size, data.ask_size))
    return Top(symbol, ts, (data.bid_price, bid_size), (data.ask_price, ask_size))


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))
