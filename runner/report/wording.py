"""Numbers as people read them: grouped thousands, true minus signs, percent, and a word where there is no number.

What percent or cents would round to nothing is said in basis points, and in more digits: a strategy of a few minutes earns
hundredths of a percent, and one that trades a tenth of a coin thousandths.
"""

import math
from collections.abc import Sequence
from decimal import Context, Decimal, InvalidOperation

__all__ = [
    "TOO_SHORT",
    "UNDEFINED",
    "age_text",
    "amount",
    "change",
    "changes",
    "count",
    "grouped",
    "money_text",
    "number_text",
    "percent",
    "plain",
    "price_text",
    "ratio",
]

UNDEFINED = "n/a"
"""What is shown for a figure that is undefined."""
TOO_SHORT = "too short"
"""What is shown for a figure a year of a run too short to speak of a year."""

_SPACE = "\N{NO-BREAK SPACE}"
_LEAST_PERCENT = 0.001
"""A change below this is shown in basis points."""
_LEAST_PERCENTS = 0.01
"""Changes that are compared and all below this have two decimals: tenths of a percent wouldn't tell them apart."""
_LEAST_TENTH = 0.05
"""Basis points below this would round to zero with one decimal."""
_LEAST_CENTS = 0.01
_MOST_DIGITS = 12
_MOST_DIGITS_OF_TEXT = 30
TWELVE = Context(prec=_MOST_DIGITS)
"""More digits than these are the noise of binary fractions."""
EIGHT = Context(prec=8)
"""More digits than these no market quotes: of a price they are what adjusting or averaging left."""


def age_text(seconds: float) -> str:
    """Return how old something is, in the largest unit of which it is two or more: `26.8 s`, `3.5 min`, `2.3 days`."""
    for size, unit in ((86_400.0, "days"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{grouped(seconds / size, digits=1)} {unit}"
    return f"{grouped(seconds, digits=1)} s"


def amount(value: float | None) -> str:
    """Return money with two decimals: `−1,234.56`; with three significant digits where those would be zero: `0.00123`."""
    is_tiny = value is not None and 0 < abs(value) < _LEAST_CENTS
    digits = min(2 - math.floor(math.log10(abs(value or 1.0))), _MOST_DIGITS) if is_tiny else 2
    return _number(value, f",.{digits}f")


def change(value: float | None) -> str:
    """Return a return or another change: percent with one decimal, or basis points where that says nothing: `3.2 bps`."""
    return changes([value])[0]


def changes(values: Sequence[float | None]) -> list[str]:
    """Return changes that are compared with one another, all in percent, with two decimals if all are small.

    All are in basis points if percent would say nothing of any; one that it would round to zero is so all the same.
    """
    sizes = [abs(value) for value in values if value is not None and not _is_undefined(value)]
    most = max(sizes, default=0.0)
    are_small = 0 < most < _LEAST_PERCENT
    digits = 2 if len(values) > 1 and 0 < most < _LEAST_PERCENTS else 1
    return [
        _points(value, most if are_small else abs(value))
        if value is not None and _is_in_points(value, digits, are_small=are_small)
        else percent(value, digits=digits)
        for value in values
    ]


def _is_in_points(value: float, digits: int, *, are_small: bool) -> bool:
    would_be_zero = 0 < abs(value) < 0.005 / 10**digits
    return not _is_undefined(value) and (are_small or would_be_zero)


def _points(value: float, most: float) -> str:
    """Return basis points, with as many decimals as the largest beside them needs."""
    return f"{grouped(10_000 * value, digits=1 if 10_000 * most >= _LEAST_TENTH else 4)}{_SPACE}bps"


def ratio(value: float | None) -> str:
    """Return a pure number with two decimals: `0.81`."""
    return _number(value, ",.2f")


def percent(value: float | None, *, digits: int = 1) -> str:
    """Return a fraction as a percentage: 0.123 is `12.3 %`."""
    return UNDEFINED if _is_undefined(value) else f"{_number(100 * (value or 0.0), f',.{digits}f')}{_SPACE}%"


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


def money_text(text: str | None) -> str:
    """Return money that is held as decimal text, as `amount` writes it; a text that is no number as it is."""
    value = _decimal(text)
    return (text or UNDEFINED) if value is None else amount(float(value))


def number_text(text: str | None) -> str:
    """Return a quantity or a limit that is held as decimal text: grouped, exact to twelve digits: `17,997.76`."""
    return _digits(text, TWELVE)


def price_text(text: str | None) -> str:
    """Return a price that is held as decimal text, in eight digits: `365.89064`."""
    return _digits(text, EIGHT)


def _digits(text: str | None, most: Context) -> str:
    value = _decimal(text)
    return (text or UNDEFINED) if value is None else _signed(f"{most.plus(value).normalize(most):,f}")


def _decimal(text: str | None) -> Decimal | None:
    try:
        value = None if text is None else Decimal(text)
    except InvalidOperation:
        return None
    # Beyond this a text is nothing that was held, and would be written out digit by digit.
    return value if value is not None and value.is_finite() and abs(value.adjusted()) < _MOST_DIGITS_OF_TEXT else None


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
