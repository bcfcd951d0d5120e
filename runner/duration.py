"""Lengths of time: from the words of the configuration to nanoseconds and back."""

import re

__all__ = ["DAY", "HOUR", "days_by_clock", "duration_text", "nanoseconds"]

UNITS = {"ms": 10**6, "s": 10**9, "min": 60 * 10**9, "h": 3_600 * 10**9, "d": 86_400 * 10**9}
"""Nanoseconds per unit, ascending. A `d` is 24 hours here; where a bar's length is written in it, see `days_by_clock`."""
DAY = UNITS["d"]
HOUR = UNITS["h"]


def nanoseconds(duration: str) -> int:
    """Return the nanoseconds of a `Duration` such as `5min`."""
    found = re.fullmatch(r"([0-9]+)(ms|s|min|h|d)", duration)
    if found is None:
        raise ValueError(duration)
    return int(found[1]) * UNITS[found[2]]


def days_by_clock(duration: str) -> int | None:
    """Return how many days by the wall clock a bar of this length holds, None where its length is one in hours or less.

    Of a market that keeps to a local clock the day of a change of clocks has 23 or 25 hours, so `1d` isn't `24h`.
    """
    return int(duration[:-1]) if duration.endswith("d") else None


def duration_text(ns: int) -> str:
    """Return a length as the configuration would write it, in the largest unit that divides it: 3 600 s are `1h`."""
    whole = [(size, unit) for unit, size in UNITS.items() if ns % size == 0]
    return f"{ns // whole[-1][0]}{whole[-1][1]}" if whole else f"{ns}ns"
