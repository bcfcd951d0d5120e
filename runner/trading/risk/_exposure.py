"""A limit on a sum over all positions: what the rules have in common, whichever sum they limit."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from runner.compiler import part_of_kernel
from runner.trading.kernel.layout import EQUITY
from runner.trading.risk import RiskRule
from runner.trading.risk._limits import given, number
from runner.trading.risk._room import SLACK, within
from runner.units import Positive

__all__ = ["Exposure", "beside"]


@part_of_kernel
def beside(p, wanted, position, price, others, account):
    """Return what may be ordered of a symbol beside `others`, what all other positions count for in quote currency."""
    equity = account[EQUITY]
    if not (price > 0.0 and equity > 0.0):
        return 0.0
    room = min(p[0] * equity, p[1]) * (1.0 + SLACK) - others
    return within(wanted, room / price - abs(position), p[2], p[3])


class Exposure(RiskRule):
    """A rule whose `allowed` sums the other symbols up its own way and leaves the rest to `beside`."""

    share: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = 1.0
    """Largest sum as a share of equity; above 1 allows leverage; null for any."""
    notional: Positive | None = None
    """Largest sum in quote currency; null for any."""
    lot: Positive = 1.0
    """Smallest tradable quantity; a reduced order is rounded down to whole lots."""
    action: Literal["block", "reduce"] = "block"
    """What happens to an order that would go beyond: it is not sent, or it is made as small as the limit asks."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        return given(self, "share", "notional")

    def numbers(self) -> tuple[float, ...]:
        """Return share, notional, lot, and one if orders are reduced."""
        return (number(self.share), number(self.notional), self.lot, 1.0 if self.action == "reduce" else 0.0)
