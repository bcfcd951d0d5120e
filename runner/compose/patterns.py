"""Texts that are held to a pattern (lengths of time, dates, instants, names): what must hold, and what was likely meant."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, get_args

from runner.compose.schema import Place
from runner.duration import UNITS, duration_text
from runner.spec.signal import RESERVED, NodeName
from runner.units import Day, Duration, Instant, Name, Symbol, TimeOfDay

__all__ = ["length_of_time", "pattern_words"]

Remedy = Callable[[Any, str, Place], str]
"""Makes the remedy of a value, the last key of its path, and what the spec expects there."""


def _pattern_of(unit: Any) -> str:
    return next(
        str(mark.pattern) for each in get_args(unit)[1:] for mark in (each, *getattr(each, "metadata", ())) if _has(mark)
    )


def _has(mark: Any) -> bool:
    return getattr(mark, "pattern", None) is not None


_TIME = re.compile(r"([0-9]{1,2})[:.h]?([0-9]{2})")
_LENGTH = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-zµ]+)", re.IGNORECASE)
_YEAR = re.compile(r"[12][0-9]{3}")
_DIGITS = re.compile(r"([12][0-9]{3})([01][0-9])([0-3][0-9])")
_ALIASES = {
    "ms": ("millisecond", "milliseconds", "millis", "msec"),
    "s": ("sec", "secs", "second", "seconds"),
    "min": ("m", "mins", "minute", "minutes", "t"),
    "h": ("hr", "hrs", "hour", "hours"),
    "d": ("day", "days"),
}
"""Unit → other words for it."""
_WEEK = ("w", "wk", "week", "weeks")
_NONE = "Write null for none."


def pattern_words(patterns: Iterable[str], value: Any, key: str, place: Place) -> tuple[str, str] | None:
    """Return what must hold and what to write, None for a pattern that nobody has words for."""
    for pattern in patterns:
        known = _PATTERNS.get(pattern)
        if known is not None:
            return known[0], known[1](value, key, place)
    return None


def length_of_time(value: Any, key: str, place: Place) -> str:
    """Return the remedy for what isn't a length of time."""
    del key
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_number(value, place)
    found = _LENGTH.fullmatch(str(value).strip())
    if found and float(found[1]) == 0 and place.may_be_null:
        return _NONE
    meant = _meant(float(found[1]), found[2].lower()) if found else ""
    if meant:
        return f'Write "{meant}".'
    return 'Write a whole number and its unit, one of ms, s, min, h, d, e.g. "5min".'


def _of_number(value: float, place: Place) -> str:
    if value == 0 and place.may_be_null:
        return _NONE
    if float(value).is_integer() and value > 0:
        choices = ", ".join(f'"{int(value)}{unit}"' for unit in UNITS)
        return f"Say the unit: {choices}."
    return 'Write a whole number and its unit, one of ms, s, min, h, d, e.g. "500ms".'


def _meant(number: float, word: str) -> str:
    """Return the length of time that was likely meant, empty if none can be told."""
    unit = next((unit for unit, others in _ALIASES.items() if word == unit or word in others), "")
    size = 7 * UNITS["d"] if word in _WEEK else UNITS.get(unit, 0)
    ns = number * size
    return duration_text(int(ns)) if ns and ns == int(ns) and int(ns) % UNITS["ms"] == 0 else ""


def _time_of_day(value: Any, key: str, place: Place) -> str:
    del key, place
    found = _TIME.fullmatch(str(value))
    is_time = found is not None and int(found[1]) < 24 and int(found[2]) < 60
    return f'Write "{int(found[1]):02d}:{found[2]}".' if found and is_time else 'Write hours and minutes, e.g. "09:30".'


def _day(value: Any, key: str, place: Place) -> str:
    del place
    year, digits = _YEAR.fullmatch(str(value)), _DIGITS.fullmatch(str(value))
    if digits:
        return f'Write "{digits[1]}-{digits[2]}-{digits[3]}".'
    if year:
        return f'Write "{year[0]}-12-31".' if key == "end" else f'Write "{year[0]}-01-01".'
    return 'Write e.g. "2012-12-31".'


def _instant(value: Any, key: str, place: Place) -> str:
    del key, place
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return 'Write date, time and Z, e.g. "2024-03-01T14:30Z".'
    if found.tzinfo is None:
        return f'Write "{_utc(found)}" if that is meant in UTC.'
    return f'Write "{_utc(found.astimezone(UTC))}".'


def _utc(found: datetime) -> str:
    return f"{found.replace(tzinfo=None).isoformat(timespec='auto' if found.second or found.microsecond else 'minutes')}Z"


def _node_name(value: Any, key: str, place: Place) -> str:
    del value, place
    plain = re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")
    name = plain if plain[:1].isalpha() else f"x{plain}"
    name = f"{name}_" if name in RESERVED else name
    return f"Use lower-case letters, digits and underscores, beginning with a letter, e.g. {name}."


def _always(write: str) -> Remedy:
    return lambda _value, _key, _place: write


_PATTERNS: dict[str, tuple[str, Remedy]] = {
    _pattern_of(TimeOfDay): ("must be a time of day as HH:MM", _time_of_day),
    _pattern_of(Day): ("must be a date as YYYY-MM-DD", _day),
    _pattern_of(Instant): ("must be an instant in UTC", _instant),
    _pattern_of(Duration): ("must be a length of time", length_of_time),
    _pattern_of(Name): (
        "must be a name that can be a folder",
        _always("Use letters, digits, dots, dashes and underscores, beginning with a letter or digit; at most 64."),
    ),
    _pattern_of(NodeName): ("must be a name that expressions can use", _node_name),
    _pattern_of(Symbol): (
        "must be a ticker",
        _always("Use letters, digits and . _ / : - ^ =, at most 64, without spaces."),
    ),
}
"""The pattern of a unit → what must hold, and what to write."""
