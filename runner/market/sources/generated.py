"""A market made of numbers: seeded, offline, of any size, for tests, for scale, and for trying out before there are data.

1. `sessions_of` says when the market is open, `tempers` which regime holds in each session.
2. `path_of` draws each symbol's prices bar by bar; bars are the path, events (quotes, trades, books) are read off it.
3. Everything of a symbol is drawn from streams named by seed and symbol, so symbols don't depend on one another, on their
   order, on the streams asked for or on the end of the data: a later end only adds rows.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal
from zoneinfo import available_timezones

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from runner.duration import DAY, nanoseconds
from runner.errors import DataError, Fault
from runner.market.day import is_day
from runner.market.offers import Offer, joined, offer
from runner.market.source import Raw
from runner.market.streams import MOST_LEVELS, Stream
from runner.market.suggestions import suggest
from runner.market.synthetic.events import WIDEST, clock, columns, events_of
from runner.market.synthetic.path import Path, Quoting, largest_move, path_of
from runner.market.synthetic.regimes import Temper, Tempers, tempers
from runner.market.synthetic.sessions import Sessions, sessions_of
from runner.spec.kind import Kind, Spec
from runner.spec.timezone import Session, Timezone
from runner.spec.universe import Universe
from runner.units import Count, Day, Duration, Fraction, Name, Symbol

__all__ = ["Generated", "Regime"]

MOST_ROWS = 2_000_000_000
"""More rows than any machine's memory holds: a slip of the keyboard."""
FOREVER = 2**63 - 1
"""UTC nanoseconds: nothing made up is still forming, whatever the clock says."""
STEEPEST = 0.3
"""Largest relative move of one bar that still looks like a market."""


class Regime(Spec):
    """A temper of the market that lasts for a while."""

    volatility: Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)]
    """Standard deviation of a year's relative move, as a fraction: 0.15 is 15 % a year."""
    drift: Annotated[float, Field(ge=-5, le=5, allow_inf_nan=False)] = 0.0
    """Mean of a year's relative move, as a fraction."""
    sessions: Count = 20
    """Sessions it lasts on average."""


class Generated(Kind):
    """Bars, quotes, trades and books of one price path per symbol; every symbol of the universe exists."""

    kind: Literal["generated"] = "generated"
    """A generated market."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Seed of the market; another seed is another market."""
    streams: Annotated[tuple[Stream, ...], Field(strict=False, min_length=1)] = ("bars",)
    """What is generated: `bars`, `quotes`, `trades`, `depth`, each once."""
    start: Day = "2024-01-01"
    """First session date, quoted."""
    end: Day = "2024-01-31"
    """Last session date, quoted."""
    interval: Duration = "1min"
    """Length of a bar, also the step of the price path."""
    every: Duration = "10s"
    """Mean distance between events (quotes, trades, books) of a symbol that `spacing` doesn't name."""
    spacing: dict[Symbol, Duration] = Field(default={})
    """Symbol → mean distance between its events, `"10ms"` to `"12h"`; it then has bars only where something happened."""
    hours: Session | None = None
    """Wall-clock hours of every weekday, in `zone`; null means around the clock, every day, in UTC."""
    zone: str = "UTC"
    """IANA name of the zone of `hours`."""
    sessions_per_year: Count = 365
    """Sessions in a year: 365 around the clock, 252 for weekdays."""
    regimes: dict[Name, Regime] = Field(
        default={
            "calm": Regime(volatility=0.15, drift=0.06, sessions=30),
            "stormy": Regime(volatility=0.6, drift=-0.2, sessions=5),
        },
        min_length=1,
    )
    """Name → temper; they take turns, the first named comes first."""
    price: Annotated[float, Field(gt=0, le=1e6)] = 100.0
    """Where prices start: each symbol between half and one and a half of it, in quote currency."""
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    """Places after the decimal point of a price; a tick is one in the last."""
    spread: Annotated[int, Field(ge=1, le=1_000)] = 1
    """Ticks between best bid and best offer."""
    levels: Annotated[int, Field(ge=1, le=MOST_LEVELS)] = 10
    """Levels of the book on each side."""
    gaps: Fraction = 0.0
    """Share of bars in which nothing is known: neither the bar nor any event."""

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong with dates, hours, sizes and names, without drawing anything."""
        faults = [*self._place_faults(), *self._stream_faults(), *self._spacing_faults(universe)]
        return faults or [*self._path_faults(), *self._size_faults(universe)]

    def offers(self, universe: Universe) -> Mapping[Stream, Offer]:  # noqa: ARG002 - every symbol has the same
        """Return the streams that are generated, in the order of all streams."""
        levels = {"depth": self.levels}
        return joined(
            {stream: offer(stream, levels.get(stream, 0), timezone=self._timezone(stream))} for stream in self.streams
        )

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Generate the universe's rows, one `Raw` per stream, symbols in its order; raises DataError."""
        faults = self.check(universe)
        if faults:
            raise DataError(faults)
        sessions = self._sessions()
        held = tempers(self._tempers(), seed=self.seed, sessions=sessions.dates.size)
        frames: dict[Stream, list[pl.DataFrame]] = {stream: [] for stream in self.streams}
        for symbol in universe.symbols:
            for stream, frame in self._of(symbol, sessions, held):
                frames[stream].append(frame)
        return tuple(self._raw(stream, found, held.note(sessions.dates)) for stream, found in frames.items())

    def _of(self, symbol: str, sessions: Sessions, held: Tempers) -> Iterator[tuple[Stream, pl.DataFrame]]:
        """Yield the frame of each stream of one symbol."""
        share = sessions.interval / self._year(sessions)
        deviation = np.repeat(held.volatility * share**0.5, sessions.bars)
        mean = np.repeat(held.drift * share, sessions.bars)
        quoting = self._quoting()
        path = path_of(symbol, self.seed, deviation, mean, quoting, gaps=self.gaps)
        distance = nanoseconds(self.spacing.get(symbol, self.every))
        has_clock = symbol in self.spacing and WIDEST * distance > sessions.interval
        needs_events = any(stream != "bars" for stream in self.streams)
        trading = clock(symbol, self.seed, distance, sessions.length) if has_clock or needs_events else None
        if "bars" in self.streams:
            yield "bars", _bars(symbol, sessions, path, quoting, trading if has_clock else None)
        if trading is None or not needs_events:
            return
        events = events_of(symbol, self.seed, trading, sessions, path, quoting)
        for stream in self.streams:
            if stream != "bars":
                yield stream, _frame(symbol, events.ts, columns(stream, symbol, self.seed, events, quoting))

    def _raw(self, stream: Stream, frames: list[pl.DataFrame], note: str) -> Raw:
        digests = {f"generated/{frame['symbol'][0]}/{stream}": _digest(frame) for frame in frames if frame.height}
        levels = self.levels if stream == "depth" else 0
        frame = pl.concat(frames)
        return Raw(
            frame,
            digests,
            stream,
            levels=levels,
            timezone=self._timezone(stream),
            as_of=FOREVER,
            notes=(f"generated; {note}",),
        )

    def _timezone(self, stream: Stream) -> Timezone:
        is_bars = stream == "bars"
        return Timezone(
            zone="UTC" if self.hours is None else self.zone,
            ambiguous="earliest",
            nonexistent="forward",
            stamp="open" if is_bars else "event",
            interval=self.interval if is_bars else None,
            calendar="24-7" if self.hours is None else None,
            session=self.hours,
            sessions_per_year=self.sessions_per_year,
        )

    def _sessions(self) -> Sessions:
        start, end = (date.fromisoformat(day) for day in (self.start, self.end))
        return sessions_of(start, end, interval=nanoseconds(self.interval), hours=self.hours, zone=self.zone)

    def _tempers(self) -> dict[str, Temper]:
        return {name: Temper(each.volatility, each.drift, each.sessions) for name, each in self.regimes.items()}

    def _quoting(self) -> Quoting:
        return Quoting(self.price, self.decimals, self.spread, self.levels if "depth" in self.streams else 1)

    def _year(self, sessions: Sessions) -> int:
        """Return the nanoseconds of trading in a year."""
        return int(np.median(sessions.bars)) * sessions.interval * self.sessions_per_year

    def _place_faults(self) -> list[Fault]:
        """Return what is wrong with dates, zone and hours."""
        faults = [
            Fault(f"data.{name}", "must be a day of the calendar", f'"{day}"', 'Write YYYY-MM-DD, e.g. "2024-01-31".')
            for name, day in (("start", self.start), ("end", self.end))
            if not is_day(day)
        ]
        if not faults and self.start > self.end:
            was = f'"{self.start}" to "{self.end}"'
            faults.append(Fault("data.start", "must be on or before the end", was, "Exchange data.start and data.end."))
        if self.zone not in available_timezones():
            write = suggest(self.zone, available_timezones())
            faults.append(Fault("data.zone", "must be the name of a time zone", f'"{self.zone}"', write))
        if self.hours is not None and self.hours.open >= self.hours.close:
            was = f'"{self.hours.open}" to "{self.hours.close}"'
            write = "Write hours within one day, or hours: null for around the clock."
            faults.append(Fault("data.hours", "must open before they close", was, write))
        return faults

    def _stream_faults(self) -> list[Fault]:
        if len(set(self.streams)) == len(self.streams):
            return []
        return [Fault("data.streams", "must name each stream once", ", ".join(self.streams), "Write it once.")]

    def _spacing_faults(self, universe: Universe) -> list[Fault]:
        return [
            Fault("data.spacing", "must name symbols of the universe", f'"{symbol}"', suggest(symbol, universe.symbols))
            for symbol in self.spacing
            if symbol not in universe.symbols
        ]

    def _path_faults(self) -> list[Fault]:
        """Return what is wrong between interval, hours and regimes."""
        sessions = self._sessions()
        if not sessions.length:
            write = "Widen data.start and data.end, lengthen data.hours or shorten data.interval."
            return [Fault("data", "must hold at least one bar", f"none of {self.interval}", write)]
        year = self._year(sessions) or DAY
        steepest = {
            name: largest_move(each.volatility, each.drift, interval=sessions.interval, year=year)
            for name, each in self.regimes.items()
        }
        write = "Write a smaller volatility or a shorter data.interval; jumps that large look like faults of the data."
        return [
            Fault(f"data.regimes.{name}", f"must move prices less than {STEEPEST:.0%} a bar", f"up to {move:.0%}", write)
            for name, move in steepest.items()
            if move > STEEPEST
        ]

    def _size_faults(self, universe: Universe) -> list[Fault]:
        """Return a fault if the rows can't possibly be held."""
        sessions = self._sessions()
        bars = len(universe.symbols) * sessions.length // sessions.interval if "bars" in self.streams else 0
        distances = [nanoseconds(self.spacing.get(symbol, self.every)) for symbol in universe.symbols]
        events = sum(sessions.length // distance for distance in distances)
        rows = bars + events * sum(stream != "bars" for stream in self.streams)
        if rows <= MOST_ROWS:
            return []
        write = "Shorten data.start to data.end, name fewer symbols or lengthen data.every."
        return [Fault("data", f"must hold at most {MOST_ROWS:,} rows", f"about {rows:,}", write)]


def _bars(symbol: str, sessions: Sessions, path: Path, quoting: Quoting, trading: NDArray[np.int64] | None) -> pl.DataFrame:
    """Return the bars that are known; of a symbol with a clock of its own, those in which something happened."""
    opens = sessions.bar_opens()
    prices = {
        "open": quoting.prices(path.opens),
        "high": quoting.prices(path.highs),
        "low": quoting.prices(path.lows),
        "close": quoting.prices(path.closes),
    }
    frame = _frame(symbol, opens, {**prices, "volume": path.volumes})
    if trading is None and not path.holes.any():
        return frame
    kept = ~path.holes
    if trading is not None:
        kept &= np.bincount(trading // sessions.interval, minlength=kept.size).astype(np.bool_)
    return frame.filter(pl.Series(kept))


def _frame(symbol: str, ts: NDArray[np.int64], values: dict[str, NDArray[np.float64]]) -> pl.DataFrame:
    stamps = pl.Series("timestamp", ts).cast(pl.Datetime("ns", "UTC"))
    name = pl.repeat(symbol, ts.size, dtype=pl.String, eager=True).alias("symbol")
    return pl.DataFrame([name, stamps, *(pl.Series(column, numbers) for column, numbers in values.items())])


def _digest(frame: pl.DataFrame) -> str:
    """Return the SHA-256 over stamps and values of one symbol and stream."""
    found = hashlib.sha256()
    for name in frame.columns[1:]:
        found.update(frame[name].to_physical().to_numpy().tobytes())
    return found.hexdigest()
