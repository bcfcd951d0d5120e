"""One symbol's bars looked at in one pass, column by column, compiled.

Plain comparisons that are only counted run as fast as memory is read. So each part counts the rows that aren't as they should
be, in a loop without branches; the few rows in which a price moves are then looked at one by one.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from runner.compiler import CODES, INT, ROWS, SERIES, Compiled, exactly, inner_part

__all__ = ["INFINITE", "calm_rows"]

INFINITE = int(np.array(np.inf).view(np.int64))
"""Numbers whose bits are fewer than these, and not below zero, are finite, and neither negative nor negative zero."""
LEAST_MOVE = 0.0099
"""A smaller move from price to price, as a fraction of the one before, is nobody's business."""
LEAP = 1.2
"""Prices further apart, as a ratio, are looked at, whether they come back or not."""

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@cache
def calm_rows() -> Compiled:
    """Return `are_calm` as machine code; it is compiled, or read from disk, when bars are first looked at."""
    signature = INT(ROWS, CODES, SERIES, SERIES, SERIES, SERIES, ROWS, INT, INT)
    compiled: Compiled = exactly(signature)(are_calm)
    return compiled


def are_calm(
    known: Whole,
    session: NDArray[np.int32],
    opens: Floats,
    high: Floats,
    low: Floats,
    close: Floats,
    volume: Whole,
    far: int,
    near: int,
) -> int:
    """Return 1 if nothing about one symbol's bars needs a second look, else 0.

    Args:
        known: [R] UTC nanoseconds.
        session: [R] days since 1970-01-01.
        opens: [R] prices; `high`, `low` and `close` likewise.
        volume: [R] the bits of the volumes.
        far: days from a row's session to the next row's that are looked at if there are more.
        near: rows from one to another that must not be the same.
    """
    # What isn't a number is neither above nor below another, so that prices in their order are numbers.
    odd = _out_of_order(known, session, far) + _beyond_others(opens, high, low, close) + _not_counts(volume)
    if odd or _rests(opens, high, low, close, volume, near):
        return 0
    return int(_moves(opens, close) == 0 or _is_steady(opens, close))


@inner_part
def _out_of_order(known: Whole, session: NDArray[np.int32], far: int) -> int:
    """Count rows that aren't known after the one before, or whose session is far behind its."""
    odd = 0
    for at in range(known.size - 1):
        odd += (known[at + 1] <= known[at]) | (session[at + 1] - session[at] > far)
    return odd


@inner_part
def _beyond_others(opens: Floats, high: Floats, low: Floats, close: Floats) -> int:
    """Count rows whose prices aren't finite and above zero, or whose low isn't the lowest, near to the high, the highest."""
    odd = 0
    for at in range(close.size):
        least, most = low[at], high[at]
        is_range = (least > 0) & (most < np.inf) & (most <= LEAP * least)
        odd += not (
            is_range & (least <= opens[at]) & (opens[at] <= most) & (least <= close[at]) & (close[at] <= most)
        )  # fmt: skip
    return odd


@inner_part
def _not_counts(volume: Whole) -> int:
    """Count numbers that aren't finite, negative or negative zero, by their bits."""
    odd = 0
    for at in range(volume.size):
        odd += (volume[at] < 0) | (volume[at] >= INFINITE)
    return odd


@inner_part
def _moves(opens: Floats, close: Floats) -> int:
    """Count rows that open or close apart from the close before."""
    moved = 0
    for at in range(close.size - 1):
        before = close[at]
        least = LEAST_MOVE * before
        moved += (abs(close[at + 1] - before) > least) | (abs(opens[at + 1] - before) > least)
    return moved


@inner_part
def _is_steady(opens: Floats, close: Floats) -> bool:
    """Say whether no price leaps, and none that moves away from the close before comes back by half at once."""
    for at in range(1, close.size):
        before, opened, closed = close[at - 1], opens[at], close[at]
        least = LEAST_MOVE * before
        if abs(closed - before) <= least and abs(opened - before) <= least:
            continue
        after = close[min(at + 1, close.size - 1)]
        if opened > LEAP * before or opened * LEAP < before or closed > LEAP * before or closed * LEAP < before:
            return False
        if _returns(before, opened, closed) or _returns(before, closed, after):
            return False
    return True


@inner_part
def _returns(before: float, price: float, after: float) -> bool:
    """Say whether a price goes back by half or more of what it went."""
    there, back = price - before, after - price
    return there * back < 0 and abs(back) * 2 >= abs(there)


@inner_part
def _rests(opens: Floats, high: Floats, low: Floats, close: Floats, volume: Whole, near: int) -> bool:
    """Say whether nothing changes between two rows so near to each other that a long rest would hold both."""
    for at in range(0, close.size - near, near):
        other = at + near
        if close[at] == close[other] and (
            (opens[at] == opens[other])
            & (high[at] == high[other])
            & (low[at] == low[other])
            & (volume[at] == volume[other])
        ):
            return True
    return False
