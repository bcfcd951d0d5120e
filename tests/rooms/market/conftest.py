"""Small bars written in the test, and a source of the user's own that hands them out."""

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import pytest

from runner.market.load import load
from runner.market.source import Raw
from runner.spec.quality import Quality
from runner.spec.timezone import Session, Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

FLOATS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class Rows:
    """A source that already has its bars, or the streams it was given."""

    frame: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()
    raws: tuple[Raw, ...] = ()

    def check(self, _universe):
        return []

    def read(self, _universe):
        return self.raws or (Raw(self.frame, {}, notes=self.notes),)


def as_frame(rows):
    """Rows of symbol, stamp, open, high, low, close, volume; a row of two gets quiet prices."""
    full = [row if len(row) > 2 else (*row, 10.0, 11.0, 9.0, 10.5, 100.0) for row in rows]
    symbols, stamps, *numbers = zip(*full, strict=True)
    columns = {name: pl.Series(name, values, dtype=pl.Float64) for name, values in zip(FLOATS, numbers, strict=True)}
    return pl.DataFrame({"symbol": list(symbols), "timestamp": list(stamps), **columns})


@pytest.fixture
def bars():
    return as_frame


@pytest.fixture
def daily():
    """US equities, stamped with the session date."""
    return Timezone(zone="America/New_York", stamp="session", session=Session(open="09:30", close="16:00"))


@pytest.fixture
def minute():
    """US equities, stamped with the open of a one-minute bar."""
    return Timezone(zone="America/New_York", stamp="open", interval="1min")


@pytest.fixture
def loaded(daily):
    """Load rows: `loaded(rows, missing="drop", window=…, timezone=…)`."""

    def run(rows, *, timezone=daily, window=None, symbols=None, notes=(), **policies):
        frame = rows if isinstance(rows, pl.DataFrame) else as_frame(rows)
        universe = Universe(symbols=symbols or tuple(dict.fromkeys(frame["symbol"])))
        source = Rows(frame, notes)
        return load(source, universe=universe, window=window or Window(), timezone=timezone, quality=Quality(**policies))

    return run


@pytest.fixture
def event():
    """Quotes, trades and books, stamped with their instants."""
    return Timezone(zone="UTC", stamp="event")


@pytest.fixture
def streams(daily):
    """Load streams: `streams([Raw(…), …], symbols=("A", "B"), crossed="drop", timezone=…)`."""

    def run(raws, *, symbols=("A",), timezone=daily, window=None, lives=None, late="keep", early="keep", **policies):
        universe = Universe(symbols=symbols, lives=lives or {}, late=late, early=early)
        source = Rows(raws=tuple(raws))
        return load(source, universe=universe, window=window or Window(), timezone=timezone, quality=Quality(**policies))

    return run


@pytest.fixture
def ns():
    """UTC nanoseconds of an ISO text without a zone."""

    def of(text):
        return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9

    return of
