"""A tape as the instants at which its rows became known, the way a session is handed them."""

from collections.abc import Iterator, Mapping

import numpy as np

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.push import PushedRow

__all__ = ["arrivals"]


def arrivals(tapes: Mapping[Stream, Tape]) -> Iterator[tuple[int, list[PushedRow]]]:
    """Yield each instant with the rows of every stream that became known then, those of one stream symbol by symbol."""
    streams = list(tapes)
    ts = np.concatenate([np.empty(0, np.int64), *(tape.ts for tape in tapes.values())])
    owner = np.repeat(np.arange(len(streams)), [tapes[stream].rows for stream in streams])
    place = np.concatenate([np.empty(0, np.int64), *(np.arange(tape.rows) for tape in tapes.values())])
    order = np.argsort(ts, kind="stable")
    rows: list[PushedRow] = []
    for number in order.tolist():
        stream = streams[int(owner[number])]
        row = _row(stream, tapes[stream], int(place[number]))
        if rows and rows[0].ts != row.ts:
            yield rows[0].ts, rows
            rows = []
        rows.append(row)
    if rows:
        yield rows[0].ts, rows


def _row(stream: Stream, tape: Tape, row: int) -> PushedRow:
    values = {name: float(column[row]) for name, column in tape.columns.items()}
    return PushedRow(stream, int(tape.symbol[row]), int(tape.ts[row]), int(tape.session[row]), values, int(tape.opened[row]))
