"""Values inside an answer: prices as text or number, stamps in milliseconds.

The service writes prices as text, so that nothing is lost on the way; the value here is the float64 nearest to that decimal
text, the same a number of the same digits would give.
"""

import math
import re
from typing import Any

__all__ = ["MalformedError", "milliseconds", "number", "required"]

DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
EARLIEST_MS, LATEST_MS = 31_536_000_000, 4_102_444_800_000
"""1971 and 2100. Seconds of any date up to 2100 read as milliseconds lie in the first weeks of 1970, microseconds far after
2100, so no unit can be taken for another."""


class MalformedError(ValueError):
    """An answer doesn't have the form the documents promise; the message says which part and what it was."""


def number(value: Any, name: str) -> float:
    """Return a price or size; JSON's null is NaN, the sign of an unknown value.

    Raises MalformedError for anything that isn't a finite decimal number: Python would also read `nan`, `1_000` and `１`.
    """
    if value is None:
        return math.nan
    is_decimal = isinstance(value, str) and DECIMAL.fullmatch(value)
    if not is_decimal and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise MalformedError(f"{name} is {shown(value)}, not a number")
    found = float(value)
    if not math.isfinite(found):
        raise MalformedError(f"{name} is {shown(value)}, beyond float64")
    return found


def milliseconds(value: Any, name: str) -> int:
    """Return a stamp in milliseconds since 1970; raises MalformedError if it can't be one, as seconds can't."""
    digits = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20
    if (isinstance(value, bool) or not isinstance(value, int)) and not digits:
        raise MalformedError(f"{name} is {shown(value)}, not a whole number of milliseconds")
    found = int(value)
    if not EARLIEST_MS <= found < LATEST_MS:
        raise MalformedError(f"{name} is {shown(value)}, which isn't in milliseconds since 1970")
    return found


def required(row: Any, names: tuple[str, ...]) -> Any:
    """Return the value under the first of several names a mapping has; raises MalformedError if it has none of them."""
    if not isinstance(row, dict):
        raise MalformedError(f"a row is {shown(row)}, not a mapping")
    for name in names:
        if name in row:
            return row[name]
    raise MalformedError(f"a row has no {' or '.join(names)}")


def shown(value: Any) -> str:
    """Return a value as a message may show it: short, and in printable ASCII."""
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'a mapping'} of {len(value)}"
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
