"""A fixed cost in basis points."""

from typing import Literal

from runner.trading.slippage import Slippage
from runner.units import Bps

__all__ = ["FixedBps"]


def _price(p, quantity, reference, given):
    cost = abs(reference) * p[0] * 1e-4
    return reference + cost if quantity > 0.0 else reference - cost


class FixedBps(Slippage):
    """Buys pay and sells give up the same share of the price: price = reference × (1 ± bps / 10,000)."""

    kind: Literal["fixed_bps"] = "fixed_bps"
    bps: Bps = 2.5
    """Cost of every fill in basis points of the reference price."""

    price = staticmethod(_price)

    def numbers(self) -> tuple[float, ...]:
        """Return the basis points."""
        return (self.bps,)
