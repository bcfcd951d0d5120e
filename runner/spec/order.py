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
    """An expression for that price instead, e.g. `close - 0.5 * atr(high, low, close, 14)`; where it is undefined nothing is
    ordered, which is a refusal."""
    through: NonNegative = 0.0
    """How far the market must trade through a limit before it is filled, in quote currency: 0 means any price beyond the
    limit, so that a mere touch never fills, as if all others had been first in the queue."""
    tick: NonNegative = 0.0
    """Smallest step of a price; limits and stops are rounded to it on the side that fills later. 0 for none."""
    time_in_force: Literal["gtc", "session", "ioc"] | Duration = "gtc"
    """How long an order that opens or enlarges a position lives: until it is filled or cancelled, for the session of the
    first row after it reached the venue, for that row alone, or for a length of time such as `"30min"`, in which a bar
    counts that ends with it. What closes a position lives until it is filled, and what turns one round until that is
    closed."""
    volume_share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    """Largest share of a row's volume or shown size that the orders of a symbol take together; the rest waits for the next
    row. null for any, and all of an order at once, but of a book that is walked no more than it shows."""
    lot: NonNegative = 0.0
    """Partial fills are whole multiples of it. With 0 an order of whole units is filled in whole units, any other in
    whatever parts there are; write a lot where an order of whole units may have smaller parts, as one of 1 bitcoin."""
