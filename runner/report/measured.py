"""Numbers whose size nobody knows beforehand, and counts with what they count."""

import math

from runner.report.wording import count, grouped

__all__ = ["counted", "measured"]

MOST_DECIMALS = 12


def measured(value: float, *, digits: int = 3) -> str:
    """Return a number with that many significant digits, and all of those before the point: `1,234`, `2.12`, `0.00162`."""
    size = abs(value)
    if size == 0 or not math.isfinite(size):
        return count(value)
    return grouped(value, digits=min(max(digits - 1 - math.floor(math.log10(size)), 0), MOST_DECIMALS))


def counted(number: int, one: str, several: str = "") -> str:
    """Return how many there are of something: `1 symbol`, `2 symbols`; `several` where an s isn't enough."""
    return f"{count(number)} {one if number == 1 else several or one + 's'}"
