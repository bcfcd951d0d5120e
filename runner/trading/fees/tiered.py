"""A charge whose rate depends on what was traded before."""

from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from runner.spec.kind import Spec
from runner.trading.fees import Fees
from runner.units import Bps, NonNegative

__all__ = ["Tier", "Tiered"]


FIRST = "Begin with a tier above: 0, whose rate holds until the next one is reached."


def _fee(p, traded, quantity, price, maker):
    rate = np.nan
    for place in range(1, p.shape[0], 2):
        if traded[0] >= p[place]:
            rate = p[place + 1]
    return max(abs(quantity * price) * rate * 1e-4, p[0]) if rate >= 0.0 else np.nan


class Tier(Spec):
    """One rate and where it begins."""

    above: NonNegative
    """Value traded in the period before, in quote currency, from which the rate holds."""
    bps: Bps
    """Charge in basis points of the value."""


class Tiered(Fees):
    """|quantity × price| × bps / 10,000 at the rate of the tier that was reached before the fill, `minimum` at least.

    The value traded counts over periods of 30 days, one after another, by session dates; every period begins at the first
    tier.
    """

    kind: Literal["tiered"] = "tiered"
    tiers: Annotated[tuple[Tier, ...], Field(strict=False, min_length=1, max_length=100)] = (
        Tier(above=0.0, bps=10.0),
        Tier(above=1_000_000.0, bps=8.0),
        Tier(above=10_000_000.0, bps=6.0),
    )
    """Rates in the order of what they hold from; the first holds from 0."""
    minimum: NonNegative = 0.0
    """Smallest charge of one fill, in quote currency."""

    fee = staticmethod(_fee)

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        starts = [tier.above for tier in self.tiers]
        if starts[0] != 0.0:
            raise PydanticCustomError(
                "tiers_begin", "must be 0 in the first tier", {"at": ("tiers", 0, "above"), "hint": FIRST}
            )
        for place, (before, above) in enumerate(pairwise(starts), start=1):
            if above <= before:
                hint = f"Write more than {before:g}, or order the tiers by it."
                at = ("tiers", place, "above")
                raise PydanticCustomError("tiers_order", "must be more than in the tier before", {"at": at, "hint": hint})
        return self

    def numbers(self) -> tuple[float, ...]:
        """Return the minimum, then where each tier begins and its rate."""
        return (self.minimum, *(number for tier in self.tiers for number in (tier.above, tier.bps)))
