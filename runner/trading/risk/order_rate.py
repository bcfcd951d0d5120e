"""A limit on how many orders are sent in a stretch of time."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.compiler import part_of_kernel
from runner.duration import DAY, nanoseconds
from runner.trading.kernel.layout import SENT, SENT_AT
from runner.trading.risk import RiskRule
from runner.units import Duration

__all__ = ["OrderRate"]

# state: the instant before, in days and nanoseconds of the day, as one number can't tell nanoseconds apart; then how many
# orders were seen of each symbol; then, for the account or for each symbol, days and nanoseconds of the latest orders,
# ascending, NaN before there are as many


@part_of_kernel
def _note(days, nanos, ts):
    """Put an instant among the latest in its place; the oldest goes."""
    day, nano = ts // DAY, ts % DAY
    if days[0] > day or (days[0] == day and nanos[0] > nano):
        return
    i = 0
    while i + 1 < days.shape[0]:
        if days[i + 1] > day or (days[i + 1] == day and nanos[i + 1] > nano):
            break
        days[i], nanos[i] = days[i + 1], nanos[i + 1]
        i += 1
    days[i], nanos[i] = day, nano


@part_of_kernel
def _latest(p, state, s, symbols):
    """Return days and nanoseconds of the latest orders that count for a symbol."""
    orders = int(p[0])
    at = 2 + symbols + (2 * orders * s if p[2] == 1.0 else 0)
    return state[at : at + orders], state[at + orders : at + 2 * orders]


def _watch(p, state, ts, session, account, book, times):
    symbols = book.shape[1]
    for s in range(symbols):
        seen = 0 if np.isnan(state[2 + s]) else int(state[2 + s])
        sent = times[SENT, s]
        if sent > seen:
            days, nanos = _latest(p, state, s, symbols)
            # Of several since the instant before, the earlier ones were decided there; an exit came after.
            for _ in range(sent - seen - 1):
                _note(days, nanos, int(state[0]) * DAY + int(state[1]))
            _note(days, nanos, times[SENT_AT, s])
        state[2 + s] = sent
    state[0], state[1] = ts // DAY, ts % DAY
    return 0.0


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    symbols, orders = book.shape[1], int(p[0])
    now = 0
    for k in range(symbols):
        if k == s or p[2] == 0.0:
            now += times[SENT, k] - int(state[2 + k])
    if now >= orders:
        return 0.0
    days, nanos = _latest(p, state, s, symbols)
    # With those of this very instant, the one that would leave the window for this order to come in.
    oldest = now
    if np.isnan(days[oldest]):
        return wanted
    return wanted if ts - (int(days[oldest]) * DAY + int(nanos[oldest])) >= int(p[1]) else 0.0


class OrderRate(RiskRule):
    """Nothing is opened once as many orders were sent within a window that ends now.

        an order sent at u counts at t while t − u < window

    Exits count and are never refused, so that there may be more orders than that.
    """

    kind: Literal["order_rate"] = "order_rate"
    orders: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Largest number of orders in a window."""
    window: Duration = "1d"
    """Length of the window."""
    per: Literal["account", "symbol"] = "account"
    """Whose orders are counted: all, or those of each symbol by themselves."""

    allowed = staticmethod(_allowed)
    watch = staticmethod(_watch)

    def numbers(self) -> tuple[float, ...]:
        """Return orders, window in nanoseconds, and one if symbols are counted by themselves."""
        return (float(self.orders), float(min(nanoseconds(self.window), 2**62)), float(self.per == "symbol"))

    def state(self, symbols: int) -> int:
        """Return an instant, a count per symbol, and the instants of the latest orders, each in two numbers."""
        return 2 + symbols + 2 * self.orders * (symbols if self.per == "symbol" else 1)
