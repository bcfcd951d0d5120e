"""The line to the venue: the one place that requests leave from.

    admit (limiter) → may it still leave? → send once → limit or ban? → the answer, unread

Nothing is ever sent twice. What came back is told apart into four outcomes, none of them an exception: `Answered`,
`Limited`, `Silent` (no whole answer, the venue may have acted) and `Unsent` (not one byte left). Reasons are
our own fixed words: the text of an exception or of an answer may hold what has no business in a log.
"""

from collections.abc import Callable
from dataclasses import dataclass

from runner.live.contract import Contract, Limited
from runner.live.limiter import Limiter
from runner.live.ports import Clock, NoAnswer, Randomness, Request, Response, Rest
from runner.live.profile import SECOND, Profile

__all__ = ["Answer", "Answered", "Line", "Silent", "Unsent"]

FIRST_WAIT_NS = SECOND
LONGEST_WAIT_NS = 60 * SECOND
BAN_NS = 120 * SECOND
"""How long a ban is taken to last where the venue doesn't say."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The venue answered."""

    response: Response
    sent_ns: int
    """When it was sent, on the monotonic clock."""
    back_ns: int


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer: nobody knows whether the venue acted."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """It was not sent, because when its turn came it was not wanted any more."""


Answer = Answered | Limited | Silent | Unsent


def _always() -> bool:
    return True


def _ignored(_: str) -> None:
    """Nobody listens yet."""


class Line:
    """Sends requests of one session."""

    def __init__(self, rest: Rest, clock: Clock, randomness: Randomness, contract: Contract, profile: Profile) -> None:
        """Begin with the venue's limits."""
        self.limiter = Limiter(profile, clock)
        self.limits_met = 0
        """Answers that were limits or bans."""
        self.heard_ns = clock.mono_ns()
        """When the venue last answered anything."""
        self._rest = rest
        self._clock = clock
        self._randomness = randomness
        self._contract = contract
        self._timeout_ns = profile.timeout_ns
        self._in_a_row = 0
        self.on_ban: Callable[[str], None] = _ignored
        """Told when the venue shuts us out, before the answer is handed back."""

    async def call(self, request: Request, may_leave: Callable[[], bool] = _always) -> Answer:
        """Send a request once, when its turn has come, if it may still leave then.

        Between `may_leave` and the first byte there is no other step of the loop.
        """
        await self.limiter.admit(request.action)
        # Between being let through and being here the venue may have asked to be left alone.
        while self.limiter.is_shut():
            await self.limiter.admit(request.action)
        if not may_leave():
            return Unsent()
        sent_ns = self._clock.mono_ns()
        try:
            response = await self._rest.send(request, timeout_ns=self._timeout_ns)
        except NoAnswer:
            return Silent()
        self.heard_ns = self._clock.mono_ns()
        limit = self._contract.limit(response)
        if limit is not None:
            self._step_back(limit)
            return limit
        self._in_a_row = 0
        return Answered(response, sent_ns, self.heard_ns)

    def _step_back(self, limit: Limited) -> None:
        """Leave the venue alone for as long as it asks, or twice as long as the last time, spread by chance."""
        if limit.is_ban:
            self.on_ban(limit.reason)
        self.limits_met += 1
        self._in_a_row += 1
        longest = min(FIRST_WAIT_NS << min(self._in_a_row - 1, 6), LONGEST_WAIT_NS)
        chosen = BAN_NS if limit.is_ban else longest // 2 + self._randomness.below(longest // 2)
        self.limiter.shut(chosen if limit.retry_after_ns is None else max(limit.retry_after_ns, FIRST_WAIT_NS // 10))
