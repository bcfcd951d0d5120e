"""From the tape's float64 to exact numbers: whole units of 10⁻⁸, and text that reads back to the same bits.

A price times a quantity then has sixteen decimals, and money of eighteen holds it without rounding.
"""

import math
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext

__all__ = [
    "ATTO_PER_PRODUCT",
    "PLACES",
    "UNIT",
    "amount_text",
    "decimal_units",
    "money_text",
    "number_text",
    "sizes",
    "units",
]

PLACES = 8
UNIT = Decimal(1).scaleb(-PLACES)
"""One unit of a price or a quantity."""
SCALE = 10**PLACES
ATTO_PER_PRODUCT: int = 10 ** (18 - 2 * PLACES)
"""Money (10⁻¹⁸ of a currency's unit) in the product of one unit of price and one of quantity."""
DIGITS = 60


def number_text(value: float) -> str | None:
    """Return the shortest plain decimal text that reads back to the same float64; None where there is no number."""
    return format(Decimal(repr(float(value))), "f") if math.isfinite(value) else None


def units(value: float) -> int:
    """Return a price of the tape in units: exact where it has eight decimals at most, else the nearest, ties to even."""
    return _whole(value, ROUND_HALF_EVEN)


def sizes(value: float) -> int:
    """Return a size of the tape in units, never more than there is; 0 where it isn't known."""
    return max(_whole(value, ROUND_FLOOR), 0) if math.isfinite(value) else 0


def decimal_units(value: Decimal) -> int | None:
    """Return a decimal number in units; None if it has more than eight decimals."""
    with localcontext() as context:
        context.prec = DIGITS
        scaled = value * SCALE
        whole = int(scaled)
    return whole if whole == scaled else None


def amount_text(count: int) -> str:
    """Return units as plain decimal text."""
    return _text(count, PLACES)


def money_text(atto: int) -> str:
    """Return money as plain decimal text."""
    return _text(atto, 18)


def _whole(value: float, rounding: str) -> int:
    with localcontext() as context:
        context.prec = DIGITS
        return int((Decimal(repr(float(value))) * SCALE).to_integral_value(rounding))


def _text(count: int, places: int) -> str:
    whole, rest = divmod(abs(count), 10**places)
    tail = f"{rest:0{places}d}".rstrip("0")
    return f"{'-' if count < 0 else ''}{whole}{'.' if tail else ''}{tail}"
