"""How a feed is, for a page that shows it: numbers and words, taken at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ConnectionHealth", "Health", "SymbolHealth"]


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """One connection."""

    number: int
    state: str
    """`opening`, `subscribing`, `live` or `closed`."""
    symbols: int
    age_ns: int
    """Since it was opened, on the machine's clock."""
    pong_age_ns: int | None
    """Since the last pong; None: there was none."""
    reached: int | None
    """Up to when everything has been heard, UTC nanoseconds of market time."""


@dataclass(frozen=True, slots=True)
class SymbolHealth:
    """One symbol."""

    symbol: str
    is_stale: bool
    is_listening: bool
    """Whether its prices come without a hole at the moment."""
    heard: int | None
    """Market time at which data last came."""
    book: str
    """Why there are no best prices, empty if there are."""


@dataclass(frozen=True, slots=True)
class Health:
    """All of it."""

    connections: tuple[ConnectionHealth, ...]
    symbols: tuple[SymbolHealth, ...]
    waiting: int
    """Instants that wait to be taken."""
    openings: int
    """Connections made so far, successful or not."""
    counts: Mapping[str, int]
    """Event → how often: what couldn't be used by reason, late prices, instants left out, bars refilled …"""
    failure: str
    """Why the feed is over, empty while it isn't."""

    @property
    def is_fit(self) -> bool:
        """Whether nothing is stale or missing: every connection is live, every symbol is heard of."""
        are_live = bool(self.connections) and all(each.state == "live" for each in self.connections)
        return are_live and not self.failure and not any(each.is_stale or not each.is_listening for each in self.symbols)
