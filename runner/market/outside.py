"""Why rows may lie outside the hours: what the rows themselves say of the policy that put them there.

1. `_at_an_end`: all of them lie exactly at an end of the hours: bars are stamped with their other end.
2. `_on_other_days`: all of them lie on days without any row inside: holidays, or another market's calendar.
3. `_shifted`: most rows would lie inside if all were some hours earlier or later: the zone is another.

A guess goes into a message only; nothing is ever moved because of it.
"""

import numpy as np
from numpy.typing import NDArray

from runner.duration import DAY, HOUR, nanoseconds
from runner.market.calendar import Calendar
from runner.market.session import Hours, Instants
from runner.market.wall_clock import wall_times
from runner.spec.timezone import Timezone

__all__ = ["likely_cause"]

FURTHEST = 14
"""Hours by which zones may differ."""
FEWEST, LOOKED_AT = 20, 20_000
"""Rows that are tried at other hours: a few fit anywhere."""
STRAYS = 0.1
"""Share of rows outside up to which they are strays, and the clock of the others is right."""
MOST = 0.8
"""Share of rows that must lie inside at other hours; in one season of two an hour of each day doesn't."""


def likely_cause(
    calendar: Calendar, opened: Instants, known: Instants, inside: NDArray[np.bool_], timezone: Timezone
) -> str:
    """Return a sentence on why rows lie outside and what to write, with a space behind it; empty if nothing shows.

    Args:
        calendar: the sessions they were held against.
        opened: [R] UTC nanoseconds, as the policy has it; of events the instant.
        known: [R] UTC nanoseconds, as the policy has it; of events the instant.
        inside: [R] whether the row lies in a session; false somewhere.
        timezone: the policy.
    """
    hours = Hours.of(calendar)
    if hours.start.size == 0:
        return ""
    stamps = known if timezone.stamp == "close" else opened
    return (
        _at_an_end(hours, stamps[~inside], timezone)
        or _shifted(hours, opened, known, inside, timezone)
        or _on_other_days(stamps, inside, timezone)
    )


def _at_an_end(hours: Hours, outside: Instants, timezone: Timezone) -> str:
    ends = {"open": (hours.end, "closes", "close"), "close": (hours.start, "opens", "open")}
    if timezone.stamp not in ends:
        return ""
    instants, happens, other = ends[timezone.stamp]
    if not np.isin(outside, instants).all():
        return ""
    return f"All of them are stamped with the instant at which a session {happens}: write timezone.stamp: {other}. "


def _shifted(hours: Hours, opened: Instants, known: Instants, inside: NDArray[np.bool_], timezone: Timezone) -> str:
    every = slice(None, None, max(opened.size // LOOKED_AT, 1))
    opened, known, now = opened[every], known[every], float(inside[every].mean())
    shifts = sorted((hour for hour in range(-FURTHEST, FURTHEST + 1) if hour), key=abs)
    held = [_share_inside(hours, opened + hour * HOUR, known + hour * HOUR) for hour in shifts]
    best = int(np.argmax(held))
    if opened.size < FEWEST or now > 1 - STRAYS or held[best] < MOST or held[best] - now < (1 - now) / 2:
        return ""
    hour = shifts[best]
    moved = f"{abs(hour)} hour{'s' if abs(hour) > 1 else ''} {'later' if hour > 0 else 'earlier'}"
    causes = (
        f"{_other_end(hour, timezone)}their clock is another than timezone.zone says, or the zone written with the stamps"
    )
    counts = f"{held[best]:.0%} of all rows would lie inside if they were {moved}, and {now:.0%} do".replace("%", " %")
    return f"{counts}: {causes} is wrong. "


def _other_end(hour: int, timezone: Timezone) -> str:
    """Return what rows say that would fit one interval earlier or later: they may be stamped with their other end."""
    other = {("open", False): "close", ("close", True): "open"}.get((timezone.stamp, hour > 0))
    if other is None or timezone.interval is None or nanoseconds(timezone.interval) != abs(hour) * HOUR:
        return ""
    return f"they are stamped with their {other} (timezone.stamp: {other}), or "


def _share_inside(hours: Hours, opened: Instants, known: Instants) -> float:
    _, inside = hours.of_bars(opened, known) if (known > opened).any() else hours.of_events(opened)
    return float(inside.mean())


def _on_other_days(stamps: Instants, inside: NDArray[np.bool_], timezone: Timezone) -> str:
    days = wall_times(stamps, timezone.zone).to_physical().to_numpy() // DAY
    outside = np.unique(days[~inside])
    if not inside.any() or np.isin(outside, days[inside]).any():
        return ""
    first = np.datetime64(int(outside[0]), "D")
    named = f"1 day, {first}," if outside.size == 1 else f"{outside.size:,} days, the first {first},"
    return f"They are all rows of {named} without any inside: a holiday here and none there is another timezone.calendar. "
