"""The share of equity that grows fastest, by what is expected and what it fluctuates, and a cap on it."""

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.signal.operator import ValueType
from runner.spec.signal import Expression
from runner.trading.sizing import Sizing
from runner.units import Positive

__all__ = ["Kelly"]


def _size(p, equity, price, share, given):
    mean, variance = given[0], given[1]
    if not (price > 0.0 and equity > 0.0 and mean > 0.0 and variance > 0.0):
        return 0.0
    weight = min(p[0] * mean / variance, p[1])
    return np.floor(weight * share * equity / price / p[2]) * p[2]


class Kelly(Sizing):
    """A part of Kelly's share of equity: ⌊min(fraction × mean / variance, cap) × equity / close / lot⌋ × lot units.

    Kelly, "A new interpretation of information rate" (1956); for returns that vary continuously the share is mean / variance
    (Thorp, "The Kelly criterion in blackjack, sports betting and the stock market", 2006). Both are of returns over one
    length of time. A mean of zero or less gives no size, so where shorts are opened write what they are expected to earn,
    such as `abs(mean(returns(close), 60))`. What is undefined, or a variance of zero, gives none either.
    """

    kind: Literal["kelly"] = "kelly"
    mean: Expression = "mean(returns(close), 60)"
    """What the position is expected to earn over a length of time, as a fraction."""
    variance: Expression = "var(returns(close), 60)"
    """Variance of the returns over that length of time."""
    fraction: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.5
    """How much of Kelly's share is taken; means are known so badly that half of it is usual."""
    cap: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 0.5
    """Largest share of equity of a position."""
    lot: Positive = 1.0
    """Smallest tradable quantity; sizes are rounded down to whole lots."""

    size = staticmethod(_size)

    def numbers(self, symbols: int) -> tuple[float, ...]:  # noqa: ARG002
        """Return fraction, cap and lot."""
        return (self.fraction, self.cap, self.lot)

    def expressions(self) -> Mapping[str, tuple[str, ValueType]]:
        """Return mean and variance."""
        return {"mean": (self.mean, "number"), "variance": (self.variance, "number")}
