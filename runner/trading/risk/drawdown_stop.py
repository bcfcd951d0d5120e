"""A stop once too much of the best equity is lost."""

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from runner.trading.kernel.layout import BLOCK, CLOSE_ALL, EQUITY, HALT, PASS, PEAK
from runner.trading.risk import RiskRule
from runner.trading.risk._limits import number
from runner.trading.risk._room import SLACK
from runner.units import Count

__all__ = ["DrawdownStop"]

BEST = 0
IS_STOPPED = 1
SESSION = 2
WAITED = 3
ASKED = {"block": BLOCK, "flatten": CLOSE_ALL, "halt": HALT}


def _watch(p, state, ts, session, account, book, times):
    equity = account[EQUITY]
    if np.isnan(state[BEST]):
        state[BEST] = account[PEAK]
        state[IS_STOPPED] = state[WAITED] = 0.0
        state[SESSION] = session
    if state[SESSION] != session:
        state[SESSION] = session
        state[WAITED] += 1.0
    if np.isfinite(equity):
        if state[IS_STOPPED] == 1.0 and state[WAITED] >= p[2]:
            # Measured from where trading goes on: from the old peak it would stop again at once.
            state[IS_STOPPED] = 0.0
            state[BEST] = equity
        state[BEST] = max(state[BEST], equity)
        if state[IS_STOPPED] == 0.0 and state[BEST] - equity >= p[0] * state[BEST] * (1.0 - SLACK):
            state[IS_STOPPED] = 1.0
            state[WAITED] = 0.0
    if state[IS_STOPPED] == 1.0:
        return p[1]
    return PASS if np.isfinite(equity) else BLOCK


class DrawdownStop(RiskRule):
    """Once equity is too far below its peak, nothing is opened any more.

        peak − equity ≥ share × peak,   peak = the largest equity so far, the capital among it

    It stays so, also if equity recovers, until as many sessions have begun as `resume_after` says; the peak is measured
    anew from there. While equity isn't known nothing is opened.
    """

    kind: Literal["drawdown_stop"] = "drawdown_stop"
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.2
    """Drawdown that trips, as a share of the peak."""
    action: Literal["block", "flatten", "halt"] = "flatten"
    """What happens then: nothing is opened; every position is closed as well; or that, and it can't resume."""
    resume_after: Count | None = None
    """Sessions after which trading goes on, at the first instant of the last of them; null for never."""

    watch = staticmethod(_watch)
    is_steady = True

    @model_validator(mode="after")
    def _halts_for_good(self) -> Self:
        if self.action == "halt" and self.resume_after is not None:
            hint = "Write action: flatten, or leave resume_after out."
            raise PydanticCustomError("halt_resumes", "must not resume after a halt", {"hint": hint})
        return self

    def numbers(self) -> tuple[float, ...]:
        """Return share, what is asked for, and the sessions to wait."""
        return (self.share, ASKED[self.action], number(self.resume_after))

    def state(self, symbols: int) -> int:  # noqa: ARG002
        """Return four: the peak, whether it has stopped, the session, and the sessions begun since."""
        return 4
