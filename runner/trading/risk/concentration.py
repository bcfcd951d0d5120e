"""A limit on how much of the book is one symbol, and on how many symbols are in it."""

from math import inf
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from runner.trading.kernel.layout import EQUITY, LAST, POSITION, WANTED
from runner.trading.risk import RiskRule
from runner.trading.risk._limits import given, number
from runner.trading.risk._room import SLACK, within
from runner.units import Count, Fraction, Positive

__all__ = ["Concentration"]


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    price, equity = book[LAST, s], account[EQUITY]
    if not (price > 0.0 and equity > 0.0):
        return 0.0
    others, count = 0.0, 0
    for k in range(book.shape[1]):
        held, after = book[POSITION, k], book[POSITION, k] + book[WANTED, k]
        if k == s or (held == 0.0 and after == 0.0):
            continue
        count += 1
        # An order on its way makes the rest of the book no larger before it is filled, and may make it smaller.
        if held * after > 0.0:
            others += min(abs(held), abs(after)) * abs(book[LAST, k])
    if position == 0.0 and count + 1 > p[2]:
        return 0.0
    most = np.inf if p[0] == np.inf else max(p[0] * others, p[1] * equity)
    return within(wanted, most * (1.0 + SLACK) / price - abs(position), p[3], p[4])


class Concentration(RiskRule):
    """No symbol may be more than a share of the book when it is ordered, and the book no more than so many positions.

        |position × last price| ≤ share × max(gross, floor × equity),   gross = Σ |position × last price|

    The gross exposure is that after the order, without what is on its way in other symbols. What is on its way counts as a
    position of its own.
    """

    kind: Literal["concentration"] = "concentration"
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = 0.4
    """Largest share of gross exposure that one symbol may be; null for any."""
    floor: Fraction = 0.5
    """Gross exposure that counts at least, as a share of equity: the first position of a book is always all of it."""
    positions: Count | None = None
    """Largest number of positions; null for any."""
    lot: Positive = 1.0
    """Smallest tradable quantity; a reduced order is rounded down to whole lots."""
    action: Literal["block", "reduce"] = "block"
    """What happens to an order that would go beyond the share: it is not sent, or it is made as small as that asks."""

    allowed = staticmethod(_allowed)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        return given(self, "share", "positions")

    def numbers(self) -> tuple[float, ...]:
        """Return largest value over that of the others, and over equity; positions, lot, one if reduced."""
        share = 1.0 if self.share is None else self.share
        over = inf if share == 1.0 else share / (1.0 - share)
        return (over, share * self.floor, number(self.positions), self.lot, 1.0 if self.action == "reduce" else 0.0)
