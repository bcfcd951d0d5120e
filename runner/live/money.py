"""Money without rounding: whole numbers of 10⁻¹⁸ of a currency's unit.

A price times a quantity has as many decimals as both together, up to sixteen on the venues we know, so eighteen lose
nothing. What has more is refused, never rounded: it would be a price we can't account for.
"""

import re
from decimal import Decimal, localcontext

__all__ = ["ATTO", "Money", "NotExact", "decimal_of", "money_of", "product_of", "text_of", "units_of"]

Money = int
"""Whole number of 10⁻¹⁸ currency units."""

ATTO = 10**18
DIGITS = 60
"""Precision that no product of a price and a quantity of at most `LONGEST` digits reaches."""
LONGEST = 40
NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
"""What a number from outside looks like: no exponent, no sign but minus, no NaN, no infinity, ASCII digits alone."""


class NotExact(ValueError):  # noqa: N818 - it is a statement about a number
    """A text is not a plain decimal number, or not a whole multiple of its unit."""


def decimal_of(text: object) -> Decimal:
    """Return a plain decimal number from outside; raise `NotExact` for anything else, a binary float among it."""
    if not isinstance(text, str) or len(text) > LONGEST or NUMBER.fullmatch(text) is None:
        raise NotExact(f"not a plain decimal number: {str(text)[:LONGEST]!r}")
    return Decimal(text)


def units_of(value: Decimal, unit: Decimal) -> int:
    """Return how many units a value is; raise `NotExact` if that is no whole number."""
    with localcontext() as context:
        context.prec = DIGITS
        count = value / unit
        whole = int(count)
        if whole != count or whole * unit != value:
            raise NotExact(f"{value} is not a whole multiple of {unit}")
    return whole


def money_of(value: Decimal) -> Money:
    """Return an amount of currency as money; raise `NotExact` if it has more than eighteen decimals."""
    with localcontext() as context:
        context.prec = DIGITS
        scaled = value.scaleb(18)
        whole = int(scaled)
        if whole != scaled:
            raise NotExact(f"{value} has more than eighteen decimals")
    return whole


def product_of(price: Decimal, quantity: Decimal) -> Money:
    """Return what so much at this price is worth; raise `NotExact` if that has more than eighteen decimals."""
    with localcontext() as context:
        context.prec = DIGITS + LONGEST
        return money_of(price * quantity)


def text_of(count: int, unit: Decimal) -> str:
    """Return so many units as plain decimal text, `0.00010` rather than `1E-4`."""
    with localcontext() as context:
        context.prec = DIGITS
        return format(count * unit, "f")
