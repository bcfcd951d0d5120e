"""How long to wait before asking again: what the service says, else exponential backoff with full jitter.

    wait = uniform(0, min(LONGEST, base × 2^attempt))        base 0.5 s after a passing failure, 8 s after a rate limit

What the service says comes from `Retry-After` (seconds or an HTTP date) or else from the body's `reset_at`; up to a second
is added so that many clients don't come back at once. A hint in the past, or one nobody can read, is no hint. Why full
jitter: clients that failed together and back off by fixed steps fail together again.
"""

from email.utils import parsedate_to_datetime

from runner.market.tickdb.errors import Verdict

__all__ = ["LONGEST", "hint", "pause"]

LONGEST = 120.0
"""Seconds waited at most before one repetition; a service that asks for more is an error that says until when."""
BASES = {"retry": 0.5, "wait": 8.0}
SECOND_NS = 10**9


def hint(verdict: Verdict, retry_after: str | None, now: int) -> float | None:
    """Return the seconds the service asks to wait, None where it doesn't say; `now` is UTC ns."""
    said = _retry_after(retry_after, now)
    if said is None and verdict.reset_at is not None:
        said = verdict.reset_at - now / SECOND_NS
    return said if said is not None and said > 0 else None


def pause(action: str, attempt: int, hinted: float | None, chance: float) -> float:
    """Return the seconds to wait before repetition `attempt` (from 0); `chance` is in [0, 1)."""
    if hinted is not None:
        return hinted + chance
    return chance * min(LONGEST, BASES[action] * 2.0 ** min(attempt, 10))


def _retry_after(text: str | None, now: int) -> float | None:
    if text is None:
        return None
    word = text.strip()
    if word.isascii() and word.isdecimal():
        return float(word[:12])
    try:
        return parsedate_to_datetime(word).timestamp() - now / SECOND_NS
    except (ValueError, TypeError, OverflowError):
        return None
