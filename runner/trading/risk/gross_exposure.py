"""A limit on what all positions are worth together, whatever their sides."""

from typing import Literal

from runner.trading.kernel.layout import LAST, POSITION, WANTED
from runner.trading.risk._exposure import Exposure, beside

__all__ = ["GrossExposure"]


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    others = 0.0
    for k in range(book.shape[1]):
        # An order on its way may fill or not, whichever is worse.
        units = max(abs(book[POSITION, k]), abs(book[POSITION, k] + book[WANTED, k]))
        if k != s and units > 0.0:
            others += units * abs(book[LAST, k])
    return beside(p, wanted, position, book[LAST, s], others, account)


class GrossExposure(Exposure):
    """All positions together may not be worth more than every limit that is given, when one of them is ordered.

        Σ |position × last price| ≤ share × equity,   Σ |position × last price| ≤ notional

    Every order that is on its way counts as filled where that is more, and as not filled where that is. An order that turns
    a position round counts with what it leads to. Prices move: what is held already may be worth more later.
    """

    kind: Literal["gross_exposure"] = "gross_exposure"

    allowed = staticmethod(_allowed)
