"""Whether a connection's end is final: the one place that tells what may pass from what won't.

What the venue says of our credentials, our address or what we ask for won't change by asking again, and asking again may get
us banned; what the network does passes; and an error that nobody knows isn't guessed at: it is final.
"""

from dataclasses import dataclass

from runner.live.feed.dialect import Dialect
from runner.live.feed.messages import Acked, Farewell, Refused
from runner.live.ports import NoAnswer, StreamClosed, StreamRefused

__all__ = ["FeedFailed", "Verdict", "Worn", "verdict"]

PASSING = {408, 418, 425, 429}
"""HTTP statuses below 500 of a handshake that may succeed later: too early, or too often."""
MOST_SHOWN = 80


class FeedFailed(Exception):  # noqa: N818 - it says what happened
    """The feed is over for good; the message says why, without secrets."""


@dataclass(frozen=True, slots=True)
class Worn:
    """A connection that we end ourselves, and why."""

    reason: str
    is_planned: bool = False
    """Whether it was fine, but its time had come."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an end."""

    words: str
    """For the operator, and for the recording."""
    is_final: bool = False
    wait_ns: int | None = None
    """How long the venue asks to wait."""
    is_planned: bool = False
    """Whether nothing is wrong, so that nobody need be careful with the next opening."""


Ending = Exception | Acked | Refused | Farewell | Worn


def verdict(ending: Ending, dialect: Dialect) -> Verdict:
    """Return what follows from whatever ended a connection, or kept it from being opened."""
    match ending:
        case StreamRefused(status=status, retry_after_ns=wait):
            words = (
                f"the venue refused the connection (status {status})" if status else "the venue's certificate isn't trusted"
            )
            found = Verdict(words, is_final=not (status >= 500 or status in PASSING), wait_ns=wait)
        case NoAnswer():
            found = Verdict("nothing was heard of the venue")
        case StreamClosed(code=code):
            found = Verdict(f"the connection was closed with {code}")
        case Acked(code=code, refused=refused):
            words = f"the venue refused a subscription (code {_shown(code)})"
            found = Verdict(words, is_final=bool(refused) or not dialect.passes(code))
        case Refused(code=code):
            found = Verdict(f"the venue said error {_shown(code)}", is_final=not dialect.passes(code))
        case Farewell():
            found = Verdict("the venue is about to close the connection", is_planned=True)
        case Worn(reason=reason, is_planned=is_planned):
            found = Verdict(reason, is_planned=is_planned)
        case _:
            found = Verdict(f"an error that nobody expected ({type(ending).__name__})", is_final=True)
    return found


def _shown(code: str) -> str:
    return "".join(c if c.isprintable() and c.isascii() else "?" for c in code[:MOST_SHOWN])
