"""A fixed cost per unit, as of a spread that is always one tick wide: a slippage, with one row function and one number."""

from typing import Literal

from runner.trading.slippage import Slippage
from runner.units import NonNegative


def _price(p, quantity, reference, given):
    return reference + p[0] if quantity > 0.0 else reference - p[0]


class Tick(Slippage):
    """Buyers pay `cost` more than the reference price, sellers get as much less."""

    kind: Literal["tick"] = "tick"
    cost: NonNegative = 0.01
    """Cost per unit, in quote currency."""

    price = staticmethod(_price)

    def numbers(self):
        """Return the cost: the `p` of the function."""
        return (self.cost,)
