"""Rows that may teach, given the rows that test: none whose outcome was still open in a test, none too soon after one.

A row known at the instant t stands for decisions whose outcome is known at t + span, where `span` is the longest the
strategy holds a position or looks ahead for a label. With tests known from a to b, a row other than those is left out of
training where

    purge     [t, t + span] touches [a, b + span]: a − span ≤ t < a or b < t ≤ b + span
    embargo   b + span < t ≤ b + span + embargo

Instants and not row counts: a span of three days is three days, whatever the weekend or the hole in the data between.

Source: López de Prado (2018), "Advances in Financial Machine Learning", sections 7.4.1 (purging) and 7.4.2 (embargo).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Split", "check_instants", "teaching_rows"]

Stamps = NDArray[np.int64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to choose a lane by, and rows to see what it came to; both ascending, none in both."""

    train: Places
    test: Places


def check_instants(instants: Stamps, *, span_ns: int, embargo_ns: int) -> None:
    """Refuse instants [T] that don't ascend, and lengths of time below zero.

    Raises:
        ValueError: so it is.
    """
    if instants.size == 0 or np.any(np.diff(instants) <= 0):
        raise ValueError("instants must ascend, each later than the one before, and there must be some")
    if span_ns < 0 or embargo_ns < 0:
        raise ValueError(f"span_ns and embargo_ns must be 0 or more, were {span_ns} and {embargo_ns}")


def teaching_rows(
    instants: Stamps, tests: list[tuple[int, int]], *, span_ns: int = 0, embargo_ns: int = 0
) -> NDArray[np.bool_]:
    """Return which rows may teach, [T].

    Args:
        instants: [T] UTC nanoseconds at which each row was known, ascending.
        tests: First row of each stretch of test rows and the row after its last; none is empty.
        span_ns: Longest time from a row to the outcome of what is decided there, nanoseconds.
        embargo_ns: Time after the outcomes of a test during which no row teaches, nanoseconds.

    Raises:
        ValueError: the instants don't ascend, or a length of time is below zero.
    """
    check_instants(instants, span_ns=span_ns, embargo_ns=embargo_ns)
    may = np.ones(instants.size, dtype=bool)
    for first, after in tests:
        start, end = int(instants[first]), int(instants[after - 1])
        may &= (instants < start - span_ns) | (instants > end + span_ns + embargo_ns)
    return may
