"""Tables as parquet files: `ts` is UTC with nanoseconds, text is text."""

from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

from runner.archive.files import write_bytes
from runner.tables import Column, Table

__all__ = ["read_table", "write_table"]


def write_table(path: Path, table: Table) -> None:
    """Write a table as one parquet file, whole or not at all."""
    frame = pl.DataFrame({name: column.tolist() if column.dtype.kind == "U" else column for name, column in table.items()})
    text = [pl.col(name).cast(pl.String) for name, column in table.items() if column.dtype.kind == "U"]
    frame = frame.with_columns(pl.from_epoch("ts", time_unit="ns").dt.replace_time_zone("UTC"), *text)
    write_bytes(path, _encoded(frame))


def _encoded(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    return buffer.getvalue()


def read_table(path: Path) -> Table:
    """Read a table back: the same columns, types and values that were written."""
    frame = pl.read_parquet(path)
    return {name: _column(frame.get_column(name)) for name in frame.columns}


def _column(series: pl.Series) -> Column:
    if series.dtype == pl.String:
        return np.array(series.to_list(), dtype=str)
    if isinstance(series.dtype, pl.Datetime):
        return series.dt.timestamp("ns").to_numpy(writable=True)
    return series.to_numpy(writable=True)
