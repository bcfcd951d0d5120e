"""Fill at the best bid or ask."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.trading.fill import Fill, FillClock, Prices

__all__ = ["Touch", "best", "best_prices"]

Values = NDArray[np.float64]


def best(tape: Tape) -> tuple[Values, Values, Values]:
    """Return best bid, best ask, and the smaller of the sizes shown there, of quotes or books; of these the top level."""
    columns, level = tape.columns, "_0" if tape.stream == "depth" else ""
    size = np.fmin(columns[f"bid_size{level}"], columns[f"ask_size{level}"])
    return columns[f"bid_price{level}"], columns[f"ask_price{level}"], size


def best_prices(tape: Tape) -> tuple[str, str]:
    """Return the columns with best bid and ask of quotes or books."""
    return ("bid_price_0", "ask_price_0") if tape.stream == "depth" else ("bid_price", "ask_price")


class Touch(Fill):
    """An order pays the ask and gets the bid of the symbol's first quote or book that comes after it reached the venue."""

    kind: Literal["touch"] = "touch"

    prices_wait: ClassVar[bool] = True

    def streams(self, deciding: Stream) -> tuple[Stream, ...]:
        """Return depth or quotes, the stream that decides first."""
        events: tuple[Stream, ...] = ("quotes", "depth")
        return tuple(sorted(events, key=lambda stream: stream != deciding))

    def of(self, tape: Tape) -> FillClock:
        """Return the instants of the events, asks and bids."""
        bid, ask, size = best(tape)
        return FillClock(tape, tape.ts, Prices.at(ask), Prices.at(bid), size, bid, ask)
