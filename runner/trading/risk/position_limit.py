"""A limit on the size of one position."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.trading.kernel.layout import EQUITY, LAST
from runner.trading.risk import RiskRule
from runner.units import Positive

__all__ = ["PositionLimit"]


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    price, equity = book[LAST, s], account[EQUITY]
    if not (price > 0.0 and equity > 0.0):
        return 0.0
    room = np.floor(p[0] * equity / price / p[1]) * p[1] - abs(position)
    if abs(wanted) <= room:
        return wanted
    if p[2] == 0.0 or room <= 0.0:
        return 0.0
    return room if wanted > 0.0 else -room


class PositionLimit(RiskRule):
    """No position may be worth more than a share of equity when it is ordered: |position| × close ≤ share × equity."""

    kind: Literal["position_limit"] = "position_limit"
    share: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.25
    """Largest value of one position as a share of equity; above 1 allows leverage."""
    lot: Positive = 1.0
    """Smallest tradable quantity; a reduced order is rounded down to whole lots."""
    action: Literal["block", "reduce"] = "block"
    """What happens to an order that would go beyond: it is not sent, or it is made as small as the limit asks."""

    allowed = staticmethod(_allowed)

    def numbers(self) -> tuple[float, ...]:
        """Return share, lot, and one if orders are reduced."""
        return (self.share, self.lot, 1.0 if self.action == "reduce" else 0.0)
