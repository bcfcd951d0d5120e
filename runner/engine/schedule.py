"""The order of events: which rows fill and which close, instant after instant.

Every row of the tape is two events: the instant at which an order waiting for it fills, and the instant at which its bar is
known. Events are sorted by time; at one instant bars are known first and decided together, then orders fill; rows of one
instant keep the order of the universe. A group is a run of events of one sort and one instant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.errors import DataError, Fault
from runner.market.tape import Tape
from runner.trading.fill import FillClock

__all__ = ["Schedule", "schedule"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Groups of events in the order of time."""

    rows: NDArray[np.int64]
    """[2R] row of each event."""
    bounds: NDArray[np.int64]
    """[G+1] events `bounds[g]:bounds[g + 1]` are group g."""
    is_fill: NDArray[np.int64]
    """[G] 1 where the group fills, 0 where it closes."""
    ts: NDArray[np.int64]
    """[G] instant of each group, UTC nanoseconds."""


def schedule(tape: Tape, clock: FillClock) -> Schedule:
    """Merge closes and fills of all symbols into one order of time.

    Raises:
        DataError: If a row would fill before the previous row of its symbol is known, which would be look-ahead.
    """
    _check_causal(tape, clock)
    rows = tape.rows
    ts = np.concatenate([tape.ts, clock.ts])
    # Closes stand before fills and rows in their order, so a stable sort by time alone settles every tie as promised; it
    # merges the symbols' sorted runs, which costs far less than a sort by three keys.
    order = np.argsort(ts, kind="stable")
    ts, is_fill, row = ts[order], (order >= rows).astype(np.int64), order % max(rows, 1)
    new = np.ones(ts.size, dtype=bool)
    new[1:] = (ts[1:] != ts[:-1]) | (is_fill[1:] != is_fill[:-1])
    starts = np.flatnonzero(new).astype(np.int64)
    bounds = np.append(starts, ts.size).astype(np.int64)
    return Schedule(row, bounds, np.ascontiguousarray(is_fill[starts]), ts[starts])


def _check_causal(tape: Tape, clock: FillClock) -> None:
    same = tape.symbol[1:] == tape.symbol[:-1]
    early = np.flatnonzero(same & (clock.ts[1:] < tape.ts[:-1]))
    if early.size:
        row = int(early[0]) + 1
        known, fills = (np.datetime64(int(ns), "ns") for ns in (tape.ts[row - 1], clock.ts[row]))
        raise DataError(
            Fault(
                f"data.{tape.symbols[int(tape.symbol[row])]}",
                "must not have a bar that opens before the previous one is known",
                f"a bar known at {known}Z and the next fills at {fills}Z, {early.size} such rows",
                "Check timezone.stamp, timezone.interval and timezone.session: bars of one symbol must not overlap.",
            )
        )
