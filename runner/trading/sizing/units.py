"""A fixed number of units per position."""

from typing import Literal

import numpy as np

from runner.trading.sizing import Sizing
from runner.units import NonNegative, Positive

__all__ = ["Units"]


def _size(p, equity, price, share, given):
    if not (np.isfinite(price) and np.isfinite(equity)):
        return 0.0
    units = p[0] * share
    return np.floor(units / p[1]) * p[1] if p[1] > 0.0 else units


class Units(Sizing):
    """Every position has the same number of units, whatever they cost: share × units, and 1 is the share of a rule."""

    kind: Literal["units"] = "units"
    units: Positive = 1.0
    """Units of a full position, e.g. shares."""
    lot: NonNegative = 0.0
    """Smallest tradable quantity, to which parts of a position that a target asks for are rounded down; 0 for none."""

    size = staticmethod(_size)

    def numbers(self, symbols: int) -> tuple[float, ...]:  # noqa: ARG002
        """Return units and lot."""
        return (self.units, self.lot)
