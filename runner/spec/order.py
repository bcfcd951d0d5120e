"""How positions are opened at the venue: the sort of order, its price and its life."""

from typing import Annotated, Literal

from pydantic import Field

from runner.spec.kind import Spec
from runner.spec.signal import Expression
from runner.units import Bps, Duration, NonNegative

__all__ = ["Order"]


class Order(Spec):
    """What is sent when a rule opens a position. Positions are closed, and targets followed, by market orders."""

    kind: Literal["market", "limit", "stop"] = "market"
    """`market` takes the next price; `limit` waits for a better one; `stop` waits for a worse one, as a breakout does."""
    offset: Bps = 10.0
    """How far the price of a limit or stop order lies from the last price, in basis points; limits on the better side, stops
    on the worse."""
    price: Expression | None = None
    """An expression for that price instead, e.g. `close - 0.5 * atr(high, low, close, 14)`."""
    through: NonNegative = 0.0
    """How far the market must trade through a limit before it is filled, in quote currency: 0 means any price beyond the
    limit, so that a mere touch never fills, as if all others had been first in the queue."""
    tick: NonNegative = 0.0
    """Smallest step of a price; limits and stops are rounded to it on the side that fills later. 0 for none."""
    time_in_force: Literal["gtc", "session", "ioc"] | Duration = "gtc"
    """How long an order lives: until it is filled or cancelled, for the session in which it first meets the market, for the
    first row alone, or for a length of time such as `"30min"`."""
    volume_share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    """Largest share of a row's volume or shown size that one order takes; the rest waits for the next row. null for any."""
    lot: NonNegative = 0.0
    """Partial fills are whole multiples of it; 0 for none."""
