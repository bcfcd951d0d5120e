"""The time-zone policy: what a stamp in the data means, and when a bar could first be known."""

from typing import Literal

from runner.spec.kind import Spec
from runner.units import Count, Duration, TimeOfDay

__all__ = ["Session", "Timezone"]


class Session(Spec):
    """The regular trading session, in the policy's zone."""

    open: TimeOfDay
    """Wall-clock time of the open, quoted: `"09:30"`."""
    close: TimeOfDay
    """Wall-clock time of the close, quoted: `"16:00"`; must be later than the open."""


class Timezone(Spec):
    """How stamps become instants. Every bar is stamped with the instant it is first known: its close."""

    zone: str
    """IANA name of the exchange's zone, e.g. `America/New_York`."""
    naive: Literal["error", "localize"] = "error"
    """What to do with stamps that carry no zone: refuse them, or read them as wall-clock time in `zone`."""
    stamp: Literal["session", "open", "close"]
    """What a stamp names: the session date of a daily bar, or the open or close of an intraday bar."""
    interval: Duration | None = None
    """Length of one bar, e.g. `"1min"`; needed with `stamp: open` and `stamp: close`, refused with `stamp: session`."""
    session: Session | None = None
    """Regular session; needed with `stamp: session`, where it says when a daily bar opens and is known."""
    sessions_per_year: Count = 252
    """Trading days in a year, for annualised figures: 252 for US equities, 365 for crypto."""
