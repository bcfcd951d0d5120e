"""A charge by what is traded is worth."""

import math
from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from runner.trading.fees import Fees
from runner.units import Bps, NonNegative

__all__ = ["PerNotional"]


def _fee(p, traded, quantity, price, maker):
    return min(max(abs(quantity * price) * p[0] * 1e-4, p[1]), p[2])


class PerNotional(Fees):
    """A share of the value of every fill: |quantity × price| × bps / 10,000, not below `minimum` nor above `maximum`."""

    kind: Literal["per_notional"] = "per_notional"
    bps: Bps = 10.0
    """Charge in basis points of the value."""
    minimum: NonNegative = 0.0
    """Smallest charge of one fill, in quote currency."""
    maximum: NonNegative | None = None
    """Largest charge of one fill, in quote currency; null for none."""

    fee = staticmethod(_fee)

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.maximum is not None and self.maximum < self.minimum:
            raise PydanticCustomError("fee_limits", "must have a maximum that isn't below the minimum")
        return self

    def numbers(self) -> tuple[float, ...]:
        """Return basis points, minimum and maximum."""
        return (self.bps, self.minimum, math.inf if self.maximum is None else self.maximum)
