"""A share of equity per position."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.trading.sizing import Sizing
from runner.units import Positive

__all__ = ["EquityShare"]


def _size(p, equity, price, share, given):
    if not (price > 0.0 and equity > 0.0):
        return 0.0
    return np.floor(p[0] * share * equity / price / p[1]) * p[1]


class EquityShare(Sizing):
    """Every position is worth the same share of equity when it is decided: ⌊share × equity / close / lot⌋ × lot units."""

    kind: Literal["equity_share"] = "equity_share"
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.18
    """Share of equity per position. Leave room for gaps and costs: five positions of 0.2 can't all be paid for."""
    lot: Positive = 1.0
    """Smallest tradable quantity; sizes are rounded down to whole lots."""

    size = staticmethod(_size)

    def numbers(self, symbols: int) -> tuple[float, ...]:  # noqa: ARG002
        """Return share and lot."""
        return (self.share, self.lot)
