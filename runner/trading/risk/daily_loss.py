"""A cap on what one session may lose."""

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from runner.trading.kernel.layout import BLOCK, CLOSE_ALL, EQUITY, HALT, PASS
from runner.trading.risk import RiskRule
from runner.trading.risk._limits import given, number
from runner.trading.risk._room import SLACK
from runner.units import Positive

__all__ = ["DailyLoss"]

SESSION = 0
START = 1
LATEST = 2
HIT = 3
ASKED = {"block": BLOCK, "flatten": CLOSE_ALL, "halt": HALT}


def _watch(p, state, ts, session, account, book, times):
    equity = account[EQUITY]
    if state[SESSION] != session:
        state[SESSION] = session
        state[START] = state[LATEST] if p[2] == 1.0 else np.nan
        state[HIT] = 0.0
    if np.isfinite(equity):
        state[LATEST] = equity
        if np.isnan(state[START]):
            state[START] = equity
        cap = p[1] if p[0] == np.inf else min(p[1], p[0] * state[START])
        if state[START] - equity >= cap * (1.0 - SLACK):
            state[HIT] = 1.0
    if state[HIT] == 1.0:
        return p[3]
    return PASS if np.isfinite(equity) else BLOCK


class DailyLoss(RiskRule):
    """Once a session has lost as much as any of the caps that are given, nothing is opened until the next one.

        start − equity ≥ share × start,   or   start − equity ≥ amount

    It stays so for the rest of the session, also if the loss is made good. While equity isn't known nothing is opened. The
    session is the account's: with symbols of several calendars it begins with the first of them that has a new date, and all
    that is lost until the next one does is its loss.
    """

    kind: Literal["daily_loss"] = "daily_loss"
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = 0.03
    """Loss that trips, as a share of the equity the session started with; null for any."""
    amount: Positive | None = None
    """Loss that trips, in quote currency; null for any."""
    since: Literal["previous_close", "open"] = "previous_close"
    """What the session started with: the last equity of the session before, so that the gap over night counts and daily
    bars have a loss at all, or the first equity of the session itself."""
    action: Literal["block", "flatten", "halt"] = "block"
    """What happens for the rest of the session: nothing is opened; every position is closed as well; or that, for good."""

    watch = staticmethod(_watch)
    is_steady = True

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        return given(self, "share", "amount")

    def numbers(self) -> tuple[float, ...]:
        """Return share, amount, one if measured from the close before, and what is asked for."""
        is_since_close = self.since == "previous_close"
        return (number(self.share), number(self.amount), float(is_since_close), ASKED[self.action])

    def state(self, symbols: int) -> int:  # noqa: ARG002
        """Return four: session, its start, the latest equity, and whether the cap was hit."""
        return 4
