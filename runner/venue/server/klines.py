"""Bars as the REST interface shows them at an instant: what is over, and the one that forms. A function of the tape.

Where the tape has bars of the length asked for they are shown as they are; longer ones are put together from them, and where
there are no bars at all, from trades, or from the middle of books (volume isn't known then). Within the day a bar is
stamped with the start of its stretch of the clock; bars of a day with their session date's midnight in the venue's zone.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.market.tickdb.settings import INTERVALS
from runner.venue.server.score import Score
from runner.venue.server.stamps import MS, ceiled
from runner.venue.server.trades import PARTS, BarTrades

__all__ = ["Kline", "Klines", "NoSuchInterval"]

FIRST_DAY = date(1970, 1, 1)
LONG_MS = 4 * 3_600_000
"""Bars longer than this are of a day: sessions differ in length."""


class NoSuchInterval(Exception):  # noqa: N818 - an answer, not an error of ours
    """The tape's own bars are longer than what is asked for, or the word is unknown."""


class Kline(NamedTuple):
    """One bar; NaN where a value isn't known."""

    time_ms: int
    """Its start."""
    open: float
    high: float
    low: float
    close: float
    volume: float


class Table(NamedTuple):
    """All bars of one symbol and interval, ascending."""

    time_ms: NDArray[np.int64]
    """[K] start."""
    end_ms: NDArray[np.int64]
    """[K] when it is over."""
    first: NDArray[np.int64]
    """[K] number of its first piece."""
    values: NDArray[np.float64]
    """[K, 5]"""


class Pieces(NamedTuple):
    """What bars are put together from: shorter bars, trades, or middles of books, ascending."""

    opened_ms: NDArray[np.int64]
    known_ms: NDArray[np.int64]
    session: NDArray[np.int32]
    values: NDArray[np.float64]
    """[P, 5] open, high, low, close, volume."""


class Klines:
    """The bars of a score."""

    def __init__(self, score: Score, zone: str) -> None:
        """Take what is played, and the zone whose midnights stamp days."""
        self._score = score
        self._zone = ZoneInfo(zone)
        self._pieces: dict[int, Pieces] = {}
        self._tables: dict[tuple[int, str], Table] = {}

    def at(self, symbol: int, interval: str, now_ms: int) -> tuple[Table, int, Kline | None]:
        """Return all bars of a symbol, how many of them are over, and the one that forms (None if none does).

        Raises:
            NoSuchInterval: The tape can't tell bars of this length.
        """
        table = self._table(symbol, interval)
        over = int(np.searchsorted(table.end_ms, now_ms, side="right"))
        return table, over, self._forming(symbol, table, over, now_ms)

    def window(self, symbol: int, interval: str, now_ms: int, bounds: tuple[int | None, int | None]) -> list[Kline]:
        """Return the bars that open within bounds in ms, both included, ascending, the forming one last."""
        table, over, forming = self.at(symbol, interval, now_ms)
        low = 0 if bounds[0] is None else int(np.searchsorted(table.time_ms, bounds[0], side="left"))
        high = over if bounds[1] is None else min(over, int(np.searchsorted(table.time_ms, bounds[1], side="right")))
        found = [_kline(table, row) for row in range(min(low, over), high)]
        is_inside = forming is not None and all(
            bound is None or sign * (forming.time_ms - bound) >= 0 for bound, sign in zip(bounds, (1, -1), strict=True)
        )
        return [*found, forming] if is_inside and forming is not None else found

    def _forming(self, symbol: int, table: Table, over: int, now_ms: int) -> Kline | None:
        if over >= table.time_ms.size:
            return None
        pieces = self._of(symbol)
        begin = int(table.first[over])
        end = begin + int(np.searchsorted(pieces.known_ms[begin:], now_ms, side="right"))
        told = [tuple(row) for row in pieces.values[begin:end].tolist()]
        told += self._inside(symbol, end, now_ms)
        return _together(int(table.time_ms[over]), told) if told else None

    def _inside(self, symbol: int, piece: int, now_ms: int) -> list[tuple[float, ...]]:
        """Return the trades so far of a bar that is being played; bars and trades leave out the same rows."""
        trades = self._score.trades
        if not isinstance(trades, BarTrades):
            return []
        begin = int(trades.offsets[symbol]) + PARTS * piece
        played = [trades.trade(number) for number in range(begin, min(begin + PARTS, int(trades.offsets[symbol + 1])))]
        return [(each.price,) * 4 + (each.size,) for each in played if each.at_ms <= now_ms]

    def _table(self, symbol: int, interval: str) -> Table:
        found = self._tables.get((symbol, interval))
        if found is None:
            found = self._tables[symbol, interval] = self._built(symbol, interval)
        return found

    def _built(self, symbol: int, interval: str) -> Table:
        length = INTERVALS.get(interval)
        if length is None:
            raise NoSuchInterval(f"no interval {interval}")
        pieces = self._of(symbol)
        own = pieces.known_ms - pieces.opened_ms
        usual = int(np.median(own)) if own.size else 0
        if usual > length and not (interval == "1d" and usual > LONG_MS):
            raise NoSuchInterval(f"the tape's bars are longer than {interval}")
        is_day = interval == "1d"
        starts = self._midnights(pieces.session) if is_day else pieces.opened_ms - pieces.opened_ms % length
        if usual == length and not is_day:
            starts = pieces.opened_ms
        first = np.flatnonzero(np.diff(starts, prepend=-1))
        ends = np.append(first[1:], starts.size)
        # Bars of the tape's own length, and days of bars, are over with their last piece; other stretches with the clock.
        over = pieces.known_ms[ends - 1] if usual and (is_day or usual == length) else starts[first] + length
        return Table(starts[first], over, first, _reduced(pieces.values, first, ends))

    def _midnights(self, session: NDArray[np.int32]) -> NDArray[np.int64]:
        days, places = np.unique(session, return_inverse=True)
        stamps = [_midnight(int(day), self._zone) for day in days]
        found: NDArray[np.int64] = np.array(stamps, dtype=np.int64)[places] if stamps else np.empty(0, dtype=np.int64)
        return found

    def _of(self, symbol: int) -> Pieces:
        found = self._pieces.get(symbol)
        if found is None:
            found = self._pieces[symbol] = self._gathered(symbol)
        return found

    def _gathered(self, symbol: int) -> Pieces:
        days = self._score.days
        if self._score.bars is not None:
            return _of_bars(self._score.bars, symbol)
        if "trades" in days:
            return _of_events(days["trades"], symbol, *(days["trades"].columns[name] for name in ("price", "size")))
        tape, level = (days["depth"], "_0") if "depth" in days else (days["quotes"], "")
        middle = (tape.columns[f"bid_price{level}"] + tape.columns[f"ask_price{level}"]) / 2
        return _of_events(tape, symbol, middle, np.full_like(middle, np.nan))


def _of_bars(tape: Tape, symbol: int) -> Pieces:
    rows = slice(int(tape.offsets[symbol]), int(tape.offsets[symbol + 1]))
    values = np.stack([tape.columns[name][rows] for name in ("open", "high", "low", "close", "volume")], axis=1)
    known = np.isfinite(values[:, :4]).all(axis=1)
    return Pieces(
        (tape.opened[rows] // MS)[known],
        ceiled(tape.ts[rows])[known],
        tape.session[rows][known],
        np.ascontiguousarray(values[known]),
    )


def _of_events(tape: Tape, symbol: int, price: NDArray[np.float64], size: NDArray[np.float64]) -> Pieces:
    rows = slice(int(tape.offsets[symbol]), int(tape.offsets[symbol + 1]))
    known = np.isfinite(price[rows])
    at = ceiled(tape.ts[rows])[known]
    values = np.stack([*(price[rows][known],) * 4, size[rows][known]], axis=1)
    return Pieces(at, at, tape.session[rows][known], values)


def _reduced(values: NDArray[np.float64], first: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """Put the pieces of each bar together."""
    found = np.empty((first.size, 5))
    if first.size:
        found[:, 0] = values[first, 0]
        found[:, 1] = np.maximum.reduceat(values[:, 1], first)
        found[:, 2] = np.minimum.reduceat(values[:, 2], first)
        found[:, 3] = values[ends - 1, 3]
        found[:, 4] = np.add.reduceat(values[:, 4], first)
    return found


def _together(time_ms: int, pieces: list[tuple[float, ...]]) -> Kline:
    high, low = max(piece[1] for piece in pieces), min(piece[2] for piece in pieces)
    return Kline(time_ms, pieces[0][0], high, low, pieces[-1][3], sum(piece[4] for piece in pieces))


def _kline(table: Table, row: int) -> Kline:
    return Kline(int(table.time_ms[row]), *table.values[row].tolist())


@cache
def _midnight(day: int, zone: ZoneInfo) -> int:
    when = datetime.combine(FIRST_DAY + timedelta(days=day), time(), zone)
    return round(when.astimezone(UTC).timestamp() * 1_000)
