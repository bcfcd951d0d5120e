"""A pause after a streak of losses: a risk rule that keeps a state and has both row functions.

`watch` is called at every instant and sees the whole account; `allowed` is asked before an order that increases a position.
`state` is the rule's own, NaN at first; it goes on from instant to instant, in a backtest as in a replay.
"""

from typing import Literal

import numpy as np

from runner.trading.kernel.layout import LEFT, OUTCOME, PASS
from runner.trading.risk import RiskRule
from runner.units import Count

SESSION = 0
"""Place of the session in the state; behind it lie three numbers per symbol."""
FIRST, EACH = 1, 3
SEEN, STREAK, WAITED = range(EACH)
"""When the symbol's last position was closed, how many lost one after another, and the sessions that began since."""


def _watch(p, state, ts, session, account, book, times):
    begins = state[SESSION] != session
    state[SESSION] = session
    for s in range(book.shape[1]):
        own = state[FIRST + EACH * s : FIRST + EACH * (s + 1)]
        if np.isnan(own[SEEN]):
            own[SEEN], own[STREAK], own[WAITED] = times[LEFT, s], 0.0, 0.0
        if own[SEEN] != times[LEFT, s]:
            own[SEEN] = times[LEFT, s]
            own[STREAK] = own[STREAK] + 1.0 if book[OUTCOME, s] < 0.0 else 0.0
            own[WAITED] = 0.0
        elif begins:
            own[WAITED] += 1.0
        if own[WAITED] >= p[1]:
            own[STREAK] = 0.0
    return PASS


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    streak = state[FIRST + EACH * s + STREAK]
    # Written so that a NaN, which is less than nothing, allows nothing.
    return wanted if streak < p[0] else 0.0


class LosingStreak(RiskRule):
    """A symbol whose last positions all lost is left alone for a while; what one earned is counted after all costs."""

    kind: Literal["losing_streak"] = "losing_streak"
    losses: Count = 3
    """Positions in a row that must have lost."""
    sessions: Count = 20
    """Sessions that must have begun since before the symbol is traded again."""

    allowed = staticmethod(_allowed)
    watch = staticmethod(_watch)

    def numbers(self):
        """Return losses and sessions: the `p` of both functions."""
        return (float(self.losses), float(self.sessions))

    def state(self, symbols):
        """Return how many numbers the rule keeps for a universe of so many symbols."""
        return FIRST + EACH * symbols
