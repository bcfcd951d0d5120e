"""A fixed number of units per position."""

from typing import Literal

from runner.trading.sizing import Sizing
from runner.units import Positive

__all__ = ["Units"]


def _size(p, equity, price, share, given):
    return p[0] * share


class Units(Sizing):
    """Every position has the same number of units, whatever they cost."""

    kind: Literal["units"] = "units"
    units: Positive = 1.0
    """Units per position, e.g. shares."""

    size = staticmethod(_size)

    def numbers(self, symbols: int) -> tuple[float, ...]:  # noqa: ARG002
        """Return the units."""
        return (self.units,)
