"""A fixed value per position."""

from typing import Literal

import numpy as np

from runner.trading.sizing import Sizing
from runner.units import Positive

__all__ = ["Notional"]


def _size(p, equity, price, share, given):
    if not (price > 0.0 and equity > 0.0):
        return 0.0
    return np.floor(p[0] * share / price / p[1]) * p[1]


class Notional(Sizing):
    """Every position is worth the same when it is decided: ⌊share × notional / close / lot⌋ × lot units.

    `share` is the size of the target, 1 for a rule. An account without equity opens nothing.
    """

    kind: Literal["notional"] = "notional"
    notional: Positive = 10_000.0
    """Value of a full position, in quote currency."""
    lot: Positive = 1.0
    """Smallest tradable quantity; sizes are rounded down to whole lots."""

    size = staticmethod(_size)

    def numbers(self, symbols: int) -> tuple[float, ...]:  # noqa: ARG002
        """Return value and lot."""
        return (self.notional, self.lot)
