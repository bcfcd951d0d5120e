"""Prices and times at which a position is closed, whatever the rules say."""

from typing import Annotated

from pydantic import Field

from runner.spec.kind import Spec
from runner.units import Duration

__all__ = ["Exits"]

Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class Exits(Spec):
    """Every exit is a market order; one whose price is gapped through fills at the gap.

    The loss comes first if one bar reaches both. An exit works until it is filled: no time in force ends it, and where its
    cost is undefined it waits for a row whose cost is known. `order.volume_share` holds for exits too.
    """

    stop_loss: Share | None = None
    """Closes a position that is worse than its average price by this fraction."""
    take_profit: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None
    """Closes a position that is better than its average price by this fraction."""
    trailing_stop: Share | None = None
    """Closes a position that is worse than its best last price by this fraction."""
    max_holding: Duration | None = None
    """Closes a position after this time, at the first row then."""
