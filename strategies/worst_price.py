"""Every fill at the worst price of the next bar: a fill, which has no row function but says what each row offers."""

from typing import Literal

from runner.trading.fill import Fill, FillClock, Prices


class WorstPrice(Fill):
    """Buyers pay the highest price of the symbol's next bar, sellers get the lowest: nobody can do worse."""

    kind: Literal["worst_price"] = "worst_price"

    def streams(self, deciding):
        """Return the streams that can be its clock, best first."""
        return ("bars",)

    def of(self, tape):
        """Return when each row fills, and what buyers pay and sellers get there: the extremes are known at its end."""
        bars = tape.columns
        return FillClock(tape, tape.ts, Prices.at(bars["high"]), Prices.at(bars["low"]), bars["volume"])
