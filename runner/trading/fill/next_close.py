"""Fill at the close of the symbol's next bar."""

from typing import Literal

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.trading.fill import Fill, FillClock, Prices

__all__ = ["NextClose"]


class NextClose(Fill):
    """An order decided at a bar's close fills at the close of the symbol's next bar, as one for the closing auction does."""

    kind: Literal["next_close"] = "next_close"

    def streams(self, deciding: Stream) -> tuple[Stream, ...]:  # noqa: ARG002
        """Return bars."""
        return ("bars",)

    def of(self, tape: Tape) -> FillClock:
        """Return the instants at which bars are known, and their closes."""
        prices = Prices.at(tape.columns["close"])
        return FillClock(tape, tape.ts, prices, prices, tape.columns["volume"])
