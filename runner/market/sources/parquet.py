"""Bars, quotes, trades and books in parquet files."""

from typing import Literal

import polars as pl

from runner.market.input_files import InputFile
from runner.market.stream_files import StreamFiles

__all__ = ["Parquet"]


class Parquet(StreamFiles):
    """One stream in parquet files, with stamps as dates or datetimes."""

    kind: Literal["parquet"] = "parquet"
    """Parquet files."""

    def suffixes(self) -> tuple[str, ...]:
        """Return the end of the file names a folder is searched for."""
        return (".parquet",)

    def header(self, file: InputFile) -> list[str]:
        """Return the column names from the file's footer."""
        with file.path.open("rb") as stream:  # polars would take a path with brackets for a glob
            return list(pl.read_parquet_schema(stream))

    def rows(self, data: tuple[bytes, ...], columns: list[str]) -> pl.DataFrame:
        """Return the named columns with the types they have."""
        return pl.read_parquet(data[0], columns=columns, hive_partitioning=False)
