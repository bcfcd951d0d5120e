"""Fill at the open of the symbol's next bar."""

from typing import ClassVar, Literal

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.trading.fill import Fill, FillClock, Prices

__all__ = ["NextOpen"]


class NextOpen(Fill):
    """An order decided at a bar's close fills at the open of the symbol's next bar, at that bar's opening instant.

    What waits for a price fills inside the bar: at the open where that lies beyond it, else at the price itself, at the
    instant at which the bar is known.
    """

    kind: Literal["next_open"] = "next_open"

    prices_wait: ClassVar[bool] = True

    def streams(self, deciding: Stream) -> tuple[Stream, ...]:  # noqa: ARG002
        """Return bars."""
        return ("bars",)

    def of(self, tape: Tape) -> FillClock:
        """Return the opening instants, and opens, lows and highs."""
        bars = tape.columns
        prices = Prices(bars["open"], bars["low"], bars["high"])
        return FillClock(tape, tape.opened, prices, prices, bars["volume"])
