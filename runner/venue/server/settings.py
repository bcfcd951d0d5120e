"""What a venue is told when it starts, and in which steps its instruments are traded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from runner.market.tickdb.settings import Dialect
from runner.venue.server.exact import PLACES
from runner.venue.server.fault_plan import FaultPlan
from runner.venue.server.score import Score

__all__ = ["Pace", "Rules", "Settings", "rules_of"]

Pace = Literal["lockstep"] | float
"""`lockstep`, or market seconds per second of the machine."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it; the defaults are a calm venue that goes in step with whoever listens."""

    pace: Pace = "lockstep"
    patience: float = 30.0
    """Seconds of the machine that the next instant waits for listeners, also while there are none."""
    is_held: bool = False
    """Whether the first instant waits for `go`."""
    from_ms: int | None = None
    """Market time after which the tape is played; what lies before is history. None plays all of it."""
    port: int = 0
    """0 takes a free one."""
    dialect: Dialect = "tickdb_v1"
    """Of the klines; either WebSocket dialect is spoken at its own path."""
    zone: str = "UTC"
    """Zone whose midnights stamp bars of a day."""
    derive_books: bool = False
    """Whether a market without books shows some around the last trades: a tick below, a tick above, of that trade's size.
    They are only shown: orders fill against trades all the same."""
    cash: Decimal = Decimal(100_000)
    """What the account begins with."""
    currency: str = "USD"
    fee_bps: Decimal = Decimal(0)
    """Of the notional of every execution, rounded up to 10⁻⁸."""
    participation: Decimal | None = None
    """Share of a trade's size that fills at most; None fills orders whole."""
    leverage: Decimal = Decimal(4)
    """Gross exposure, open orders among it, as a multiple of equity at most, for orders that increase a position."""
    ticks: Mapping[str, Decimal] = field(default_factory=dict)
    """Symbol → step of its price; what isn't here is read off the tape."""
    lots: Mapping[str, Decimal] = field(default_factory=dict)
    """Symbol → step of its quantity; likewise."""
    visible_lag: float = 0.0
    """Longest time in seconds until queries show what happened; each is drawn up to it, one second at most."""
    data_latency: float = 0.0
    """Seconds of the machine that market data and pongs are under way."""
    order_latency: float = 0.0
    """Seconds of the machine from a request's arrival until it is looked at, and again until its answer leaves."""
    jitter: float = 0.0
    """Largest seconds drawn on top of either latency; messages of one connection keep their order."""
    requests_per_minute: int | None = None
    """Requests per minute of the machine; None doesn't count."""
    most_waiting: int = 20_000
    """Messages a connection may leave unread before it is dropped."""
    page: int = 500
    """Rows of a page of the trading lists."""
    seed: int = 0
    """Of all chance: latency, lags, faults."""
    faults: FaultPlan = field(default_factory=FaultPlan)
    """What goes wrong."""


@dataclass(frozen=True, slots=True)
class Rules:
    """In which steps an instrument is traded."""

    symbol: str
    tick: Decimal
    lot: Decimal


def rules_of(score: Score, settings: Settings) -> tuple[Rules, ...]:
    """Return the rules of every symbol, those that aren't given read off the tape: the coarsest power of ten that fits.

    Steps are never finer than 10⁻⁸; prices of the tape that are (adjusted ones) are rounded to that when they fill an order.
    """
    return tuple(
        Rules(
            symbol,
            settings.ticks.get(symbol, _step(score, code, ("price", "open", "high", "low", "close"))),
            settings.lots.get(symbol, _step(score, code, ("size", "volume"))),
        )
        for code, symbol in enumerate(score.symbols)
    )


def _step(score: Score, symbol: int, words: tuple[str, ...]) -> Decimal:
    """Return the coarsest power of ten, 1 at most, that all values of columns named by a word are multiples of."""
    places = 0
    for tape in score.days.values():
        rows = slice(int(tape.offsets[symbol]), int(tape.offsets[symbol + 1]))
        for name, column in tape.columns.items():
            if not name.startswith("raw_") and any(word in name.split("_") for word in words):
                places = max(places, _places(column[rows]))
    return Decimal(1).scaleb(-places)


def _places(values: NDArray[np.float64]) -> int:
    known = values[np.isfinite(values)]
    for places in range(PLACES):
        if np.array_equal(np.round(known, places), known):
            return places
    return PLACES
