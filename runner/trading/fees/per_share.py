"""A charge per unit with a minimum per fill."""

import math
from typing import Literal

import numpy as np

from runner.trading.fees import Fees
from runner.units import Bps, NonNegative

__all__ = ["PerShare"]


def _fee(p, traded, quantity, price, maker):
    charge = max(abs(quantity) * p[0], p[1])
    if p[2] < np.inf:
        charge = min(charge, abs(quantity * price) * p[2] * 1e-4)
    return charge


class PerShare(Fees):
    """What many US brokers charge for shares: max(|quantity| × rate, minimum) per fill, up to a share of its value."""

    kind: Literal["per_share"] = "per_share"
    rate: NonNegative = 0.005
    """Charge per unit, in quote currency."""
    minimum: NonNegative = 1.0
    """Smallest charge of one fill, in quote currency."""
    maximum: Bps | None = None
    """Largest charge of one fill in basis points of its value, which wins over the minimum; null for none."""

    fee = staticmethod(_fee)

    def numbers(self) -> tuple[float, ...]:
        """Return rate, minimum and maximum."""
        return (self.rate, self.minimum, math.inf if self.maximum is None else self.maximum)
