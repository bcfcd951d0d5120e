"""Bars in CSV files, plain or compressed with gzip."""

from typing import Literal

import polars as pl

from runner.errors import Fault
from runner.market.bar_files import BarFiles
from runner.market.input_files import InputFile
from runner.market.stamp_format import format_faults, parse_stamps
from runner.spec.universe import Universe

__all__ = ["Csv"]


class Csv(BarFiles):
    """Bars in text files with a header line and numbers written with a decimal point, in UTF-8."""

    kind: Literal["csv"] = "csv"
    """CSV files, also compressed as `.csv.gz`."""
    delimiter: Literal[",", ";", "\t", "|"] = ","
    """What separates the columns."""
    timestamp_format: str | None = None
    """How stamps are written, in chrono's letters, e.g. `"%d.%m.%Y %H:%M"`; null means ISO: `2024-01-31`,
    `2024-01-31 09:30:00` or `2024-01-31T09:30:00-05:00`. Another spelling is never guessed."""

    def suffixes(self) -> tuple[str, ...]:
        """Return the ends of the file names a folder is searched for."""
        return (".csv", ".csv.gz")

    def header(self, file: InputFile) -> list[str]:
        """Return the names in the first line, repeated ones as they stand there."""
        first = pl.read_csv(file.path, has_header=False, n_rows=1, infer_schema=False, separator=self.delimiter, glob=False)
        return [name or "" for name in first.row(0)]

    def rows(self, data: bytes, columns: list[str]) -> pl.DataFrame:
        """Return the named columns as text; empty cells are null."""
        return pl.read_csv(data, columns=columns, infer_schema=False, separator=self.delimiter)

    def instants(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Read the stamps by their format."""
        return parse_stamps(frame, self.timestamp_format)

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong with format, path, columns and symbol, without reading rows."""
        return [*format_faults(self.timestamp_format), *super().check(universe)]
