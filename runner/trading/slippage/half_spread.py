"""Half the spread of the row that fills."""

from typing import Literal

from runner.trading.slippage import ASK, BID, Slippage
from runner.units import Bps

__all__ = ["HalfSpread"]


def _price(p, quantity, reference, given):
    bid, ask = given[BID], given[ASK]
    side = 1.0 if quantity > 0.0 else -1.0
    touch = ask if side > 0.0 else bid
    if not ask >= bid:
        touch = reference + side * abs(reference) * p[0] * 1e-4
    return touch if side * (touch - reference) > 0.0 else reference


class HalfSpread(Slippage):
    """Buys pay the ask and sells get the bid of the row that fills: half the spread beyond the price half-way between.

    A reference that is at the touch or beyond it has paid for that already and is kept: under `fill: touch` this adds
    nothing. Rows without a quote (bars, trades), with one side missing or crossed, cost `fallback` instead.
    """

    kind: Literal["half_spread"] = "half_spread"
    fallback: Bps = 2.5
    """Half the spread in basis points of the reference price, where the row that fills has no quote."""

    price = staticmethod(_price)

    def numbers(self) -> tuple[float, ...]:
        """Return the basis points without a quote."""
        return (self.fallback,)
