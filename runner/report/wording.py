"""Numbers as people read them: grouped thousands, true minus signs, percent, and a word where there is no number."""

import math

__all__ = ["UNDEFINED", "amount", "count", "grouped", "percent", "plain", "ratio"]

UNDEFINED = "n/a"
"""What is shown for a figure that is undefined."""

_SPACE = "\N{NO-BREAK SPACE}"


def amount(value: float | None) -> str:
    """Return money with two decimals: `−1,234.56`."""
    return _number(value, ",.2f")


def ratio(value: float | None) -> str:
    """Return a pure number with two decimals: `0.81`."""
    return _number(value, ",.2f")


def percent(value: float | None) -> str:
    """Return a fraction as a percentage with one decimal: 0.123 is `12.3 %`."""
    return UNDEFINED if _is_undefined(value) else f"{_number(100 * (value or 0.0), ',.1f')}{_SPACE}%"


def count(value: float | None) -> str:
    """Return a whole number: `12,345`."""
    return _number(value, ",.0f")


def grouped(value: float, *, digits: int) -> str:
    """Return a finite number with that many decimals."""
    return _number(value, f",.{digits}f")


def plain(value: object) -> str:
    """Return any value of a JSON document in words: numbers grouped, true and false as yes and no, null as undefined."""
    if value is None:
        return UNDEFINED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _signed(f"{value:,}")
    if isinstance(value, float):
        return _number(value, ",.10g")
    return str(value)


def _number(value: float | None, form: str) -> str:
    if value is None or _is_undefined(value):
        return UNDEFINED
    return _signed(format(value, form))


def _is_undefined(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


def _signed(text: str) -> str:
    """Return the text with a minus sign instead of a hyphen, and without one on a number that is rounded to zero."""
    is_zero = not any(digit in text for digit in "123456789")
    return text.replace("-", "" if is_zero else "\N{MINUS SIGN}")
