"""A tape as the instants at which its rows became known, the way a session is handed them."""

from collections.abc import Iterator, Mapping, Sequence

from runner.live.feed.seam import warm_up
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.push import PushedRow

__all__ = ["arrivals"]

NEVER = 2**62
"""An instant after all others."""


def arrivals(tapes: Mapping[Stream, Tape], before: int = NEVER) -> Iterator[tuple[int, Sequence[PushedRow]]]:
    """Yield each instant before one, with the rows of every stream that became known then, symbol by symbol."""
    return ((instant.ts, instant.rows) for instant in warm_up(tapes, before))
