"""Rows laid out as a tape, in arrays of its own."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.market.arrange import bounds
from runner.market.streams import Stream
from runner.market.tape import Tape

__all__ = ["tape_of"]

INDEX = ("symbol", "opened", "known", "session")


def tape_of(frame: pl.DataFrame, symbols: tuple[str, ...], stream: Stream) -> Tape:
    """Lay out what came through the gate (`Gated.frame`); the frame is emptied, so that columns are let go one by one."""
    offsets = bounds(frame)
    names = [name for name in frame.columns if name not in INDEX]
    return Tape(
        symbols=symbols,
        ts=_own(frame, "known", np.int64),
        opened=_own(frame, "opened", np.int64),
        session=_own(frame, "session", np.int32),
        symbol=_own(frame, "symbol", np.int32),
        columns={name: _own(frame, name, np.float64) for name in names},
        offsets=offsets,
        stream=stream,
    )


def _own(frame: pl.DataFrame, name: str, dtype: type[Any]) -> NDArray[Any]:
    """Copy a column into an array of the tape's own: polars hands out read-only memory, which compiled kernels refuse.

    What is null becomes NaN.
    """
    column = frame.drop_in_place(name)
    values = np.empty(len(column), dtype=dtype)
    first = 0
    for chunk in column.get_chunks():
        values[first : first + len(chunk)] = chunk.to_physical().to_numpy()
        first += len(chunk)
    return values
