"""Fill at the price of the symbol's next trade, quote or book."""

from typing import ClassVar, Literal

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.trading.fill import Fill, FillClock, Prices
from runner.trading.fill.touch import best

__all__ = ["NextEvent"]


class NextEvent(Fill):
    """An order fills at the symbol's first event that comes after it reached the venue.

    Its price is that of a trade, or half-way between the best bid and ask of a quote or a book, which leaves the spread to
    the slippage.
    """

    kind: Literal["next_event"] = "next_event"

    prices_wait: ClassVar[bool] = True

    def streams(self, deciding: Stream) -> tuple[Stream, ...]:
        """Return the stream that decides, if it is one of events, and then trades, quotes and depth."""
        events: tuple[Stream, ...] = ("trades", "quotes", "depth")
        return tuple(sorted(events, key=lambda stream: stream != deciding))

    def of(self, tape: Tape) -> FillClock:
        """Return the instants of the events and their prices."""
        if tape.stream == "trades":
            prices = Prices.at(tape.columns["price"])
            return FillClock(tape, tape.ts, prices, prices, tape.columns["size"])
        bid, ask, size = best(tape)
        prices = Prices.at((bid + ask) / 2.0)
        return FillClock(tape, tape.ts, prices, prices, size, bid, ask)
