"""One account at one venue, as far as it can be said without its credentials: addresses, and how one says who one is."""

from dataclasses import dataclass
from enum import StrEnum

from runner.live.private_stream import Manners

__all__ = ["Credentials", "Scheme", "Service"]


class Scheme(StrEnum):
    """Where credentials stand."""

    HEADERS = "headers"
    """In headers of every request and of the stream's handshake."""
    ALPACA = "alpaca"
    """In headers of every request, and in the stream's first message."""
    BINANCE = "binance"
    """A key in a header and a signature over the fields; signed the same way, the stream's first message."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How one says who one is, and the environment variables that hold what is needed for it."""

    scheme: Scheme
    variables: tuple[tuple[str, str], ...] = ()
    """Header, or `secret` for what only signs, and the variable that holds its value."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where an account is reached."""

    rest: str
    """Scheme, host and port."""
    stream: str
    """Address of the private stream, with its path."""
    credentials: Credentials
    manners: Manners
