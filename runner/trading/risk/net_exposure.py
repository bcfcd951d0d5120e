"""A limit on how far the book leans to one side."""

from typing import Annotated, Literal

from pydantic import Field

from runner.trading.kernel.layout import LAST, POSITION, WANTED
from runner.trading.risk._exposure import Exposure, beside
from runner.units import Positive

__all__ = ["NetExposure"]


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    side = 1.0 if wanted > 0.0 else -1.0
    others = 0.0
    for k in range(book.shape[1]):
        held, after = book[POSITION, k], book[POSITION, k] + book[WANTED, k]
        if k != s and (held != 0.0 or after != 0.0):
            # An order on its way may fill or not, whichever leans further to the side of this one.
            others += max(side * held * book[LAST, k], side * after * book[LAST, k])
    return beside(p, wanted, position, book[LAST, s], others, account)


class NetExposure(Exposure):
    """Longs less shorts may not be worth more than every limit that is given, on either side, when one is ordered.

        |Σ position × last price| ≤ share × equity,   |Σ position × last price| ≤ notional

    Only what leans further to its side is limited: with too much long, shorts may still be opened. Every order that is on
    its way, also one that closes a position, counts as filled where that leans further to the side of the new one, and as
    not filled where that does. An order that turns a position round counts with what it leads to.
    """

    kind: Literal["net_exposure"] = "net_exposure"
    share: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = 0.5
    """Largest difference as a share of equity; null for any."""
    notional: Positive | None = None
    """Largest difference in quote currency; null for any."""

    allowed = staticmethod(_allowed)
