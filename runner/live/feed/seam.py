"""Where history ends and the stream begins: proven to have neither a hole nor an overlap.

The stream gives every bar from the one around its beginning on (`Feed.begun`), whole, filled or flagged. So history must
give all before that and none after:

1. `seam_faults` looks for bars that lie between: known after history's last word and before the stream's first bar. And it
   holds history's stamps against the grid: bars that are stamped in another way would fit nowhere, hole or no hole.
2. `warm_up` hands out history's rows as instants, without those that the stream gives as well; they pass through the same
   graph.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from runner.errors import Fault
from runner.live.feed.grid import Cell, Grid
from runner.live.feed.instant import Instant
from runner.market.streams import STREAMS, Stream
from runner.market.tape import Tape
from runner.signal.push import PushedRow

__all__ = ["seam_faults", "warm_up"]

LOOKED_AT = 100
"""Rows at the end of each symbol's history that are held against the grid."""
SECOND = 1_000_000_000


def seam_faults(bars: Tape, until: int, grid: Grid, first: Cell) -> list[Fault]:
    """Return why bars of history don't join a stream; none if they do.

    Args:
        bars: history.
        until: every bar known up to this instant is in it, UTC nanoseconds.
        grid: where the stream's bars lie.
        first: the stream's first bar.
    """
    faults = _stamp_faults(bars, grid, first)
    missing = grid.at_or_after(until)
    if missing is not None and missing.known <= until:
        missing = grid.after(missing)
    if missing is not None and missing.known < first.known:
        was = f"nothing between {_shown(until)} and {_shown(first.opened)}"
        write = "Ask history again, up to the beginning of the stream."
        faults.append(Fault("warm-up", "must reach the first bar of the stream", was, write))
    return faults


def warm_up(tapes: Mapping[Stream, Tape], before: int) -> Iterator[Instant]:
    """Yield everything known before an instant, the stamp of the stream's first bar: one instant after the other."""
    chosen = [(stream, tapes[stream]) for stream in STREAMS if stream in tapes]
    rows = [(stream, tape, np.flatnonzero(tape.ts < before)) for stream, tape in chosen]
    if not rows:
        return
    ts = np.concatenate([tape.ts[kept] for _, tape, kept in rows])
    source = np.concatenate([np.full(kept.size, number, dtype=np.int64) for number, (_, _, kept) in enumerate(rows)])
    place = np.concatenate([kept for _, _, kept in rows])
    order = np.lexsort((place, source, ts))
    bounds = np.flatnonzero(np.diff(ts[order])) + 1
    for group in np.split(order, bounds) if order.size else ():
        told = tuple(_row(rows[source[each]][0], rows[source[each]][1], int(place[each])) for each in group.tolist())
        yield Instant(told[0].ts, told)


def _row(stream: Stream, tape: Tape, row: int) -> PushedRow:
    columns = {name: float(column[row]) for name, column in tape.columns.items()}
    moments = int(tape.ts[row]), int(tape.session[row])
    opened = int(tape.opened[row]) if stream == "bars" else None
    return PushedRow(stream, int(tape.symbol[row]), *moments, columns, opened)


def _stamp_faults(bars: Tape, grid: Grid, first: Cell) -> list[Fault]:
    faults = []
    for symbol, name in enumerate(bars.symbols):
        rows = _last_rows(bars, symbol, first.known)
        strays = [row for row in rows.tolist() if grid.cell(int(bars.ts[row]) - 1) != _cell(bars, row)]
        if strays:
            was = f"{len(strays)} of {rows.size} bars of {name} aren't, the last known {_shown(int(bars.ts[strays[-1]]))}"
            write = "Give history and stream the same time-zone policy, or count bars from the open (align: open)."
            faults.append(Fault("warm-up", "must be stamped as the stream's bars are", was, write))
    return faults


def _last_rows(bars: Tape, symbol: int, before: int) -> NDArray[np.intp]:
    rows = np.arange(bars.offsets[symbol], bars.offsets[symbol + 1])
    return rows[bars.ts[rows] < before][-LOOKED_AT:]


def _cell(bars: Tape, row: int) -> Cell:
    return Cell(int(bars.opened[row]), int(bars.ts[row]), int(bars.session[row]))


def _shown(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC"
