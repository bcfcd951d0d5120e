"""Bars that keep to a clock that changes, declared with a length by another one.

A day by New York's clock has 25 hours where clocks are put back, and a bar of twelve hours by it has 13: declared as `24h`,
as `12h`, or as `1d` of UTC, such a bar would be known an hour before it closes. Of bars longer than an hour only those that
lie side by side by the wall clock, and not by their length, are that far apart.

1. `misread_by` looks for neighbours whose distance isn't the first one's length, by an hour at most, where clocks changed
   between them: those of the declared zone, or of one of those that stand for others that change with them (`ZONES`).
2. Days by the declared zone's clock that last 24 hours each are found the other way round.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from runner.duration import DAY, HOUR, days_by_clock, nanoseconds
from runner.errors import Fault
from runner.market.session import Instants
from runner.market.wall_clock import wall_times
from runner.spec.timezone import Timezone

__all__ = ["clock_fault", "misread_by"]

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Europe/London",
    "Australia/Sydney",
    "Pacific/Auckland",
)
"""Zones whose clocks bars may keep; all of Europe changes at one instant."""


def misread_by(opened: Instants, known: Instants, timezone: Timezone) -> Mapping[str, NDArray[np.bool_]]:
    """Return zone → pairs of neighbours that lie side by side by its changing clock, and not by the declared length.

    A pair is named once, with the zone by whose clock bars begin at midnight or whole bars later, if there is one. Of bars
    of an hour or less nothing is said: an hour without them is a gap like any other.
    """
    interval = nanoseconds(timezone.interval or "")
    if interval <= HOUR:
        return {}
    apart = np.diff(opened)
    at = np.flatnonzero((apart != known[:-1] - opened[:-1]) & (np.abs(apart - interval) <= HOUR))
    if at.size == 0:
        return {}
    before, after = opened[at], opened[at + 1]
    found: dict[str, NDArray[np.bool_]] = {}
    left = np.ones(at.size, np.bool_)
    zones = tuple(dict.fromkeys((timezone.zone, *ZONES)))
    for must_begin in (True, False):
        for zone in zones:
            marked = left & _is_misread(before, after, known[at], timezone, zone)
            if must_begin and zone != timezone.zone:
                marked &= _wall(before, zone) % DAY % interval == 0
            if marked.any():
                found.setdefault(zone, np.zeros(apart.size, np.bool_))[at[marked]] = True
                left &= ~marked
    return found


def clock_fault(timezone: Timezone, zone: str, count: int, excerpt: str) -> Fault:
    """Say that bars keep the clock of a zone, or, declared as days by that clock, don't."""
    declared = timezone.interval or ""
    by_clock, is_own = days_by_clock(declared), zone == timezone.zone
    hours = nanoseconds(declared) // HOUR
    bars = "1 bar begins" if count == 1 else f"{count} bars begin"
    time = "another time of day" if by_clock is not None and is_own else "the same time of day"
    change = "a change of clocks" if is_own else f"a change of clocks in {zone}"
    was = f'"{declared}" while {bars} at {time} behind {change}'
    if by_clock is None and nanoseconds(declared) % DAY:
        write = (
            "Where clocks change such bars last an hour more or less, which no interval says: use bars that are all equally"
            f' long, or days, with timezone.zone: {zone} and interval: "1d".'
        )
    elif is_own:
        write = (
            f'Write "{hours // 24}d" for days by the clock of {zone}, "{hours}h" for days of 24 hours, or the zone whose'
            " clock the bars keep."
        )
    else:
        write = f'Write timezone.zone: {zone}, or the zone whose clock the bars keep, and interval: "{hours // 24}d".'
    return Fault("timezone.interval", "must be the length of one bar", was, write, excerpt=excerpt)


def _is_misread(before: Instants, after: Instants, known: Instants, timezone: Timezone, zone: str) -> NDArray[np.bool_]:
    interval = nanoseconds(timezone.interval or "")
    apart, by_clock, length = after - before, _wall(after, zone) - _wall(before, zone), known - before
    if zone == timezone.zone and days_by_clock(timezone.interval or "") is not None:
        return np.asarray((apart != by_clock) & (apart == interval) & (length == interval + apart - by_clock))
    return np.asarray((apart != by_clock) & (by_clock == interval) & (length == interval))


def _wall(instants: Instants, zone: str) -> Instants:
    return np.asarray(wall_times(instants, zone).to_physical().to_numpy(), dtype=np.int64)
