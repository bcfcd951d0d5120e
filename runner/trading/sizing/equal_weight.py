"""The same share of equity for every symbol of the universe."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.trading.sizing import Sizing
from runner.units import Positive

__all__ = ["EqualWeight"]


def _size(p, equity, price, share, given):
    if not (price > 0.0 and equity > 0.0):
        return 0.0
    return np.floor(p[0] * share * equity / price / p[1]) * p[1]


class EqualWeight(Sizing):
    """Every symbol has an equal part of a share of equity: ⌊share / symbols × equity / close / lot⌋ × lot units.

    Symbols of the universe count whether they are held or not, so that all of them could be paid for at once.
    """

    kind: Literal["equal_weight"] = "equal_weight"
    share: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 0.9
    """Share of equity that all positions together are worth; above 1 is leverage, which cash allows shorts alone."""
    lot: Positive = 1.0
    """Smallest tradable quantity; sizes are rounded down to whole lots."""

    size = staticmethod(_size)

    def numbers(self, symbols: int) -> tuple[float, ...]:
        """Return each symbol's share, and lot."""
        return (self.share / max(symbols, 1), self.lot)
