"""Fill at the open of the symbol's next bar."""

from typing import Literal

from runner.market.tape import Tape
from runner.trading.fill import Fill, FillClock

__all__ = ["NextOpen"]


class NextOpen(Fill):
    """An order decided at a bar's close fills at the open of the symbol's next bar, at that bar's opening instant."""

    kind: Literal["next_open"] = "next_open"

    def clock(self, tape: Tape) -> FillClock:
        """Return the opening instants and prices."""
        return FillClock(tape.opened, tape.columns["open"])
