"""Numbers that were written with a sign behind them, `5%` or `100k`, or as percent where a fraction is meant.

Runner knows no percent: shares of something are fractions, costs are basis points. What was meant is said in those.
"""

import re
from typing import Any

from runner.compose.schema import Place
from runner.units import BPS_MOST

__all__ = ["as_fraction", "without_sign"]

_SIGNED = re.compile(r"([-+]?[0-9][0-9_,]*(?:\.[0-9]+)?)\s*(%|‰|bps?|bp|k|m|mio|mn|[$€£])", re.IGNORECASE)
_OF_ONE = {"%": 0.01, "‰": 0.001, "bp": 0.0001, "bps": 0.0001}
"""Sign of a share → what one of it is as a fraction."""
_THOUSANDS = {"k": 1_000.0, "m": 1_000_000.0, "mn": 1_000_000.0, "mio": 1_000_000.0}
_PERCENT_MOST = 100.0


def without_sign(value: Any, place: Place) -> str:
    """Return the remedy for a number with a sign behind it, empty if it isn't one that can be said without."""
    found = _SIGNED.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return ""
    number, sign = float(found[1].replace(",", "").replace("_", "")), found[2].lower()
    if sign not in _OF_ONE:
        return f"Write {_plain(number * _THOUSANDS.get(sign, 1.0))}, without {found[2]}."
    if place.most == BPS_MOST:
        return f"Write {_plain(number * _OF_ONE[sign] * BPS_MOST)}: it is in basis points."
    if place.is_fraction:
        return f"Write {_plain(number * _OF_ONE[sign])}: it is a fraction, 1 is all."
    return f"Write a plain number. {place.description}".strip()


def as_fraction(value: Any, place: Place) -> str:
    """Return the remedy for a fraction that was written as percent, empty if it can't be meant so."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or place.most != 1 or not 1 < value <= _PERCENT_MOST:
        return ""
    return f"Write {_plain(value / _PERCENT_MOST)} for {_plain(value)} %."


def _plain(number: float) -> str:
    """Return a number as a configuration would write it, without what binary fractions add."""
    return f"{number:.12g}" if abs(number) < _THOUSANDS["m"] * _THOUSANDS["m"] else f"{number:.0f}"
