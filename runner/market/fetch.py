"""The contract of a source whose rows come over a network and are worth keeping.

A store asks `fetch_key` what a series is, `windows` what can be had of it, and `fetch` for what it doesn't hold yet; `raw`
puts what it holds into the form a run reads. Instants are UTC nanoseconds and windows are half open: `[start, end)` holds
the rows whose `timestamp` is at or after `start` and before `end`.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

import polars as pl

from runner.errors import Fault
from runner.market.source import Raw

__all__ = ["Fetchable", "Progress"]

Progress = Callable[[int], None]
"""Called with the instant up to which the rows of the window have arrived; never goes back, ends with the window's end."""


@runtime_checkable
class Fetchable(Protocol):
    """A source of the `data` family that a store can keep."""

    def declared(self) -> list[Fault]:
        """Return what is wrong with the declaration itself, without asking for a key or a connection.

        A store that holds every row needs no more than this; `check` adds what fetching needs.
        """

    def fetch_key(self, symbol: str) -> Mapping[str, str]:
        """Return what identifies the series of a symbol: service, stream, interval, adjustment; no secret and no window.

        Two sources with equal keys give equal rows for equal windows.
        """

    def restates(self) -> bool:
        """Return whether rows of the past change later, as prices adjusted for splits do.

        Such a series is fetched whole or not at all: windows of different days don't fit together.
        """

    def windows(self, symbol: str) -> tuple[int, int] | None:
        """Return the window declared for a symbol, cut off at `over`; None if there is no history.

        Days begin and end in the zone of the symbol's market. A start at or after the end: nothing is over yet.
        """

    def over(self) -> int:
        """Return the instant before which every row is over at the moment of asking.

        Over isn't published: the service may be late with a row, or correct it. How long to doubt that is for the store.
        """

    def fetch(self, symbol: str, start_ns: int, end_ns: int, on_progress: Progress) -> pl.DataFrame:
        """Return every row of the symbol in the window, which must lie inside of `windows(symbol)`.

        Columns as in `Raw.frame` (`symbol`, `timestamp` with its zone, the stream's columns), ascending and each stamp
        once. No rows means that the service has none there.

        Raises DataError if the rows can't be had completely; part of them is never returned.
        """

    def raw(self, frame: pl.DataFrame, digests: Mapping[str, str], as_of: int) -> Raw:
        """Return rows of one or several symbols, fetched by `as_of`, as a run reads them."""
