"""Bars, books and trades of the TickDB service, over its REST interface.

1. `declared` and `check` hold the declaration and the key's variable against what the service needs, without asking it.
2. `read` asks for the universe's rows: bars of a window completely or not at all (`tickdb.pages`), books and trades as they
   are.
3. Stamps carry their zone; what they mean is the service's to say, and where it is known `Raw.timezone` states it, so that
   no policy of the run can read a bar's start as its end. Hours and everything else are the run's (see `stated`), and so is
   the meaning where the service doesn't say it: for symbols without a suffix and without `type: crypto`, and for runs that
   mix markets. See `tickdb.markets`.

The key comes from the environment, travels in one header and is in nothing that is kept or shown.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from runner.errors import DataError, Fault, did_you_mean
from runner.market.calendar import calendar_faults
from runner.market.day import is_day
from runner.market.fetch import Progress
from runner.market.lives import tickers_of
from runner.market.offers import Offer, offer
from runner.market.source import Raw
from runner.market.stated import Stated
from runner.market.streams import Stream, columns_of
from runner.market.tickdb.address import DEFAULT, address_fault
from runner.market.tickdb.catalogue import is_unknown_symbol, unknown_symbols
from runner.market.tickdb.client import Client, RefusedError
from runner.market.tickdb.days import days_window
from runner.market.tickdb.edge import key_from, pace_of, real_ports
from runner.market.tickdb.markets import bar_stamps, event_stamps, is_known, zone_of
from runner.market.tickdb.ports import Ports
from runner.market.tickdb.reader import Reader
from runner.market.tickdb.rows import digest
from runner.market.tickdb.settings import INTERVALS, MOST_ROWS, Dialect, Series, Service
from runner.market.tickdb.transport import HttpTransport
from runner.spec.kind import Kind
from runner.spec.universe import Universe
from runner.units import Count, Day, Name, Positive

__all__ = ["Tickdb"]

MS = 1_000_000
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
LONGER = ("1w", "1M")
NOTES = {
    "none": "prices are as traded: splits and dividends show as jumps",
    "forward": "prices were adjusted by the service so that the newest are as traded; volume is as given",
    "backward": "prices were adjusted by the service so that the oldest are as traded; volume is as given",
}


class Tickdb(Kind):
    """TickDB's market data; the key is read from the environment."""

    kind: Literal["tickdb"] = "tickdb"
    """The service."""
    base_url: str = DEFAULT
    """Scheme, host and port. Plain http is accepted for this machine only."""
    key_env: str = "TICKDB_API_KEY"
    """Name of the environment variable that holds the key, in capitals; never the key itself."""
    dialect: Dialect = "tickdb_v1"
    """`tickdb_v1`: the documented interface; `article`: symbol, interval and limit, so only the latest bars can be had."""
    stream: Literal["bars", "depth", "trades"] = "bars"
    """`bars`: history; `depth`: the book at the moment of reading, one row per symbol; `trades`: the latest trades."""
    interval: str = "1d"
    """Length of a bar: 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h or 1d."""
    adjust: Literal["none", "forward", "backward"] = "none"
    """How the service adjusts prices for splits and dividends: not at all, so that the newest are as traded, or so that the
    oldest are. Adjusted bars carry the traded prices too, which takes twice the requests."""
    start: Day | None = None
    """First day that is asked for, quoted, in the zone of the symbol's market; null means the latest `limit` bars, the one
    thing a free plan gives."""
    end: Day | None = None
    """Last day that is asked for, quoted; null means until now."""
    type: Name | None = None
    """The service's word for the kind of instrument, such as stock or crypto, where a symbol alone is ambiguous."""
    calendar: Name | None = None
    """When the market is open: an exchange's code such as `XNYS`, as in `timezone.calendar`, which must not name another.
    Null leaves it to the run's time-zone policy. Crypto is always open."""
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = MOST_ROWS
    """Bars or trades per request, levels per side of a book; the service gives 1,000 at most."""
    timeout_connect: Positive = 5.0
    """Seconds to wait for a connection."""
    timeout_read: Positive = 20.0
    """Seconds to wait for the next bytes of an answer."""
    retries: Annotated[int, Field(ge=0, le=20)] = 5
    """How often a request is repeated after a passing failure."""
    rate_per_minute: Count = 30
    """Requests in any 60 seconds at most: 30 on the free plan, 60, 600 and 1,800 on larger ones."""
    store: str | None = None
    """Folder that keeps what was fetched, so that only what is missing and the latest bars are asked for; null means the
    user's cache."""

    def declared(self) -> list[Fault]:
        """Return what is wrong with the declaration itself, without looking for the key."""
        return [*self._address_faults(), *self._declared_faults(), *self._day_faults(), *self._article_faults()]

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong with the declaration or the key's variable, without asking the service."""
        return [*self.declared(), *self._calendar_faults(tickers_of(universe)), *self._key_faults()]

    def offers(self, universe: Universe) -> Mapping[Stream, Offer]:
        """Return the one stream; a book may come with fewer levels than are asked for."""
        levels = self.limit if self.stream == "depth" else 0
        stamps = self._stamps(tickers_of(universe)) if self.interval in INTERVALS else None
        return {self.stream: offer(self.stream, levels, is_adjusted=self.restates(), timezone=stamps)}

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Read the universe's rows; raises DataError."""
        faults = self.check(universe)
        if faults:
            raise DataError(faults)
        ports = real_ports()
        began = ports.now()
        tickers = tickers_of(universe)
        with self._reading(ports, tickers) as reader:
            frames = [self._rows(reader, ticker, began) for ticker in tickers]
        digests = {_input_name(self.fetch_key(ticker)): digest(frame) for ticker, frame in zip(tickers, frames, strict=True)}
        # Bars that were still forming when reading began were left out; books and trades are of moments after it.
        as_of = began if self.stream == "bars" else ports.now()
        return (self.raw(pl.concat(frames, how="diagonal"), digests, as_of),)

    def fetch_key(self, symbol: str) -> Mapping[str, str]:
        """Return what identifies the series of a symbol."""
        series = {"interval": self.interval, "adjust": self.adjust} if self.stream == "bars" else {}
        return {
            "service": self.base_url.rstrip("/"),
            "stream": self.stream,
            "symbol": symbol,
            "type": self.type or "",
            **series,
        }

    def restates(self) -> bool:
        """Return whether the past is written anew: adjusted prices change with the next split or dividend."""
        return self.adjust != "none"

    def windows(self, symbol: str) -> tuple[int, int] | None:
        """Return the declared days as far as their bars are over, in ns; None without a start, for books and for trades."""
        if self.stream != "bars" or self.start is None:
            return None
        start, end = self._window(symbol, real_ports().now())
        return start * MS, end * MS

    def over(self) -> int:
        """Return the instant, in ns, before which a bar must have begun to be over by now, published or not."""
        return self._until(real_ports().now()) * MS

    def fetch(self, symbol: str, start_ns: int, end_ns: int, on_progress: Progress) -> pl.DataFrame:
        """Return every bar of the symbol in the window; raises DataError if they can't be had completely."""
        faults = [*self.declared(), *self._key_faults()]
        if faults:
            raise DataError(faults)
        ports = real_ports()
        if self.stream != "bars" or end_ns > self._until(ports.now()) * MS:
            msg = "fetch is for bars that are over: ask for a stretch inside of windows()"
            raise ValueError(msg)
        # Stamps are whole milliseconds, so rounding both bounds up keeps exactly the stamps inside.
        window = -(-start_ns // MS), -(-end_ns // MS)
        with self._reading(ports, (symbol,)) as reader:
            return reader.window(symbol, window, lambda until: on_progress(min(until * MS, end_ns)))

    def raw(self, frame: pl.DataFrame, digests: Mapping[str, str], as_of: int) -> Raw:
        """Return rows as a run reads them; raises DataError if the declared calendar can't be theirs."""
        symbols = tuple(sorted(frame["symbol"].unique()))
        faults = self._calendar_faults(symbols) if symbols else []
        if faults:
            raise DataError(faults)
        levels = sum(name.startswith("bid_price_") for name in frame.columns)
        if self.stream == "depth":
            frame = frame.select("symbol", "timestamp", *columns_of("depth", levels))
        stamps = self._stamps(symbols)
        notes = (NOTES[self.adjust],) if self.stream == "bars" else ()
        return Raw(frame, digests, stream=self.stream, levels=levels, timezone=stamps, as_of=as_of, notes=notes)

    def _stamps(self, symbols: tuple[str, ...]) -> Stated | None:
        """Return what the stamps of these symbols mean, as far as the service says."""
        return (bar_stamps if self.stream == "bars" else event_stamps)(symbols, self._series, self.calendar)

    @property
    def _series(self) -> Series:
        return Series(self.interval, self.adjust, self.type, self.limit)

    @contextmanager
    def _reading(self, ports: Ports, tickers: tuple[str, ...]) -> Iterator[Reader]:
        """Hold a conversation; a symbol the service doesn't know becomes a fault that says which it has."""
        key = key_from(self.key_env)
        if key is None or not key.is_sendable:
            raise DataError(self._key_faults())
        patience = (self.timeout_connect, self.timeout_read, self.retries, self.rate_per_minute)
        service = Service(self.base_url.rstrip("/"), self.dialect, *patience)
        with closing(HttpTransport(service, key, ports.elapsed)) as transport:
            pace = pace_of(service.base_url, self.key_env)
            client = Client(service, transport, ports, key, key_env=self.key_env, pace=pace)
            try:
                yield Reader(client, self.dialect, self._series)
            except RefusedError as error:
                unknown = unknown_symbols(client, self._series, tickers) if is_unknown_symbol(error) else []
                raise DataError(unknown or error.faults) from error

    def _rows(self, reader: Reader, ticker: str, now: int) -> pl.DataFrame:
        if self.stream == "trades":
            return reader.trades(ticker)
        if self.stream == "depth":
            return reader.book(ticker)
        if self.start is None:
            return reader.latest(ticker, now // MS)
        start, end = self._window(ticker, now)
        if start >= end:
            write = "Write a day whose bars are over, or start: null for the latest bars."
            raise DataError(Fault("data.start", "must lie before the last bar that is over", f'"{self.start}"', write))
        return reader.window(ticker, (start, end), _unheard)

    def _window(self, symbol: str, now: int) -> tuple[int, int]:
        return days_window(self.start or "", self.end, zone_of(symbol, self._series), self._until(now))

    def _until(self, now: int) -> int:
        """Return the first ms at which a bar can't have begun and be over by `now`."""
        return now // MS - self._series.interval_ms + 1

    def _address_faults(self) -> list[Fault]:
        wrong = address_fault(self.base_url)
        # The address isn't repeated: what is wrong with it may be a password inside.
        return [] if wrong is None else [Fault("data.base_url", wrong[0], "", wrong[1])]

    def _key_faults(self) -> list[Fault]:
        if not VARIABLE.fullmatch(self.key_env):
            return []
        key = key_from(self.key_env)
        if key is None:
            write = f"Set the environment variable {self.key_env} to your key: export {self.key_env}=…"
            return [Fault("data.key_env", "must name a variable that is set", self.key_env, write)]
        if not key.is_sendable:
            write = "Set it to the key alone: printable characters, no spaces, no line break."
            return [Fault("data.key_env", "must name a variable that holds a key", self.key_env, write)]
        return []

    def _declared_faults(self) -> list[Fault]:
        faults = []
        if not VARIABLE.fullmatch(self.key_env):
            # What stands there isn't shown: it may be the key itself.
            write = "Write the name of an environment variable in capitals, e.g. TICKDB_API_KEY, never the key itself."
            faults.append(Fault("data.key_env", "must be the name of a variable", "", write))
        if self.interval not in INTERVALS:
            write = did_you_mean(self.interval, INTERVALS)
            if self.interval in LONGER:
                write = f"Use 1d: a week or month has no one length, so nobody could say when its bar is known. {write}"
            faults.append(Fault("data.interval", "must be a length the service has bars of", f'"{self.interval}"', write))
        return faults

    def _day_faults(self) -> list[Fault]:
        days = {"start": self.start, "end": self.end}
        faults = [
            Fault(f"data.{name}", "must be a day of the calendar", f'"{day}"', 'Write YYYY-MM-DD, e.g. "2024-01-31".')
            for name, day in days.items()
            if day is not None and not is_day(day)
        ]
        if faults:
            return faults
        if self.stream != "bars":
            write = "Write start: null and end: null; books and trades have no history here."
            written = [f"data.{name}" for name, day in days.items() if day is not None]
            return [Fault(where, f"must be null with stream: {self.stream}", "a day", write) for where in written]
        if self.end is not None and self.start is None:
            write = "Write data.start too, or end: null for the latest bars."
            return [Fault("data.end", "must be null where there is no start", f'"{self.end}"', write)]
        if self.start is not None and self.end is not None and self.start > self.end:
            was = f'"{self.start}" to "{self.end}"'
            return [Fault("data.start", "must not be after data.end", was, "Exchange data.start and data.end.")]
        return []

    def _calendar_faults(self, symbols: tuple[str, ...]) -> list[Fault]:
        if self.calendar is None:
            return []
        if not is_known(symbols, self._series):
            write = "Write it as timezone.calendar, and calendar: null here."
            must = "must be null where the symbols aren't all of one market that their suffix names"
            return [Fault("data.calendar", must, f'"{self.calendar}"', write)]
        return [replace(fault, where="data.calendar") for fault in calendar_faults(self.calendar)]

    def _article_faults(self) -> list[Fault]:
        if self.dialect != "article":
            return []
        faults = []
        if self.adjust != "none":
            write = "Write adjust: none, or dialect: tickdb_v1."
            faults.append(Fault("data.adjust", "must be none with dialect: article", self.adjust, write))
        if self.type is not None:
            write = "Write type: null, or dialect: tickdb_v1."
            faults.append(Fault("data.type", "must be null with dialect: article", f'"{self.type}"', write))
        return faults


def _input_name(key: Mapping[str, str]) -> str:
    return " ".join(value for value in key.values() if value)


def _unheard(_until: int) -> None:
    """Nobody is told."""
