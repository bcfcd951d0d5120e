"""The contract of a dialect: how one kind of venue is spoken to and understood. One file each in `dialects/`.

A dialect is pure: text to messages and back. It keeps nothing between two texts, so a recorded text always means the same.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from runner.live.feed.messages import Books, Channel, Message, Snapshot

__all__ = ["Dialect", "Manners", "symbol_numbers"]

SECOND = 1_000_000_000


class Manners(NamedTuple):
    """What a venue allows and expects of a connection."""

    heartbeat_ns: int | None = SECOND
    """Between two pings of ours; None: the venue knows no pings but the protocol's own, which the socket sends itself."""
    pong_ns: int = 20 * SECOND
    """Until a ping must be answered."""
    tells_time: bool = True
    """Whether its pongs say up to when everything has been heard; if not, the stamps of its data do."""
    symbols_per_message: int = 50
    messages: int = 5
    """Messages of ours per `messages_ns`."""
    messages_ns: int = SECOND
    symbols_per_connection: int = 300
    connections: int = 5
    """Openings per `connections_ns`."""
    connections_ns: int = 60 * SECOND
    life_ns: int | None = None
    """A connection is replaced when it is so old, before the venue ends it."""
    is_consecutive: bool = False
    """Whether a symbol's trades are numbered without gaps."""


@runtime_checkable
class Dialect(Protocol):
    """One venue's language, for the symbols of one universe."""

    manners: Manners

    def path(self, symbols: Sequence[int]) -> str:
        """Return what follows the service's address where a connection carries these symbols."""

    def subscribe(self, channel: Channel, symbols: Sequence[int], number: int) -> str:
        """Return the message that asks for a channel of some symbols; `number` tells requests of a connection apart."""

    def ping(self) -> str:
        """Return the message of a heartbeat; only asked for where there are heartbeats."""

    def decode(self, text: bytes, carried: Sequence[int]) -> list[Message]:
        """Return what one message says, of a connection that carries these symbols. Never raises."""

    def books(self, texts: Sequence[bytes], levels: int) -> Books | None:
        """Return those of some messages that are good books, of each so many levels a side; None where that takes as long.

        Of these `decode` says the same.
        """

    def passes(self, code: str) -> bool:
        """Tell whether an error of this code may pass if the same is asked again later; of unknown ones it may not."""

    def snapshot(self, symbol: int, body: bytes) -> Snapshot | None:
        """Return a book that was asked for beside the stream, None if it can't be read; see `Difference`."""


def symbol_numbers(symbols: Sequence[str]) -> dict[str, int]:
    """Return what a venue may call each symbol → its number: as written, and bare of its market where that is unambiguous.

    Leading zeros of a number are no difference: Hong Kong's `00700.HK` and `700.HK` are one.
    """
    found: dict[str, int] = {}
    doubtful: set[str] = set()
    for number, symbol in enumerate(symbols):
        bare = symbol.partition(".")[0]
        for name in {bare, symbol.lstrip("0"), bare.lstrip("0")} - {symbol, ""}:
            doubtful |= {name} if found.setdefault(name, number) != number else set()
    return {name: number for name, number in found.items() if name not in doubtful} | {
        symbol: number for number, symbol in enumerate(symbols)
    }
