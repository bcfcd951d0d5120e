"""Lengths of time in expressions: held to the bounds of a parameter's, and what was likely meant by others."""

import re
from typing import get_args

from runner.duration import nanoseconds
from runner.units import Duration

__all__ = ["LENGTHS", "span_meant", "span_of"]

LENGTHS = "a whole number from 1 to 999999 with ms, s, min, h or d"
"""How a length of time is written."""

FORM = re.compile(str(get_args(Duration)[1].pattern))
LOOSE = re.compile(r"\s*([1-9][0-9]{0,5})\s*([A-Za-z]+)\s*")

UNITS = {
    "ms": ("ms", "millisecond", "milliseconds", "millis"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "min": ("m", "min", "mins", "minute", "minutes", "t"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
}
"""Unit → what people write for it."""


def span_of(text: str) -> int | None:
    """Return the nanoseconds of a length of time as a parameter would be given one, None of any other text."""
    return nanoseconds(text) if FORM.fullmatch(text) else None


def span_meant(text: str) -> str | None:
    """Return what a length of time is called here, None if a text isn't one: `2 days` is `2d`."""
    found = LOOSE.fullmatch(text)
    units = [unit for unit, names in UNITS.items() if found and found[2].lower() in names]
    return f"{found[1]}{units[0]}" if found and units else None
