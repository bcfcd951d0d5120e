"""What a venue promises, as numbers: the proof that an order was never placed rests on them.

A profile is written from the venue's own documentation. What it does not promise is None, and then the session takes the
longer way: without a validity window nothing proves that an order was not placed, so the instrument is frozen and the
operator asked.
"""

from dataclasses import dataclass
from enum import StrEnum

from runner.live.ports import Action

__all__ = ["MS", "SECOND", "IdScope", "Profile"]

MS = 1_000_000
SECOND = 1_000_000_000


class IdScope(StrEnum):
    """Among which orders the venue refuses a client order id for the second time."""

    OPEN = "open"
    """Among open orders: the same id is accepted again once the first has filled."""
    ALL = "all"
    """Among all orders ever."""
    NONE = "none"
    """Never: two orders may bear one id."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One venue's promises."""

    name: str
    ids: IdScope
    """Nothing is ever sent twice under one id, whatever the scope; it says what a second order of one id would mean."""
    valid_ns: int | None
    """How long after its stamp the venue may still take a new order; None if it takes it whenever it arrives."""
    visible_ns: int
    """After this long, what the venue took is shown in every answer of the venue."""
    has_replace: bool
    orders_per_window: int
    """New orders and replacements the venue takes within `window_ns`."""
    requests_per_window: int
    """Requests of all kinds within it, each counted as often as `weights` says."""
    window_ns: int
    timeout_ns: int = 2 * SECOND
    """After this long without an answer there is none."""
    max_skew_ns: int = 5 * SECOND
    """How far this machine's clock may be from the venue's when a session starts."""
    max_time_error_ns: int = 500 * MS
    """How well the venue's clock must be known: half the round trip of asking."""
    time_every_ns: int = 60 * SECOND
    """How often it is asked."""
    unknown_limit_ns: int = 30 * SECOND
    """Where there is no validity window: how long an order may be unknown before its instrument is frozen."""
    is_limit_definitive: bool = False
    """Whether a new order answered by "too many requests" is known not to have been placed."""
    connects_per_window: int = 20
    """Openings of the stream within `connect_window_ns`, ours included that failed."""
    connect_window_ns: int = 300 * SECOND
    silence_ns: int = 15 * SECOND
    """Without any frame for so long, heartbeats among them, the stream is taken for dead."""
    dead_man_ns: int | None = None
    """After how long of silence the venue cancels everything by itself; None if it doesn't."""
    weights: tuple[tuple[Action, int], ...] = ()
    """What a request of a kind counts for, where that is more than one; never more than half the window."""
    takes_integer_ids: bool = False
    """Whether the venue wants a number of its own beside the client order id."""

    def weight(self, action: Action) -> int:
        """Return what a request counts for."""
        return dict(self.weights).get(action, 1)

    def provable_ns(self, sent_at_ns: int, error_ns: int) -> int | None:
        """Return the venue time from which "not found" proves that an order was never placed; None if nothing proves it.

            sent at + validity + visibility + twice the error of the venue's clock

        Twice, because the error is in the stamp and in the reading.
        """
        if self.valid_ns is None:
            return None
        return sent_at_ns + self.valid_ns + self.visible_ns + 2 * error_ns
