"""Which symbols' data are stale: open market, and nothing heard of the symbol for longer than it may be silent.

Data, not signs of life: a venue that answers every ping and sends nothing has stale data. By market time and the session
calendar: nobody expects data at night, and silence counts from the open at the earliest.
"""

from collections.abc import Sequence

from runner.live.feed.plan import Plan
from runner.live.feed.sessions import Sessions

__all__ = ["Staleness"]


class Staleness:
    """The expectations of one plan."""

    def __init__(self, plan: Plan) -> None:
        """Take the plan's hours."""
        policy = plan.events if plan.events is not None else plan.bars
        assert policy is not None  # noqa: S101 - a plan has one
        self._sessions = Sessions(policy)
        self._silence = plan.silence_ns
        self._began: int | None = None

    def stale(self, heard: Sequence[int | None], now: int, *, times: int = 1, since: int = 0) -> tuple[int, ...]:
        """Return the symbols whose data are stale, ascending.

        Args:
            heard: per symbol, market time at which data last came; None: never.
            now: market time.
            times: how many times as long as usual a symbol may be silent.
            since: market time from which silence counts at the earliest.
        """
        # Of a symbol that never spoke, silence counts from when it was first asked about.
        self._began = now if self._began is None else min(self._began, now)
        opening = self._sessions.opening(now)
        if self._silence is None or opening is None:
            return ()
        latest = now - self._silence * times
        if max(opening, since) >= latest:
            return ()
        return tuple(symbol for symbol, at in enumerate(heard) if (self._began if at is None else at) < latest)
