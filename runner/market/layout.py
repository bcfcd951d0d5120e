"""Rows laid out as a tape."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.market.arrange import bounds
from runner.market.memory import unwritten
from runner.market.piecewise import piecewise
from runner.market.streams import Stream
from runner.market.tape import Tape

__all__ = ["tape_of"]

INDEX: Mapping[str, type[Any]] = MappingProxyType({"opened": np.int64, "known": np.int64, "session": np.int32})
"""Columns that are neither symbols nor values, and the types of their arrays."""


def tape_of(frame: pl.DataFrame, symbols: tuple[str, ...], stream: Stream) -> Tape:
    """Lay out what came through the gate (`Gated.frame`); the frame is emptied, so that columns are let go one by one."""
    offsets = bounds(frame)
    offsets.flags.writeable = False
    codes = _codes(offsets)
    frame.drop_in_place("symbol")
    own = {name: _own(frame.drop_in_place(name)) for name in frame.columns}
    return Tape(
        symbols=symbols,
        ts=own["known"],
        opened=own["opened"],
        session=own["session"],
        symbol=codes,
        columns={name: values for name, values in own.items() if name not in INDEX},
        offsets=offsets,
        stream=stream,
    )


def _codes(offsets: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the symbol of each row, given where each symbol's rows begin."""
    edges = offsets.tolist()
    codes: NDArray[np.int32] = unwritten(edges[-1], np.int32)

    def fill(code: int) -> None:
        codes[edges[code] : edges[code + 1]] = code

    piecewise(fill, range(len(edges) - 1), rows=codes.size)
    codes.flags.writeable = False
    return codes


def _own(column: pl.Series) -> NDArray[Any]:
    """Return a column as an array that can't be written to; what is null becomes NaN.

    A column that lies in one piece is not copied: new memory is what reading costs most.
    """
    wanted = INDEX.get(column.name, np.float64)
    if column.n_chunks() == 1 and not column.null_count():
        view: NDArray[Any] = column.to_physical().to_numpy()
        if view.dtype == wanted:
            view.flags.writeable = False
            return view
    values = unwritten(len(column), wanted)
    first = 0
    for chunk in column.get_chunks():
        values[first : first + len(chunk)] = chunk.to_physical().to_numpy()
        first += len(chunk)
    values.flags.writeable = False
    return values
