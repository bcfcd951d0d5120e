"""What a session is connected to: the market's feed, the account, and the clocks of both."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from runner.live.accounts import Broker
from runner.live.feed.dialect import Dialect
from runner.live.feed.doors import Books, History
from runner.live.feed.messages import Channel
from runner.live.ports import Clock, Rest, Sockets, Stream

__all__ = ["Account", "Doors"]


async def nothing_to_close() -> None:
    """Close nothing."""


def nothing_to_begin() -> None:
    """Begin nothing: the market goes its own way."""


def is_never_over() -> bool:
    """Say that it isn't."""
    return False


@dataclass(frozen=True, slots=True)
class Account:
    """Where orders go."""

    broker: Broker
    rest: Rest
    stream: Stream
    close: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Doors:
    """One session's ways out."""

    venue: str
    """What it is called on pages."""
    clock: Clock
    """The market's time, and the machine's monotonic one."""
    sockets: Sockets
    """Of the market data."""
    dialect: Dialect
    lateness_ns: int
    """How long after a bar's end trades may still come, where the configuration doesn't say."""
    touch: Channel | None = None
    """Where best prices come from beside what the strategy reads; None: nowhere."""
    history: History | None = None
    """Finished bars from beside the stream, for its holes."""
    books: Books | None = None
    """Whole books from beside the stream, where it tells differences."""
    is_in_step: bool = False
    """Whether the venue waits for us at every instant."""
    is_real_time: bool = False
    """Whether the market's time is this machine's."""
    account: Account | None = None
    begin: Callable[[], None] = nothing_to_begin
    """Lets a market begin that waits for us."""
    is_over: Callable[[], bool] = is_never_over
    """Whether the market has ended and everything was heard."""
    truth: Callable[[], dict[str, Any]] | None = None
    """What the venue itself counts, where it tells."""
    close: Callable[[], Awaitable[None]] = nothing_to_close
