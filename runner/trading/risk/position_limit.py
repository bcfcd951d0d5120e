"""A limit on the size of one position."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from runner.trading.kernel.layout import EQUITY, LAST
from runner.trading.risk import RiskRule
from runner.trading.risk._limits import given, number
from runner.trading.risk._room import SLACK, within
from runner.units import Positive

__all__ = ["PositionLimit"]


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    price, equity = book[LAST, s], account[EQUITY]
    if not (price > 0.0 and equity > 0.0):
        return 0.0
    units = min(p[0] * equity / price, p[1], p[2] / price)
    return within(wanted, units * (1.0 + SLACK) - abs(position), p[3], p[4])


class PositionLimit(RiskRule):
    """No position may be larger than every limit that is given, when it is ordered.

        |position| × price ≤ share × equity,   |position| ≤ units,   |position| × price ≤ notional

    with the last price. Without a price or equity above zero nothing is opened.
    """

    kind: Literal["position_limit"] = "position_limit"
    share: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = 0.25
    """Largest value of one position as a share of equity; above 1 allows leverage; null for any."""
    units: Positive | None = None
    """Largest size of one position in units; null for any."""
    notional: Positive | None = None
    """Largest value of one position in quote currency; null for any."""
    lot: Positive = 1.0
    """Smallest tradable quantity; a reduced order is rounded down to whole lots."""
    action: Literal["block", "reduce"] = "block"
    """What happens to an order that would go beyond: it is not sent, or it is made as small as the limit asks."""

    allowed = staticmethod(_allowed)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        return given(self, "share", "units", "notional")

    def numbers(self) -> tuple[float, ...]:
        """Return share, units, notional, lot, and one if orders are reduced."""
        limits = (number(self.share), number(self.units), number(self.notional))
        return (*limits, self.lot, 1.0 if self.action == "reduce" else 0.0)
