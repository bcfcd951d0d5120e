"""Some rows of a tape, as a tape: of each symbol those from one place to another."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape

__all__ = ["part_of", "rows_between", "spread"]

Rows = NDArray[np.int64]


def rows_between(starts: Rows, stops: Rows) -> slice | Rows:
    """Return the rows from `starts` up to but not with `stops` of each symbol: a slice of one symbol, else their numbers."""
    if starts.size == 1:
        return slice(int(starts[0]), int(stops[0]))
    counts = stops - starts
    ends = np.cumsum(counts)
    first: Rows = np.repeat(starts - (ends - counts), counts)
    return first + np.arange(first.size)


def part_of(tape: Tape, starts: Rows, stops: Rows, *, copied: bool = False) -> Tape:
    """Return the rows from `starts` up to but not with `stops` of each symbol.

    Args:
        tape: The rows.
        starts: [N] first row of each symbol.
        stops: [N] row after its last.
        copied: Whether the part must not hold on to the tape's memory.
    """
    rows = rows_between(starts, stops)

    def taken(column: NDArray[Any]) -> NDArray[Any]:
        found = column[rows]
        return found.copy() if copied and isinstance(rows, slice) else found

    return replace(
        tape,
        ts=taken(tape.ts),
        opened=taken(tape.opened),
        session=taken(tape.session),
        symbol=taken(tape.symbol),
        columns={name: taken(column) for name, column in tape.columns.items()},
        offsets=np.append(0, np.cumsum(stops - starts)).astype(np.int64),
    )


def spread(values: NDArray[np.float64], rows: slice | Rows, count: int) -> NDArray[np.float64]:
    """Return [count] numbers that are the values at some rows, and NaN at the others."""
    if isinstance(rows, slice) and rows.start == 0 and rows.stop == count:
        return values
    out = np.full(count, np.nan)
    out[rows] = values
    return out
