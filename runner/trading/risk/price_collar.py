"""Nothing is opened at a price that is absurdly far from an earlier one."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.compiler import part_of_kernel
from runner.trading.kernel.layout import LAST, MARKED, TRADES_IN
from runner.trading.risk import RiskRule
from runner.trading.risk._room import SLACK

__all__ = ["PriceCollar"]

# state of a symbol, measured from the close before: that close, the last price, its session
# state of a symbol, measured from rows before: rows so far, then the last of them in a ring


def _watch(p, state, ts, session, account, book, times):
    rows = int(p[1])
    width = 3 if rows == 0 else rows + 2
    for s in range(book.shape[1]):
        if times[MARKED, s] != ts:
            continue
        own = state[s * width : (s + 1) * width]
        if rows == 0:
            # The symbol's own session: another calendar's may have begun meanwhile.
            if own[2] != times[TRADES_IN, s]:
                own[0], own[2] = own[1], times[TRADES_IN, s]
            own[1] = book[LAST, s]
        else:
            seen = 0.0 if np.isnan(own[0]) else own[0]
            own[1 + int(seen) % (rows + 1)] = book[LAST, s]
            own[0] = seen + 1.0
    return 0.0


@part_of_kernel
def _reference(rows, state, s):
    """Return the price to measure from; NaN before there is one."""
    if rows == 0:
        return state[3 * s]
    own = state[s * (rows + 2) : (s + 1) * (rows + 2)]
    return own[1 + int(own[0]) % (rows + 1)] if own[0] > rows else np.nan


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    reference, price = _reference(int(p[1]), state, s), book[LAST, s]
    if not (reference > 0.0 and price > 0.0):
        return 0.0
    return wanted if abs(price - reference) <= p[0] * reference * (1.0 + SLACK) else 0.0


class PriceCollar(RiskRule):
    """Nothing is opened in a symbol whose last price lies too far from an earlier price of its own.

        |last price − reference| ≤ distance × reference

    Before there is a reference, in a symbol's first session or rows, nothing is opened.
    """

    kind: Literal["price_collar"] = "price_collar"
    distance: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 0.2
    """Largest distance, as a fraction of the reference."""
    rows: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many of the symbol's prices back the reference lies; null for the last price of the session before."""

    allowed = staticmethod(_allowed)
    watch = staticmethod(_watch)

    def numbers(self) -> tuple[float, ...]:
        """Return distance and rows, none for the session before."""
        return (self.distance, float(self.rows or 0))

    def state(self, symbols: int) -> int:
        """Return three numbers per symbol, or the rows, their count and the latest."""
        return symbols * (3 if self.rows is None else self.rows + 2)
