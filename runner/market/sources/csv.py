"""Bars, quotes, trades and books in text files of columns, plain or packed with gzip or zip.

What a file doesn't say is declared, never guessed, by parameters that combine: which lines count (`skip_lines`), what the
columns are called (`names`) and what continues them (`beside`), how a stamp is written (`timestamp_…`, `date…`), which
cells mean that nothing is known (`null_values`) and what a price counts (`price_scale`).

1. `header` reads the first line alone; `check` holds it against the parameters.
2. `rows` gives every cell of the wanted columns as text; a line with more cells than columns is refused, whichever columns
   are wanted, because nobody can say which cell is the surplus one.
3. `instants` turns stamps into dates and datetimes; `_canonical` makes prices count in quote currency.
"""

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import polars as pl
from polars.exceptions import PolarsError, ShapeError
from pydantic import Field

from runner.errors import DataError, Fault
from runner.market.day import is_day
from runner.market.input_files import InputFile
from runner.market.name_date import name_date, name_date_faults
from runner.market.origin import FILE
from runner.market.source import Raw
from runner.market.stamp_count import Unit, counted_stamps
from runner.market.stamp_format import format_faults, parse_stamps
from runner.market.stream_files import StreamFiles
from runner.market.streams import price_columns
from runner.market.suggestions import suggest
from runner.market.unpack import opened, unpacked
from runner.spec.kind import Spec
from runner.spec.universe import Universe
from runner.units import Day

__all__ = ["Beside", "Csv"]

PART = r"^[^/\\]+$"
"""Part of a file's name: the second file lies in the folder of the first."""
LONGEST_NAME = 255
"""Characters of a file's name: no system takes longer ones."""
Scale = Annotated[float, Field(ge=1e-12, le=1e12, allow_inf_nan=False)]
"""A factor of prices; others are slips of the keyboard."""
LONGEST_LINE = 2**24
"""Bytes of a first line; a file without line ends isn't read to its end to look for one."""


class Beside(Spec):
    """How the name of a second file is made from a file's own."""

    find: str = Field(pattern=PART, max_length=LONGEST_NAME)
    """Text in a file's name, e.g. `_orderbook_`."""
    replace: str = Field(pattern=PART, max_length=LONGEST_NAME)
    """What stands there in the other one's, e.g. `_message_`."""


class Csv(StreamFiles):
    """One stream in text files with numbers written with a decimal point, in UTF-8."""

    kind: Literal["csv"] = "csv"
    """Text files of columns, also packed as `.gz`, or as `.zip` with one file in it."""
    delimiter: Literal[",", ";", "\t", "|"] = ","
    """What separates the columns."""
    skip_lines: int = Field(default=0, ge=0)
    """Lines above the header, or above the first row of files without one, that are passed over."""
    names: tuple[str, ...] | None = Field(default=None, strict=False)
    """Names of all columns, from the left, for files without a header; null: the first line has them."""
    beside: Beside | None = None
    """A second file for each file, whose lines continue this one's to the right: line 1 there belongs to line 1 here."""
    null_values: tuple[str, ...] = Field(default=(), strict=False)
    """Cells that mean a number isn't known, e.g. `["-"]`, beside empty ones; they must match exactly."""
    price_scale: Scale = 1.0
    """What a price of 1 in the files is in quote currency, e.g. 0.0001 where prices are written in hundredths of a cent;
    1e-12 to 1e12."""
    timestamp_format: str | None = None
    """How stamps are written, in chrono's letters, e.g. `"%d.%m.%Y %H:%M"`; null means ISO: `2024-01-31`,
    `2024-01-31 09:30:00` or `2024-01-31T09:30:00-05:00`. Another spelling is never guessed."""
    timestamp_unit: Unit | None = None
    """What stamps count, if they are numbers: `s`, `ms`, `us` or `ns` since 1970 in UTC, or since midnight on the
    exchange's wall clock if `date` or `date_from_name` says of which day."""
    timestamp_columns: tuple[str, ...] = Field(default=(), strict=False)
    """Columns whose texts, joined with a space, are the stamp, e.g. `["Date", "Time"]`; the files have then no column called
    `columns.timestamp`."""
    date: Day | None = None
    """The day of stamps that say the time of day alone, quoted."""
    date_from_name: str | None = None
    """How a file's name, with its folder if `path` is one, spells that day: `"%Y%m%d"` for `20140606_trade.zip`."""

    def suffixes(self) -> tuple[str, ...]:
        """Return the ends of the file names a folder is searched for."""
        return (".csv", ".csv.gz", ".zip")

    def parts(self, file: InputFile) -> tuple[InputFile, ...]:
        """Return the file and the one beside it."""
        if self.beside is None:
            return (file,)
        folder, _, own = file.name.rpartition("/")
        other = own.replace(self.beside.find, self.beside.replace)
        return (file, InputFile(f"{folder}/{other}" if folder else other, file.path.parent / other))

    def header(self, file: InputFile) -> list[str]:
        """Return the columns' names, repeated ones as they stand there, and the stamp's if it is put together."""
        joined = [self.columns.timestamp] if self.timestamp_columns else []
        return [*self._own_names(file), *joined]

    def rows(self, data: tuple[bytes, ...], columns: list[str]) -> pl.DataFrame:
        """Return the named columns as text; empty cells, and those that mean that a number isn't known, are null."""
        frames = [self._cells(unpacked(part), f"{number}.") for number, part in enumerate(data)]
        if len({frame.height for frame in frames}) > 1:
            raise ShapeError(f"{frames[0].height} lines, while the file beside it has {frames[1].height}")
        whole = pl.concat(frames, how="horizontal") if len(frames) > 1 else frames[0]
        if self.names is not None:
            whole.columns = list(self.names)
        if self.timestamp_columns:
            stamp = pl.concat_str(self.timestamp_columns, separator=" ")
            whole = whole.with_columns(stamp.alias(self.columns.timestamp))
        numbers = [name for name in columns if name not in {self.columns.symbol, self.columns.timestamp}]
        is_known = ~pl.col(numbers).is_in(self.null_values)
        return whole.select(columns).with_columns(pl.when(is_known).then(pl.col(numbers)).name.keep())

    def instants(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Read the stamps of one file as they are declared."""
        day = date.fromisoformat(self.date) if self.date is not None else None
        if self.date_from_name is not None and frame.height:
            day = name_date(str(frame[FILE][0]), self.date_from_name)
        if self.timestamp_unit is not None:
            return counted_stamps(frame, self.timestamp_unit, day=day)
        return parse_stamps(frame, self.timestamp_format, day=day)

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong with stamps, path, columns and symbol, without reading rows."""
        return [*self._stamp_faults(), *super().check(universe)]

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Read the universe's rows; raises DataError."""
        raws = super().read(universe)
        if self.price_scale == 1:
            return raws
        return tuple(replace(raw, notes=(f"prices were multiplied by {self.price_scale:g}", *raw.notes)) for raw in raws)

    def _cells(self, data: bytes, prefix: str) -> pl.DataFrame:
        """Return every cell as text; columns without a name are called by their number."""
        has_header = self.names is None
        separator, skip = self.delimiter, self.skip_lines
        found = pl.read_csv(data, has_header=has_header, infer_schema=False, separator=separator, skip_lines=skip)
        if not has_header:
            found.columns = [f"{prefix}{number}" for number in range(found.width)]
        return found

    def _own_names(self, file: InputFile) -> list[str]:
        if self.names is not None:
            return list(self.names)
        return [name for part in self.parts(file) for name in self._first_line(part)]

    def _first_line(self, file: InputFile) -> list[str]:
        """Return the cells of the first line that counts; raises PolarsError if there is none."""
        line = self._line(file)
        cells = pl.read_csv(line, has_header=False, infer_schema=False, separator=self.delimiter)
        return [cell or "" for cell in cells.row(0)]

    def _line(self, file: InputFile) -> bytes:
        """Return the first line that counts."""
        with file.path.open("rb") as packed, opened(packed) as stream:
            for _ in range(self.skip_lines):
                stream.readline(LONGEST_LINE)
            return stream.readline(LONGEST_LINE)

    def _canonical(self, frame: pl.DataFrame, file: InputFile, levels: int = 0) -> pl.DataFrame:
        """Return one file's rows with prices in quote currency; a side without a price has no size either."""
        found = super()._canonical(frame, file, levels)
        prices = price_columns(self.stream, levels)
        scale = Fraction(str(self.price_scale))
        if scale != 1:
            # Multiplying by 0.0001 is off in the last place where dividing by 10000 is exact; and polars multiplies by the
            # reciprocal when it is asked to divide by a constant, but not by a column.
            divisor = pl.Series(np.full(found.height, float(scale.denominator)))
            found = found.with_columns(found[name] * float(scale.numerator) / divisor for name in prices)
        if self.stream in {"bars", "trades"}:
            return found
        sizes = {name.replace("_price", "_size"): name for name in prices}
        return found.with_columns(
            pl.when(pl.col(price).is_finite()).then(pl.col(size)).alias(size) for size, price in sizes.items()
        )

    def _stamp_faults(self) -> list[Fault]:
        has_day = self.date is not None or self.date_from_name is not None
        faults = format_faults(self.timestamp_format, has_day=has_day)
        if self.timestamp_format is not None and self.timestamp_unit is not None:
            was = json.dumps(self.timestamp_format)
            faults.append(Fault("data.timestamp_format", "must be null with timestamp_unit", was, "Write one of the two."))
        if self.date is not None and self.date_from_name is not None:
            was = json.dumps(self.date_from_name)
            faults.append(Fault("data.date_from_name", "must be null with date", was, "Write one of the two."))
        if self.date is not None and not is_day(self.date):
            write = 'Write YYYY-MM-DD, e.g. "2012-06-21".'
            faults.append(Fault("data.date", "must be a day of the calendar", f'"{self.date}"', write))
        return faults + (name_date_faults(self.date_from_name) if self.date_from_name is not None else [])

    def _header_faults(self, file: InputFile) -> list[Fault]:
        """Return what is wrong with one file's name and first line."""
        faults = [*self._beside_faults(file), *self._name_faults(file)]
        if faults:
            return faults
        try:
            faults = [fault for part in self.parts(file) for fault in self._ending_faults(part)]
            return faults or [*self._width_faults(file), *self._part_faults(file), *super()._header_faults(file)]
        except (PolarsError, OSError, EOFError):
            return super()._header_faults(file)

    def _beside_faults(self, file: InputFile) -> list[Fault]:
        if self.beside is None:
            return []
        *_, other = self.parts(file)
        if other.path == file.path:
            write = f'Write a path that leads to the first files alone, e.g. a glob "*{self.beside.find}*".'
            must = "must be part of the name of every file"
            return [Fault("data.beside.find", must, f'"{self.beside.find}", not in {file.name}', write)]
        if _is_file(other.path):
            return []
        write = "Put it beside the other, or correct data.beside."
        return [Fault(file.name, f"must have {other.name} beside it", "no such file", write)]

    def _name_faults(self, file: InputFile) -> list[Fault]:
        if self.date_from_name is None or name_date_faults(self.date_from_name):
            return []
        try:
            name_date(file.name, self.date_from_name)
        except DataError as error:
            return list(error.faults)
        return []

    def _width_faults(self, file: InputFile) -> list[Fault]:
        if self.names is None:
            return []
        cells = [cell for part in self.parts(file) for cell in self._first_line(part)]
        if len(cells) == len(self.names):
            return []
        write = f"Write one name per column, from the left; the first line is {self.delimiter.join(cells)[:80]}"
        was = f"{len(self.names)} names for {len(cells)} columns"
        return [Fault("data.names", f"must name every column of {file.name}", was, f"{write}.")]

    def _ending_faults(self, file: InputFile) -> list[Fault]:
        """Return a fault if lines end with a carriage return alone: all of the file would be its header."""
        if b"\r" not in self._line(file).rstrip(b"\r\n"):
            return []
        write = "Write the file again with line ends of LF or CR LF; spreadsheets call the other kind Macintosh."
        return [Fault(file.name, "lines must end with LF or CR LF", "CR alone in the first line", write)]

    def _part_faults(self, file: InputFile) -> list[Fault]:
        names = self._own_names(file)
        absent = [name for name in self.timestamp_columns if name not in names]
        where, must = "data.timestamp_columns", f"must name columns of {file.name}"
        return [Fault(where, must, json.dumps(name), suggest(name, names)) for name in absent]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False  # a name longer than the system takes is nobody's
