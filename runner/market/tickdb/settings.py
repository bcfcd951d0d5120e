"""What a conversation with TickDB needs to know, as plain values: the core below the source's configuration."""

from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["INTERVALS", "MOST_ROWS", "Dialect", "Series", "Service"]

Dialect = Literal["tickdb_v1", "article"]
"""`tickdb_v1`: the documented interface; `article`: symbol, interval and limit only, short names in the rows."""

MINUTE_MS = 60_000
INTERVALS = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "2h": 120 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "1d": 1_440 * MINUTE_MS,
}
"""The service's word for a bar's length → milliseconds. Weeks and months are left out: they have no one length."""

MOST_ROWS = 1_000
"""Bars or trades the service gives per request at most."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where the service is and how patiently it is asked."""

    base_url: str
    """Scheme, host and port, without a trailing slash."""
    dialect: Dialect
    timeout_connect: float
    """Seconds to wait for a connection."""
    timeout_read: float
    """Seconds to wait for the next bytes of an answer."""
    retries: int
    """How often a request is repeated after a passing failure."""
    rate_per_minute: int
    """Requests in any 60 seconds at most."""


@dataclass(frozen=True, slots=True)
class Series:
    """Which rows of a symbol are meant."""

    interval: str
    """A key of `INTERVALS`."""
    adjust: str
    """`none`, `forward` or `backward`."""
    type: str | None
    """The service's word for the kind of instrument; None leaves it to the service."""
    limit: int
    """Rows per request at most."""

    def unadjusted(self) -> "Series":
        """Return the same series in prices as traded."""
        return replace(self, adjust="none")

    @property
    def interval_ms(self) -> int:
        """Length of a bar in milliseconds."""
        return INTERVALS[self.interval]

    @property
    def spacing_ms(self) -> int:
        """The least distance of two bars: local days are an hour shorter when clocks are put forward."""
        return self.interval_ms - 60 * MINUTE_MS if self.interval == "1d" else self.interval_ms
