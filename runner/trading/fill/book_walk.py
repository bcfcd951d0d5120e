"""Fill through the levels of the book."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.trading.fill import Fill, FillClock, Prices
from runner.trading.fill.touch import best

__all__ = ["BookWalk", "levels_of"]


def levels_of(tape: Tape) -> tuple[NDArray[np.float64], ...]:
    """Return bid prices, bid sizes, ask prices and ask sizes of books, each level after level."""
    count = sum(name.startswith("bid_price_") for name in tape.columns)
    sides = ("bid_price", "bid_size", "ask_price", "ask_size")
    return tuple(tape.columns[f"{side}_{level}"] for side in sides for level in range(count))


class BookWalk(Fill):
    """An order takes the levels of the symbol's first book that comes after it reached the venue, one after another.

    Its reference is the best price, what the deeper levels cost beyond that is slippage. An order larger than the whole book
    fills in part and goes on at the next book, unless its time in force ends it.
    """

    kind: Literal["book_walk"] = "book_walk"

    prices_wait: ClassVar[bool] = True

    def streams(self, deciding: Stream) -> tuple[Stream, ...]:  # noqa: ARG002
        """Return depth."""
        return ("depth",)

    def of(self, tape: Tape) -> FillClock:
        """Return the instants of the books, their best prices and all of their levels."""
        bid, ask, size = best(tape)
        return FillClock(tape, tape.ts, Prices.at(ask), Prices.at(bid), size, bid, ask, levels_of(tape))
