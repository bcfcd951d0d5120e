"""The words of measure: annotated types whose name is their unit and whose bounds are checked.

Percent is never used; shares of something are fractions, costs are basis points. Every number is finite. Text that YAML
likes to turn into something else (symbols, times of day) is text here, and the message says to quote it.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

__all__ = [
    "Bps",
    "Count",
    "Day",
    "Duration",
    "Finite",
    "Fraction",
    "Name",
    "NonNegative",
    "Positive",
    "Symbol",
    "TimeOfDay",
]

LARGEST = 1e15
"""Above this a number is a slip of the keyboard: float64 can no longer tell a cent from none."""

Finite = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
"""Any number up to 1e15 either way."""

Positive = Annotated[float, Field(gt=0, le=LARGEST, allow_inf_nan=False)]
"""A number above zero."""

NonNegative = Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False)]
"""A number of zero or more."""

Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A share of a whole, 0 to 1."""

BPS_MOST = 10_000
"""Basis points of the whole."""

Bps = Annotated[float, Field(ge=0, lt=BPS_MOST, allow_inf_nan=False)]
"""Basis points: 1 bps = 0.0001 of the price."""

Count = Annotated[int, Field(ge=1)]
"""A whole number of one or more."""

Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:\-^=]{0,63}$")]
"""An instrument's ticker as its source spells it, quoted in YAML."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$")]
"""A short name that is safe as a folder on every file system."""

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""Wall-clock time in the policy's zone, `"HH:MM"`, quoted in YAML."""

Day = Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$")]
"""A session date, `"YYYY-MM-DD"`."""

Instant = Annotated[
    str,
    StringConstraints(pattern=r"^[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?Z$"),
]
"""An instant in UTC, `"2024-03-01T14:30Z"`."""

Duration = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,5}(ms|s|min|h|d)$")]
"""A length of time: a whole number and `ms`, `s`, `min`, `h` or `d`, e.g. `"5min"`."""
