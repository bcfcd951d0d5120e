"""Buckets of time: which rows make one, when it is known, and what it comes to.

The first bucket of a symbol is cut off by the start of the data, so nothing is ready before the second. Buckets of whole
days hold session dates, counted in stretches of so many days from a Monday, and are known at the first row after them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.compiler import FLAT, FLOAT, INT, INTS, ROWS, SERIES, compile_function, part_of_kernel
from runner.duration import DAY
from runner.signal.graph import HOWS, How
from runner.signal.sheet import Sheet
from runner.signal.vocabulary import EACH_ONCE

__all__ = ["NONE", "Buckets", "bucket_at", "bucket_values", "buckets_of", "fold", "merge", "numbered"]

Values = NDArray[np.float64]

NONE = -(2**62)
"""The bucket of a row whose session isn't known."""
MOST_PER_SESSION = 10**9
MONDAY = 4
"""1970-01-05 was a Monday."""

FIRST, LAST, MAX, MIN, SUM, MEAN = range(len(HOWS))


def bucket_at(span: int, session: int, ts: int, opened: int, close: int) -> tuple[int, int]:
    """Return the number of the bucket that a row belongs to, and its end in nanoseconds, 0 if no row is known to end it.

    Args:
        span: Nanoseconds.
        session: Session date of the row.
        ts: When the row is known.
        opened: The session's open.
        close: The session's close.
    """
    if span >= DAY:
        return (session - MONDAY) // (span // DAY), 0
    k = (ts - opened - 1) // span
    return session * MOST_PER_SESSION + k, min(opened + (k + 1) * span, close)


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """The buckets of one clock, in the order of their symbols and of time."""

    sheet: Sheet
    """One row per bucket, known when it is."""
    first: NDArray[np.int64]
    """[B] first row of each in the stream's sheet."""
    last: NDArray[np.int64]
    """[B] last row of each."""


def buckets_of(sheet: Sheet, clock: str, span: int) -> Buckets:
    """Return the buckets of a stream; the last of each symbol is left out unless it is known to be over."""
    number, end = numbered(sheet, span)
    is_last = np.ones(sheet.rows, dtype=np.bool_)
    symbols = sheet.symbols
    is_last[:-1] = (number[1:] != number[:-1]) | (symbols[1:] != symbols[:-1])
    last = np.flatnonzero(is_last)
    first = np.append(0, last[:-1] + 1).astype(np.int64) if last.size else last
    exact = (end[last] == sheet.ts[last]) if sheet.clock in EACH_ONCE else np.zeros(last.size, np.bool_)
    ends_symbol = np.isin(last, sheet.offsets[1:] - 1)
    known = exact | ~ends_symbol
    first, last, exact = first[known], last[known], exact[known]
    origin = np.where(exact, last, last + 1)
    offsets = np.searchsorted(last, sheet.offsets).astype(np.int64)
    rows = Sheet(clock, sheet.ts[origin], sheet.session[last], offsets, {}, sheet.surroundings)
    return Buckets(rows, first, last)


def numbered(sheet: Sheet, span: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the bucket of each row and its end, as `bucket_at` does."""
    session = sheet.session.astype(np.int64)
    if span >= DAY:
        return (session - MONDAY) // (span // DAY), np.zeros(sheet.rows, np.int64)
    opened, close, known = sheet.hours()
    k = (sheet.ts - opened - 1) // span
    end = np.minimum(opened + (k + 1) * span, close)
    return np.where(known, session * MOST_PER_SESSION + k, NONE), np.where(known, end, 0)


def _merge(how, so_far, rows, x):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return what a bucket of `rows` rows comes to with one more; the mean is a sum until it is asked for."""
    if rows == 0 or how == LAST:
        return x
    if how == FIRST:
        return so_far
    if how == MAX:
        return so_far if so_far > x or np.isnan(so_far) else x
    if how == MIN:
        return so_far if so_far < x or np.isnan(so_far) else x
    return so_far + x


_part = part_of_kernel(_merge)


def fold(how, x, start, stop, so_far, rows, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, PLR0913, PLR0917
    """Go on with each bucket over its rows, `start` up to but not with `stop`; `out` is what it comes to then."""
    for b in range(start.size):
        for t in range(start[b], stop[b]):
            so_far[b] = _part(how, so_far[b], rows[b], x[t])
            rows[b] += 1
        out[b] = so_far[b] / rows[b] if how == MEAN else so_far[b]


def merge(how: How, so_far: float, rows: int, x: float) -> float:
    """Return what a bucket of `rows` rows comes to with one more; undefined rows make any but first and last undefined."""
    step = compile_function(_merge, FLOAT(INT, FLOAT, INT, FLOAT))
    return float(step(HOWS.index(how), so_far, rows, x))


def bucket_values(how: How, x: Values, buckets: Buckets) -> Values:
    """Return what each bucket comes to.

    Args:
        how: What becomes of a bucket's rows.
        x: [R] values on the stream's rows.
        buckets: Which rows make which bucket.
    """
    count = buckets.first.size
    out = np.empty(count)
    folded = compile_function(fold, (INT, SERIES, ROWS, ROWS, FLAT, INTS, FLAT))
    folded(HOWS.index(how), x, buckets.first, buckets.last + 1, np.zeros(count), np.zeros(count, np.int64), out)
    return out
