"""A price impact that grows with the square of the share of the row's volume."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.trading.slippage import VOLUME, Slippage

__all__ = ["VolumeShare"]


def _price(p, quantity, reference, given):
    volume = given[VOLUME]
    if not volume > 0.0:
        return reference * np.nan
    share = min(abs(quantity) / volume, p[1])
    cost = abs(reference) * min(p[0] * share * share, 1.0)
    return reference + cost if quantity > 0.0 else reference - cost


class VolumeShare(Slippage):
    """Price = reference × (1 ± impact × share²), with share = min(|quantity| / volume, limit), as in Zipline.

    This is `VolumeShareSlippage` of Zipline (zipline/finance/slippage.py), with its defaults. There an order never fills for
    more than `limit` of a bar either: write `order.volume_share` for that, or the cost of large orders is capped. The volume
    is that of the row that fills, known at a bar's end: a cost may depend on it, a decision couldn't. A volume that isn't
    known, or is zero, leaves the cost undefined: what would open a position is rejected then, what closes one waits.
    """

    kind: Literal["volume_share"] = "volume_share"
    impact: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] = 0.1
    """Cost of taking a whole row's volume, as a fraction of the price; half the volume costs a quarter of it."""
    limit: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.025
    """Largest share of a row's volume that counts."""

    price = staticmethod(_price)

    def numbers(self) -> tuple[float, ...]:
        """Return impact and limit."""
        return (self.impact, self.limit)
