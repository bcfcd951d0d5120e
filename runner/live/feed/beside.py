"""What a feed asks for beside its stream: bars for its holes, and whole books, by requests over the same door as orders use.

A service is asked for one bar at a time, the one that the grid names. Rows of services begin where the service says, so a
row is that bar's if the bar opens within it: an exchange's hourly bar of 09:30 to 10:00 is in the row of 09:00, a daily bar
in the row of its midnight. Where the service has no such row, there was none only if it has a later one; otherwise it may
not have got so far, and is asked again.

What can't be read is no answer: the hole stays for as long as it is waited for, and is told as one.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from runner.duration import DAY, nanoseconds
from runner.live.feed.bar import Built
from runner.live.feed.doors import Refill
from runner.live.feed.grid import Cell, Grid
from runner.live.ports import Action, NoAnswer, Request, Rest
from runner.market.tickdb.decode import bars_of
from runner.market.tickdb.errors import verdict
from runner.market.tickdb.json_text import NotJsonError, parsed
from runner.market.tickdb.request import klines_request
from runner.market.tickdb.settings import INTERVALS, Series
from runner.market.tickdb.settings import Dialect as Words
from runner.market.tickdb.values import MalformedError
from runner.spec.timezone import Timezone

__all__ = ["BinanceBooks", "Row", "RowHistory", "binance_rows", "interval_word", "tickdb_rows"]

MS = 1_000_000
TIMEOUT_NS = 10_000 * MS
BEYOND = 3
"""Rows behind the one that is wanted that are asked for, to see that the service has got so far."""
MOST_LEVELS = 1_000
LIMIT = 100
VALUES = 5
BINANCE_INTERVALS: Mapping[str, str] = {"1d": "1d", **{name: name for name in INTERVALS}}
OK = 200


class Row(NamedTuple):
    """One row of a service."""

    at: int
    """UTC nanoseconds at which it begins."""
    values: tuple[float, float, float, float, float]
    """Open, high, low, close, volume; NaN unknown."""


Ask = Callable[[str, int, int], Request]
"""Symbol, and the first and last millisecond in which rows begin → the request."""
Read = Callable[[bytes, str], Sequence[Row]]
"""An answer's bytes and the symbol → its rows; raises ValueError if they can't be read."""


class RowHistory:
    """Bars of a service that is asked by windows; see `doors.History`."""

    def __init__(self, rest: Rest, symbols: Sequence[str], grid: Grid, interval_ns: int, ask: Ask, read: Read) -> None:
        """Prepare; nothing is asked yet.

        Args:
            rest: The door.
            symbols: As the service spells them, in the order of the universe.
            grid: Where bars lie.
            interval_ns: Length of the service's rows.
            ask: Makes requests.
            read: Reads answers.
        """
        self._rest = rest
        self._symbols = tuple(symbols)
        self._grid = grid
        self._interval = interval_ns
        self._ask = ask
        self._read = read

    async def bars(self, symbol: int, first: int, last: int) -> Refill:
        """Return the bar known in `[first, last]`, of which there is one; raise `NoAnswer` if that fails."""
        cell = self._grid.at_or_after(first - 1)
        if cell is None or cell.known > last:
            return Refill((), last)
        name = self._symbols[symbol]
        since, until = (cell.opened - self._interval) // MS, (cell.known + BEYOND * self._interval) // MS
        response = await self._rest.send(self._ask(name, since, until), timeout_ns=TIMEOUT_NS)
        if response.status != OK:
            raise NoAnswer("history was refused")
        try:
            rows = self._read(response.body, name)
        except ValueError:
            rows = None
        if rows is None:
            raise NoAnswer("history can't be read")
        return _refill(rows, cell, self._interval)


class BinanceBooks:
    """Binance's whole books; see `doors.Books`."""

    def __init__(self, rest: Rest, symbols: Sequence[str]) -> None:
        """Prepare for the symbols of a universe."""
        self._rest = rest
        self._symbols = tuple(symbols)

    async def book(self, symbol: int) -> bytes:
        """Return the venue's answer unread; raise `NoAnswer` if there is none."""
        fields = (("symbol", self._symbols[symbol].upper()), ("limit", str(MOST_LEVELS)))
        response = await self._rest.send(Request(Action.QUERY, "GET", "/api/v3/depth", fields), timeout_ns=TIMEOUT_NS)
        if response.status != OK:
            raise NoAnswer("the book was refused")
        return response.body


def interval_word(policy: Timezone) -> str | None:
    """Return the services' word for the length of a policy's bars; None if they have none of that length."""
    length = DAY if policy.stamp == "session" else nanoseconds(policy.interval or "1ns")
    return next((word for word, ms in INTERVALS.items() if ms * MS == length), None)


def tickdb_rows(dialect: Words, interval: str) -> tuple[Ask, Read]:
    """Return how TickDB is asked for rows of prices as traded, and how its answers are read."""
    series = Series(interval, "none", None, LIMIT)

    def ask(symbol: str, since: int, until: int) -> Request:
        asked = klines_request(dialect, symbol, series, (since, until))
        return Request(Action.QUERY, "GET", asked.path, asked.params)

    def read(body: bytes, symbol: str) -> list[Row]:
        found = verdict(OK, _parsed(body))
        if found.action != "data":
            raise ValueError(found.code)
        try:
            return [Row(bar.time * MS, bar.values) for bar in bars_of(found.data, symbol, interval, "none")]
        except MalformedError as problem:
            raise ValueError(str(problem)) from problem

    return ask, read


def binance_rows(interval: str) -> tuple[Ask, Read]:
    """Return how Binance is asked for rows, and how its answers are read."""

    def ask(symbol: str, since: int, until: int) -> Request:
        window = (("startTime", str(since)), ("endTime", str(until)))
        fields = (("symbol", symbol.upper()), ("interval", BINANCE_INTERVALS[interval]), *window, ("limit", str(LIMIT)))
        return Request(Action.QUERY, "GET", "/api/v3/klines", fields)

    def read(body: bytes, symbol: str) -> list[Row]:
        del symbol
        told = _parsed(body)
        if not isinstance(told, list):
            raise ValueError("no list of rows")  # noqa: TRY004 - of what a venue says, like everything that can't be read
        return [_binance_row(row) for row in told]

    return ask, read


def _binance_row(row: Any) -> Row:
    """Read `[begins, open, high, low, close, volume, …]`; prices are text there."""
    if not isinstance(row, list) or len(row) <= VALUES or type(row[0]) is not int:
        raise ValueError("no row of prices")
    values = tuple(float(cell) if isinstance(cell, str) else math.nan for cell in row[1 : VALUES + 1])
    if not all(map(math.isfinite, values)):
        raise ValueError("a price that is no number")
    opened, high, low, close, volume = values
    return Row(row[0] * MS, (opened, high, low, close, volume))


def _parsed(body: bytes) -> Any:
    try:
        return parsed(body)
    except NotJsonError as problem:
        raise ValueError(str(problem)) from problem


def _refill(rows: Sequence[Row], cell: Cell, interval: int) -> Refill:
    """Return what rows say of one bar."""
    own = [row for row in rows if row.at <= cell.opened < row.at + interval]
    if own:
        return Refill(((cell.known, Built(*own[-1].values)),), cell.known)
    is_reached = any(row.at > cell.opened for row in rows)
    return Refill((), cell.known if is_reached else cell.opened)
