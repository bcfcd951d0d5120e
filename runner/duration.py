"""Lengths of time: from the words of the configuration to nanoseconds and back."""

import re

__all__ = ["DAY", "HOUR", "duration_text", "nanoseconds"]

UNITS = {"ms": 10**6, "s": 10**9, "min": 60 * 10**9, "h": 3_600 * 10**9, "d": 86_400 * 10**9}
"""Nanoseconds per unit, ascending. A `d` is 24 hours, also across a change of clocks."""
DAY = UNITS["d"]
HOUR = UNITS["h"]


def nanoseconds(duration: str) -> int:
    """Return the nanoseconds of a `Duration` such as `5min`."""
    found = re.fullmatch(r"([0-9]+)(ms|s|min|h|d)", duration)
    if found is None:
        raise ValueError(duration)
    return int(found[1]) * UNITS[found[2]]


def duration_text(ns: int) -> str:
    """Return a length as the configuration would write it, in the largest unit that divides it: 3 600 s are `1h`."""
    whole = [(size, unit) for unit, size in UNITS.items() if ns % size == 0]
    return f"{ns // whole[-1][0]}{whole[-1][1]}" if whole else f"{ns}ns"
