"""Fill at the very close that decided."""

from typing import ClassVar, Literal

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.trading.fill import Fill, FillClock, Prices

__all__ = ["SameClose"]


class SameClose(Fill):
    """An order fills at the close of the bar it was decided on, also of the last one.

    Optimistic: that price is gone once it is known.
    """

    kind: Literal["same_close"] = "same_close"

    optimistic: ClassVar[str] = "orders fill at the close that decided them, a price that is gone once it is known"

    def streams(self, deciding: Stream) -> tuple[Stream, ...]:
        """Return bars, where they decide."""
        return ("bars",) if deciding == "bars" else ()

    def of(self, tape: Tape) -> FillClock:
        """Return the instants at which bars are known, and their closes."""
        prices = Prices.at(tape.columns["close"])
        return FillClock(tape, tape.ts, prices, prices, tape.columns["volume"], at_once=True)
