"""The measured stretch of a run: where measuring starts and what it starts from.

Rows before it are warm-up: signals are still undefined, nothing can be decided, and a flat line would flatter volatility
and every ratio built on it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.report.columns import flags, numbers, stamps
from runner.tables import Table

__all__ = ["Measured", "measured_window", "years_of"]

_DAY = 86_400 * 10**9
_YEAR = 365.25 * _DAY


@dataclass(frozen=True, slots=True)
class Measured:
    """The measured rows of an equity table and what lies just before them."""

    rows: NDArray[np.intp]
    """Indices of the measured rows, ascending; empty if the data ended during warm-up."""
    base: float
    """Equity that the first measured return starts from: the last row before measuring, the capital if there is none."""
    after: int
    """UTC ns; orders, fills and refusals count when they are later than this."""


def measured_window(equity: Table, *, capital: float) -> Measured:
    """Return the measured stretch of the `equity` table; `capital` is the cash the run started with."""
    rows = np.flatnonzero(flags(equity, "measured"))
    if rows.size == 0:
        return Measured(rows=rows, base=capital, after=int(np.iinfo(np.int64).max))
    first = int(rows[0])
    if first == 0:
        return Measured(rows=rows, base=capital, after=int(np.iinfo(np.int64).min))
    return Measured(rows=rows, base=float(numbers(equity, "equity")[first - 1]), after=int(stamps(equity, "ts")[first - 1]))


def years_of(instants: NDArray[np.int64], measured: NDArray[np.intp]) -> float:
    """Return the calendar time of the measured rows of the equity table; 0 if there are none."""
    if measured.size == 0:
        return 0.0
    elapsed = int(instants[measured[-1]]) - int(instants[max(measured[0] - 1, 0)])
    return max(elapsed, _DAY) / _YEAR
