"""A live session: when it trades, for which account, within which limits, and what becomes of its orders at the end.

It is there in the modes `paper` and `live` alone; a backtest has none, and its hash doesn't depend on it.
"""

from typing import Annotated, Literal

from pydantic import Field

from runner.spec.kind import Spec
from runner.units import Count, Day, Duration, Positive

__all__ = ["UNLIMITED", "Bound", "SafeDoor", "Session"]

UNLIMITED = "unlimited"
"""What stands where there is to be no limit: it has to be written."""

Bound = Positive | Literal["unlimited"]
BoundCount = Count | Literal["unlimited"]
BoundDuration = Duration | Literal["unlimited"]


class SafeDoor(Spec):
    """What every order is held to once more at the door, in the currency of the session: each is written, or `unlimited`.

    The risk overlay of the run holds as well; where both say something, the tighter one counts.
    """

    order_units: Bound
    """Largest single order, in units."""
    order_value: Bound
    """Largest single order, in money."""
    position_units: Bound
    """Largest position of one symbol, with everything that may still fill."""
    position_value: Bound
    gross_value: Bound
    """Largest sum of the values of all positions, with everything that may still fill."""
    net_value: Bound
    open_value: Bound
    """Largest value of all that is ordered and not filled."""
    collar: Annotated[float, Field(gt=0, le=1)] | Literal["unlimited"]
    """Largest distance of an order's price from the market, as a fraction of it."""
    max_age: Duration
    """Oldest price an order may be sent on."""
    duplicate: BoundDuration
    """For how long a second order of the same side, quantity and price counts as a repetition, and is refused."""
    rate_orders: BoundCount
    """Most orders within `rate_window`."""
    rate_window: Duration = "1s"
    day_orders: BoundCount
    """Most orders of a day."""
    loss_value: Bound
    """Largest loss of a day; beyond it the session is latched."""
    rejects: BoundCount
    """So many rejections within a minute latch the session."""
    repeats: BoundCount
    """So many executed orders on one and the same decision latch the session."""


class Session(Spec):
    """One session."""

    confirm: str | None = None
    """`live` alone: the name of the broker's account once more. Without it nothing is traded."""
    start: Day | None = None
    """First session date that is traded on the embedded venue; null for the last `sessions` of the data. Elsewhere now."""
    sessions: Count = 20
    """How many sessions the embedded venue plays where `start` isn't written."""
    until: Duration | None = None
    """How long it lasts by the market's clock; null until it is stopped, or the embedded venue's tape is over."""
    lateness: Duration | None = None
    """How long after a bar's end trades may still come in; null for what suits the feed."""
    patience: Duration = "5s"
    """How much longer an instant waits for a symbol whose feed lags behind, before it is decided without it."""
    reach: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    """How far beyond the last price a market order may fill, as a fraction of it: it is sent as a limit at once or never."""
    limits: SafeDoor
    foreign: Literal["refuse", "adopt", "count"] = "refuse"
    """Orders and fills of the account that aren't ours: latch the session, cancel them when it latches, or count them."""
    cancel_on_stop: bool = True
    """Whether orders that still rest are cancelled when the session ends."""
    alert_url: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")] | None = None
    """Name of the environment variable with the address that alarms are posted to; null for none."""
