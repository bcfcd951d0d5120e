"""Positions that fluctuate as much as one another."""

import math
from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.signal.operator import ValueType
from runner.spec.signal import Expression
from runner.trading.sizing import Sizing
from runner.units import Positive

__all__ = ["VolatilityTarget"]


def _size(p, equity, price, share, given):
    volatility = given[0]
    if not (price > 0.0 and equity > 0.0 and volatility > 0.0):
        return 0.0
    weight = min(p[0] / volatility, p[1])
    return np.floor(weight * share * equity / price / p[2]) * p[2]


class VolatilityTarget(Sizing):
    """The more a symbol fluctuates, the smaller its position: ⌊weight × equity / close / lot⌋ × lot units.

    weight = min(target / (volatility × √rows_per_year), most). A volatility that is undefined, zero or less gives no size: a
    price that doesn't move is one that isn't known.
    """

    kind: Literal["volatility_target"] = "volatility_target"
    target: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 0.1
    """Volatility per year that a full position adds to the account, as a fraction of equity."""
    volatility: Expression = "std(returns(close), 20)"
    """Volatility per row of the deciding clock, as a fraction of the price."""
    rows_per_year: Positive = 252.0
    """Rows per year, by whose root the volatility is multiplied; 1 where the expression is per year already."""
    most: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 1.0
    """Largest share of equity of a position, however calm its symbol is."""
    lot: Positive = 1.0
    """Smallest tradable quantity; sizes are rounded down to whole lots."""

    size = staticmethod(_size)

    def numbers(self, symbols: int) -> tuple[float, ...]:  # noqa: ARG002
        """Return the target per row, the largest share, and lot."""
        return (self.target / math.sqrt(self.rows_per_year), self.most, self.lot)

    def expressions(self) -> Mapping[str, tuple[str, ValueType]]:
        """Return the volatility."""
        return {"volatility": (self.volatility, "number")}
