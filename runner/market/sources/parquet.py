"""Bars, quotes, trades and books in parquet files."""

from typing import Literal

import polars as pl

from runner.market.input_files import InputFile
from runner.market.lives import tickers_of
from runner.market.parquet_laid import read_laid
from runner.market.stream_files import StreamFiles
from runner.market.streams import columns_of
from runner.spec.universe import Universe

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

    def laid(
        self, files: tuple[InputFile, ...], universe: Universe, levels: int
    ) -> tuple[pl.DataFrame, dict[str, str]] | None:
        """Return the rows of all files by symbol, unless sides have to be read or prices adjusted."""
        columns = self.wanted(levels)
        if self.symbol is not None or self.adjust != "none" or "side" in columns:
            return None
        return read_laid(files, columns, columns_of(self.stream, levels), tickers_of(universe))
