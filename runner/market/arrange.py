"""Rows put symbol by symbol, in the universe's order; those of one symbol keep the order of the source.

Everything after this compares neighbours, so a check costs one pass instead of a sort or a hash table.

1. Rows that already lie so, as those of one file per symbol do, are left where they are.
2. A source that comes in stretches, as files of one day after another do, is put together from those stretches.
3. Only rows that are mixed one by one are gathered.

Columns are moved one at a time, and each is let go before the next: at no time are there two copies of the data.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["arranged", "bounds", "present"]

STRETCH = 64
"""Average length of a stretch from which on moving stretches is cheaper than gathering rows."""


def arranged(frame: pl.DataFrame, symbols: tuple[str, ...]) -> pl.DataFrame:
    """Return the rows by symbol, with `symbol` an Enum of `symbols`; a row of another symbol is left out.

    The caller's frame is left as it is; to keep memory low, it should not be held any longer.
    """
    # Column by column: a query over the frame would first copy columns whose pieces in memory don't match.
    symbol = frame["symbol"].cast(pl.Enum(symbols), strict=False)
    coded = pl.DataFrame([symbol if name == "symbol" else frame[name] for name in frame.columns])
    del frame
    if coded["symbol"].null_count():
        coded = coded.filter(pl.col("symbol").is_not_null())
    codes = coded["symbol"].to_physical()
    if codes.is_sorted():
        return coded
    stretches = codes.rle().struct.unnest()
    if stretches.height * STRETCH > coded.height:
        rows = pl.Series(np.argsort(codes.to_numpy(), kind="stable"))
        return _moved(coded, lambda column: column.gather(rows))
    order = np.argsort(stretches["value"].to_numpy(), kind="stable")
    lengths = stretches["len"].to_numpy().astype(np.int64)
    pieces = list(zip((np.cumsum(lengths) - lengths)[order].tolist(), lengths[order].tolist(), strict=True))
    return _moved(coded, lambda column: pl.concat([column.slice(*piece) for piece in pieces], rechunk=True))


def _moved(frame: pl.DataFrame, move: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
    """Return the frame with its columns moved; the frame is emptied.

    Not side by side: what takes the time is new memory, and that two threads get no faster than one.
    """
    return pl.DataFrame([move(frame.drop_in_place(name)) for name in frame.columns])


def bounds(frame: pl.DataFrame) -> NDArray[np.int64]:
    """Return where each symbol's rows begin in an arranged frame, and at the end how many rows there are: [N+1]."""
    symbols = frame["symbol"].dtype
    if not isinstance(symbols, pl.Enum):
        raise TypeError(f"rows that are not arranged: symbol is {symbols}")
    codes = frame["symbol"].to_physical().to_numpy()
    # Looked for in the type of the codes: any other would first convert all of them.
    firsts = np.searchsorted(codes, np.arange(len(symbols.categories), dtype=codes.dtype))
    return np.append(firsts, codes.size).astype(np.int64)


def present(symbols: pl.Series) -> list[str]:
    """Return the symbols that have rows, in no particular order."""
    if isinstance(symbols.dtype, pl.Enum) and symbols.null_count() == 0 and symbols.to_physical().is_sorted():
        rows = np.diff(bounds(symbols.alias("symbol").to_frame()))
        return [symbol for symbol, count in zip(symbols.dtype.categories, rows, strict=True) if count]
    return symbols.unique().drop_nulls().cast(pl.String).to_list()
