"""The time-zone policy: what a stamp in the data means, and when a row could first be known."""

from typing import Literal

from runner.spec.kind import Spec
from runner.units import Count, Duration, Name, TimeOfDay

__all__ = ["Session", "Timezone"]


class Session(Spec):
    """The regular trading session, in the policy's zone."""

    open: TimeOfDay
    """Wall-clock time of the open, quoted: `"09:30"`."""
    close: TimeOfDay
    """Wall-clock time of the close, quoted: `"16:00"`; must be later than the open."""


class Timezone(Spec):
    """How stamps become instants. Every row is stamped with the instant it is first known: a bar with its close."""

    zone: str
    """IANA name of the zone that stamps without one are in and that session dates are counted in, e.g.
    `America/New_York`."""
    naive: Literal["error", "localize"] = "error"
    """What to do with stamps that carry no zone: refuse them, or read them as wall-clock time in `zone`."""
    ambiguous: Literal["error", "earliest", "latest"] = "error"
    """What to do with wall-clock times that came twice because clocks were put back."""
    nonexistent: Literal["error", "forward"] = "error"
    """What to do with wall-clock times that clocks skipped: refuse them, or take the first instant after the skip."""
    stamp: Literal["session", "open", "close", "event"]
    """What a stamp names: the session date of a daily bar, the open or close of an intraday bar, or the instant of a quote,
    trade or book."""
    interval: Duration | None = None
    """Length of one bar, e.g. `"1min"`; needed with `stamp: open` and `stamp: close`, refused otherwise. `1d` ends at the
    same time by the zone's clock; `24h` is 24 hours at any time of year."""
    calendar: Name | None = None
    """When the market is open: an exchange's code such as `XNYS`, `24-7`, or `24-5`; null means no
    calendar: gaps can't be found, and `session` says the hours of every day that has data."""
    session: Session | None = None
    """Regular hours where there is no calendar; with `stamp: session` they say when a daily bar opens and is known."""
    out_of_session: Literal["error", "drop", "keep"] = "error"
    """What to do with intraday rows outside the calendar's or session's hours. Needs one of the two."""
    sessions_per_year: Count = 252
    """Trading days in a year, for annualised figures: 252 for US equities, 365 for crypto."""
