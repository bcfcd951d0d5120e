"""As much of each symbol as loses the same at its stop: a sizing that reads an expression of its own."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.spec.signal import Expression
from runner.trading.sizing import Sizing
from runner.units import Positive


def _size(p, equity, price, share, given):
    distance = given[0]
    if not (price > 0.0 and equity > 0.0 and distance > 0.0):
        return 0.0
    units = min(p[0] * equity / distance, p[1] * equity / price)
    return np.floor(share * units / p[2]) * p[2]


class RiskPerTrade(Sizing):
    """⌊min(risk × equity / distance, share × equity / close) / lot⌋ × lot units."""

    kind: Literal["risk_per_trade"] = "risk_per_trade"
    risk: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.01
    """Share of equity that a position loses if the price goes against it by the distance."""
    distance: Expression = "2 * mean(high - low, 14)"
    """How far a price goes against a position before it is given up, in quote currency."""
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.18
    """Largest share of equity of a position, however near its stop is."""
    lot: Positive = 1.0
    """Smallest tradable quantity; sizes are rounded down to whole lots."""

    size = staticmethod(_size)

    def numbers(self, symbols):
        """Return risk, share and lot: the `p` of the function."""
        return (self.risk, self.share, self.lot)

    def expressions(self):
        """Return the distance, which the function is given at each decision: `given[0]`."""
        return {"distance": (self.distance, "number")}
