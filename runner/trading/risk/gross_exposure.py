"""A limit on what all positions are worth together, whatever their sides."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from runner.trading.kernel.layout import EQUITY, LAST, POSITION, WANTED
from runner.trading.risk import RiskRule
from runner.trading.risk._limits import given, number
from runner.trading.risk._room import SLACK, within
from runner.units import Positive

__all__ = ["GrossExposure"]


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    price, equity = book[LAST, s], account[EQUITY]
    if not (price > 0.0 and equity > 0.0):
        return 0.0
    others = 0.0
    for k in range(book.shape[1]):
        # An order on its way may fill or not, whichever is worse.
        units = max(abs(book[POSITION, k]), abs(book[POSITION, k] + book[WANTED, k]))
        if k != s and units > 0.0:
            others += units * abs(book[LAST, k])
    room = min(p[0] * equity, p[1]) * (1.0 + SLACK) - others
    return within(wanted, room / price - abs(position), p[2], p[3])


class GrossExposure(RiskRule):
    """All positions together may not be worth more than every limit that is given, when one of them is ordered.

        Σ |position × last price| ≤ share × equity,   Σ |position × last price| ≤ notional

    Every order that is on its way counts as filled where that is more, and as not filled where that is. An order that turns
    a position round counts with what it leads to. Prices move: what is held already may be worth more later.
    """

    kind: Literal["gross_exposure"] = "gross_exposure"
    share: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = 1.0
    """Largest sum as a share of equity; above 1 allows leverage; null for any."""
    notional: Positive | None = None
    """Largest sum in quote currency; null for any."""
    lot: Positive = 1.0
    """Smallest tradable quantity; a reduced order is rounded down to whole lots."""
    action: Literal["block", "reduce"] = "block"
    """What happens to an order that would go beyond: it is not sent, or it is made as small as the limit asks."""

    allowed = staticmethod(_allowed)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        return given(self, "share", "notional")

    def numbers(self) -> tuple[float, ...]:
        """Return share, notional, lot, and one if orders are reduced."""
        return (number(self.share), number(self.notional), self.lot, 1.0 if self.action == "reduce" else 0.0)
