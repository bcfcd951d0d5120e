"""A charge per unit with a minimum per fill."""

from typing import Literal

from runner.trading.fees import Fees
from runner.units import NonNegative

__all__ = ["PerShare"]


def _fee(p, traded, quantity, price, maker):
    return max(abs(quantity) * p[0], p[1])


class PerShare(Fees):
    """What many US brokers charge for shares: max(|quantity| × rate, minimum) per fill."""

    kind: Literal["per_share"] = "per_share"
    rate: NonNegative = 0.005
    """Charge per unit, in quote currency."""
    minimum: NonNegative = 1.0
    """Smallest charge of one fill, in quote currency."""

    fee = staticmethod(_fee)

    def numbers(self) -> tuple[float, ...]:
        """Return rate and minimum."""
        return (self.rate, self.minimum)
