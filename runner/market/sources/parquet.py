"""Bars, quotes, trades and books in parquet files."""

from typing import Literal

import polars as pl
from polars.exceptions import PolarsError

from runner.market.input_files import InputFile
from runner.market.stream_files import Look, StreamFiles

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

    def looks(self, files: tuple[InputFile, ...]) -> list[Look]:
        """Return each file's column of symbols, which lies apart from the others, and the type of its stamps."""
        column = self.columns.symbol
        if column is None:
            return []
        try:
            found = [_looked_at(file, column, self.columns.timestamp) for file in files]
        except (PolarsError, OSError):
            return []  # whoever reads the whole file says what is wrong with it
        return [look for look in found if isinstance(look.symbols.dtype, pl.String | pl.Categorical | pl.Enum)]


def _looked_at(file: InputFile, symbol: str, timestamp: str) -> Look:
    with file.path.open("rb") as stream:
        stamps = pl.read_parquet_schema(stream)[timestamp]
    symbols = pl.read_parquet(file.path, columns=[symbol], glob=False, hive_partitioning=False)
    return Look(symbols[symbol], stamps)
