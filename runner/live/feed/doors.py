"""What a feed touches the outside through."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from runner.live.feed.bar import Built
from runner.live.feed.recording import Recorder
from runner.live.ports import Alarm, Clock, Randomness, Sockets

__all__ = ["Books", "Doors", "History", "Refill"]


class Refill(NamedTuple):
    """Bars from history."""

    bars: tuple[tuple[int, Built], ...]
    """When each is known, as a tape has it, and its values."""
    until: int
    """Every bar known up to this instant is there, UTC nanoseconds."""


@runtime_checkable
class History(Protocol):
    """Finished bars from beside the stream."""

    async def bars(self, symbol: int, first: int, last: int) -> Refill:
        """Return the bars of a symbol known in `[first, last]`, as a tape has them; raise `NoAnswer` if it fails."""


@runtime_checkable
class Books(Protocol):
    """Whole books from beside the stream, of venues that stream differences."""

    async def book(self, symbol: int) -> bytes:
        """Return the venue's answer unread; raise `NoAnswer` if there is none."""


@dataclass(frozen=True, slots=True)
class Doors:
    """All of them."""

    sockets: Sockets
    clock: Clock
    """`utc_ns` is the market's time; everything that is about the line goes by `mono_ns`."""
    chance: Randomness
    alarm: Alarm
    recorder: Recorder
    history: History | None = None
    """Fills holes in bars; None: they stay."""
    books: Books | None = None
    """Begins books that are told by differences; None: they can't be followed."""
