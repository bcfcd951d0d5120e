"""When orders fill and at which reference price: one file per kind.

A kind takes one stream of the market for its clock: every row of it is a moment at which an order of its symbol can fill.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.spec.kind import Kind

__all__ = ["Fill", "FillClock", "Prices"]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prices:
    """Reference prices of one side, before slippage: [F] per row of the clock."""

    first: Values
    """The first a row has; not finite where nothing can be had at that row."""
    low: Values
    """The lowest."""
    high: Values
    """The highest."""

    @classmethod
    def at(cls, price: Values) -> "Prices":
        """Return the prices of rows that have one each."""
        return cls(price, price, price)


@dataclass(frozen=True, slots=True)
class FillClock:
    """The rows of one stream as moments at which orders fill."""

    tape: Tape
    """The stream; its rows of a symbol lie together, in the order of time."""
    first: NDArray[np.int64]
    """[F] UTC nanoseconds of a row's first price, at which market orders fill."""
    buy: Prices
    """What buyers pay."""
    sell: Prices
    """What sellers get."""
    size: Values | None = None
    """[F] units traded or shown; NaN or None where that isn't known."""
    bid: Values | None = None
    ask: Values | None = None
    levels: tuple[Values, ...] = ()
    """Bid prices, bid sizes, ask prices and ask sizes, each level after level, of a book that orders walk through."""
    at_once: bool = False
    """Whether an order fills at the row it was decided on."""
    since: NDArray[np.int64] | None = None
    """[F] UTC nanoseconds from which on the market made a row's first price; None where it is the price of one instant."""

    @property
    def has_ranges(self) -> bool:
        """Whether rows have prices that are known later than their first."""
        return self.tape.stream == "bars" and self.first is self.tape.opened


class Fill(Kind):
    """A kind of the `fill` family. An order decided at a row waits for the symbol's next row.

    A row fills between its opening and the instant at which it is known, at prices that it has and that are known then; one
    without a price has NaN. Buyers never pay less than sellers get. `laws` hold every kind to that.
    """

    optimistic: ClassVar[str] = ""
    """Why results under this clock are better than any market; empty if they aren't."""
    prices_wait: ClassVar[bool] = False
    """Whether limits, stops and exits can wait for a price under this clock."""

    @abstractmethod
    def streams(self, deciding: Stream) -> tuple[Stream, ...]:
        """Return the streams that can be its clock where decisions are made on a stream, best first."""

    @abstractmethod
    def of(self, tape: Tape) -> FillClock:
        """Return the rows of a tape as moments at which orders fill."""

    def clock(self, tapes: Mapping[Stream, Tape], deciding: Stream) -> FillClock | None:
        """Return the clock that a market gives; None if it has no stream for it."""
        found = next((stream for stream in self.streams(deciding) if stream in tapes), None)
        return None if found is None else self.of(tapes[found])
