"""What the feed hands on: everything that became known at one instant."""

from math import nan
from typing import NamedTuple

from runner.signal.push import PushedRow

__all__ = ["Instant", "Touch"]


class Touch(NamedTuple):
    """The best prices of one symbol; without a usable book they are NaN."""

    symbol: int
    """Number of the symbol in the universe."""
    ts: int
    """The venue's stamp of the book, UTC nanoseconds; where there is no usable book, when that was found out."""
    bid_price: float = nan
    bid_size: float = nan
    ask_price: float = nan
    ask_size: float = nan
    fault: str = ""
    """Why there is no usable book, e.g. `crossed`; empty if there is one."""


class Instant(NamedTuple):
    """All rows that became known at the same nanosecond, to be decided on together.

    Instants of one feed ascend in `ts`. Several may bear the same `ts` where rows of events are handed on as they come
    (`Plan.together` is off); each bar's rows are in one.
    """

    ts: int
    """UTC nanoseconds of market time."""
    rows: tuple[PushedRow, ...]
    """In the order of the symbols, and of one symbol in the order they came."""
    quotes: tuple[Touch, ...] = ()
    """The best prices of each symbol whose best prices changed since the instant before, in the order of the symbols."""
    gapped: tuple[int, ...] = ()
    """Symbols of which something is missing here, ascending: a bar was built over a hole in the stream or couldn't be built
    at all, or rows were lost since the instant before. A row of such a symbol is never whole."""
    serial: int = 0
    """1, 2, 3 … in the order the feed made them; numbers are missing where a consumer was too slow."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.gapped
