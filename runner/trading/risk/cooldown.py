"""A pause after a position was closed."""

from typing import Literal

from runner.duration import nanoseconds
from runner.trading.kernel.layout import AVERAGE, LAST, LEFT, OUTCOME, POSITION
from runner.trading.risk import RiskRule
from runner.units import Duration

__all__ = ["Cooldown"]


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    if position != 0.0:
        return wanted
    held, after_losses = book[POSITION, s], p[1] == 1.0
    if held != 0.0:
        # This very order closes it. What it will have earned isn't known yet, what it has earned so far is.
        is_gain = held * (book[LAST, s] - book[AVERAGE, s]) >= 0.0
        return wanted if after_losses and is_gain else 0.0
    if after_losses and book[OUTCOME, s] >= 0.0:
        return wanted
    return wanted if ts - times[LEFT, s] >= int(p[0]) else 0.0


class Cooldown(RiskRule):
    """A symbol isn't entered again before `duration` has passed since its last position was closed, on either side.

    Where an exit and an entry of the other side come together, the position is closed and the other isn't opened. What a
    position earned is counted after slippage, fees and financing.
    """

    kind: Literal["cooldown"] = "cooldown"
    duration: Duration = "1d"
    """Time from the fill that closed the position; an entry is allowed once it is over."""
    after: Literal["any", "loss"] = "any"
    """Whether the pause is made after every position or only after one that lost."""

    allowed = staticmethod(_allowed)

    def numbers(self) -> tuple[float, ...]:
        """Return the pause in nanoseconds, and one if only losses count."""
        return (float(min(nanoseconds(self.duration), 2**62)), float(self.after == "loss"))
