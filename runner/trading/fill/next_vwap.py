"""Fill at an average price of the symbol's next bar."""

from typing import Literal

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.trading.fill import Fill, FillClock, Prices

__all__ = ["NextVwap"]


class NextVwap(Fill):
    """An order decided at a bar's close is worked over the symbol's next bar and fills at its typical price.

    Bars don't say their volume-weighted average price; (high + low + close) / 3 is the usual estimate of it. It is known,
    and the order filled, at the end of the bar. A bar that an outage touches has no such price.
    """

    kind: Literal["next_vwap"] = "next_vwap"

    def streams(self, deciding: Stream) -> tuple[Stream, ...]:  # noqa: ARG002
        """Return bars."""
        return ("bars",)

    def of(self, tape: Tape) -> FillClock:
        """Return the instants at which bars are known, and their typical prices."""
        bars = tape.columns
        prices = Prices.at((bars["high"] + bars["low"] + bars["close"]) / 3.0)
        return FillClock(tape, tape.ts, prices, prices, bars["volume"], since=tape.opened)
