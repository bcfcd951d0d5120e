"""Bars in files: what `csv` and `parquet` share.

1. `check` finds the files and holds the columns each one has against the mapping, without reading rows.
2. `read` reads each file once, hashes the bytes and parses them from memory.
3. `_canonical` gives every file the same columns and types; a value that isn't a number is a fault, never a null.
4. `_joined` puts files together whose stamps are of one kind, and keeps the universe's rows.
"""

import json
from abc import abstractmethod

import polars as pl
from polars.exceptions import PolarsError

from runner.errors import DataError, Fault
from runner.market.input_files import InputFile, find_files, read_bytes, sha256
from runner.market.origin import FILE, ROW, excerpt, with_origin
from runner.market.source import Raw
from runner.market.span import span_faults
from runner.market.suggestions import suggest
from runner.market.symbols import absent_symbols
from runner.market.tape import BAR_COLUMNS
from runner.spec.kind import Kind, Spec
from runner.spec.universe import Universe
from runner.units import Symbol

__all__ = ["BarColumns", "BarFiles"]


class BarColumns(Spec):
    """What the files call the columns; names match exactly, and columns that aren't named here are ignored."""

    symbol: str | None = "symbol"
    """Column of tickers; null if the files have none, then `symbol` beside `columns` must name the instrument."""
    timestamp: str = "timestamp"
    """Column of stamps; the time-zone policy says what they mean."""
    open: str = "open"
    """Column of opening prices, in quote currency."""
    high: str = "high"
    """Column of highest prices, in quote currency."""
    low: str = "low"
    """Column of lowest prices, in quote currency."""
    close: str = "close"
    """Column of closing prices, in quote currency."""
    volume: str | None = "volume"
    """Column of traded units; null says the files have none: volume is then unknown (NaN), not zero."""


class BarFiles(Kind):
    """One file, a folder or a glob of bars."""

    path: str
    """File, folder (searched at any depth) or glob. `~` is the home folder; the working directory is where others start."""
    columns: BarColumns = BarColumns()
    """Our name → the files' name."""
    symbol: Symbol | None = None
    """The instrument of files that don't name one, quoted."""

    @abstractmethod
    def suffixes(self) -> tuple[str, ...]:
        """Return the ends of file names that count when `path` is a folder."""

    @abstractmethod
    def header(self, file: InputFile) -> list[str]:
        """Return the file's column names; raises PolarsError, OSError or EOFError if it can't be understood."""

    @abstractmethod
    def rows(self, data: bytes, columns: list[str]) -> pl.DataFrame:
        """Return the named columns of a file's bytes, as they stand there; raises as `header` does."""

    def instants(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Turn `timestamp` into dates or datetimes where the format leaves that to be done; raises DataError."""
        return frame

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong with path, columns and symbol, without reading rows."""
        files = find_files(self.path, self.suffixes())
        if not files:
            return [self._no_files()]
        faults = [fault for file in files for fault in self._header_faults(file)]
        return [*faults, *(absent_symbols(universe, [self.symbol]) if self.symbol else [])]

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Read the universe's bars; raises DataError."""
        faults = self.check(universe)
        if faults:
            raise DataError(faults)
        frames, digests, notes = [], {}, []
        for file in find_files(self.path, self.suffixes()):
            data = read_bytes(file)
            digests[file.name] = sha256(data)
            found = self._parse(file, data)
            held = found.filter(~pl.all_horizontal(pl.col(list(self._wanted())).is_null()))
            if held.height < found.height:
                notes.append(_passed_over(file, found.height - held.height))
            frames.append(self._canonical(held, file))
        return (Raw(_joined(frames, universe), digests, notes=tuple(notes)),)

    def _wanted(self) -> dict[str, str]:
        """Return our name → the files' name for the columns that are read."""
        named = self.columns.model_dump()
        if self.symbol is not None:
            named["symbol"] = None
        return {ours: theirs for ours, theirs in named.items() if theirs is not None}

    def _no_files(self) -> Fault:
        known = " or ".join(f"*{suffix}" for suffix in self.suffixes())
        write = f"Write the path of a file, of a folder with {known} files, or a glob in quotes; relative paths start in the"
        return Fault("data.path", "must lead to at least one file", _quoted(self.path), f"{write} working directory.")

    def _header_faults(self, file: InputFile) -> list[Fault]:
        try:
            header = self.header(file)
        except (PolarsError, OSError, EOFError) as error:
            return [_unreadable(file, error)]
        if not set(self._wanted().values()) & set(header):
            return [_no_columns(header, file)]
        absent = [_no_column(ours, theirs, header, file) for ours, theirs in self._wanted().items() if theirs not in header]
        twice = sorted({name for name in self._wanted().values() if header.count(name) > 1})
        repeated = [Fault(file.name, "must have each column once", _quoted(name), "Rename one of them.") for name in twice]
        return [*absent, *repeated, *self._symbol_faults(file, header)]

    def _symbol_faults(self, file: InputFile, header: list[str]) -> list[Fault]:
        column = self.columns.symbol
        if self.symbol is None and column is None:
            write = 'Write the instrument of the files, e.g. symbol: "AAPL".'
            return [Fault("data.symbol", "must be set when columns.symbol is null", "null", write)]
        if self.symbol is None or column not in header:
            return []
        was = f"{_quoted(self.symbol)} while {file.name} has a column {_quoted(column)}"
        write = "Write symbol: null to read that column, or columns: {symbol: null} to ignore it."
        return [Fault("data.symbol", "must be null when the files name their symbols", was, write)]

    def _parse(self, file: InputFile, data: bytes) -> pl.DataFrame:
        wanted = self._wanted()
        try:
            found = self.rows(data, list(dict.fromkeys(wanted.values())))
        except (PolarsError, OSError, EOFError) as error:
            raise DataError(_unreadable(file, error)) from error
        named = found.select(pl.col(theirs).alias(ours) for ours, theirs in wanted.items())
        return with_origin(named, file.name)

    def _canonical(self, frame: pl.DataFrame, file: InputFile) -> pl.DataFrame:
        symbol = pl.lit(self.symbol, dtype=pl.String) if self.symbol is not None else pl.col("symbol")
        volume = pl.col("volume") if self.columns.volume is not None else pl.lit(None, dtype=pl.Float64)
        full = frame.with_columns(symbol.alias("symbol"), volume.alias("volume"))
        faults = [fault for name in BAR_COLUMNS for fault in _not_numbers(full, name, file)]
        faults += _nameless(full, file)
        if faults:
            raise DataError(faults)
        numbers = full.with_columns(pl.col("symbol").cast(pl.String), pl.col(BAR_COLUMNS).cast(pl.Float64))
        return self.instants(numbers).select("symbol", "timestamp", *BAR_COLUMNS, FILE, ROW)


def _passed_over(file: InputFile, rows: int) -> str:
    return f"{file.name}: {'1 empty row was' if rows == 1 else f'{rows} empty rows were'} passed over"


def _not_numbers(frame: pl.DataFrame, name: str, file: InputFile) -> list[Fault]:
    """Return a fault if a value of the column isn't a number; an empty cell is the quality gate's business."""
    dtype = frame.schema[name]
    if dtype.is_numeric() or dtype == pl.Null:
        return []
    if dtype != pl.String:
        write = "Write it as numbers, or name another column in data.columns."
        return [Fault(f"data.columns.{name}", "must be a column of numbers", f"{dtype} in {file.name}", write)]
    wrong = frame.filter(pl.col(name).is_not_null() & pl.col(name).cast(pl.Float64, strict=False).is_null())
    if wrong.height == 0:
        return []
    was = f"{_quoted(wrong[name][0])} in {file.name}"
    write = "Write plain numbers such as 1234.5, and leave the cell empty where a value isn't known."
    return [Fault(f"data.columns.{name}", "must be a column of numbers", was, write, excerpt=excerpt(wrong, (name,)))]


def _nameless(frame: pl.DataFrame, file: InputFile) -> list[Fault]:
    """Return a fault if a row doesn't name its symbol; numbers aren't names, they lose their leading zeros."""
    dtype = frame.schema["symbol"]
    if not isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        write = "Write tickers as text, or name another column in data.columns."
        return [Fault("data.columns.symbol", "must be a column of text", f"{dtype} in {file.name}", write)]
    wrong = frame.filter(pl.col("symbol").is_null())
    if wrong.height == 0:
        return []
    write = "Repair the rows or leave them out of the file."
    return [Fault("data.columns.symbol", "every row must name its symbol", "an empty cell", write, excerpt=excerpt(wrong))]


def _joined(frames: list[pl.DataFrame], universe: Universe) -> pl.DataFrame:
    """Return the universe's rows of all files; stamps must be of one kind, and their units are brought to the finest."""
    held = [frame for frame in frames if frame.height] or frames[:1]
    kinds = {_stamp_kind(frame.schema["timestamp"]): str(frame[FILE][0]) for frame in reversed(held) if frame.height}
    if len(kinds) > 1:
        was = ", ".join(f"{kind} in {file}" for kind, file in sorted(kinds.items()))
        write = "Convert the files to one of them; Runner doesn't guess what a mixture means."
        raise DataError(Fault("data.columns.timestamp", "must hold stamps of one kind in every file", was, write))
    alike = len({frame.schema["timestamp"] for frame in held}) == 1
    whole = pl.concat(held if alike else _in_ns(held))
    faults = absent_symbols(universe, whole["symbol"].unique().to_list())
    if faults:
        raise DataError(faults)
    return whole.filter(pl.col("symbol").is_in(universe.symbols))


def _in_ns(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Bring datetimes of one kind but several units or zones to ns, and to UTC where they carry a zone."""
    faults = [fault for frame in frames for fault in span_faults(frame)]
    if faults:
        raise DataError(faults)
    return [frame.with_columns(pl.col("timestamp").cast(_ns(frame.schema["timestamp"]))) for frame in frames]


def _ns(dtype: pl.DataType) -> pl.Datetime:
    return pl.Datetime("ns", "UTC" if isinstance(dtype, pl.Datetime) and dtype.time_zone else None)


def _stamp_kind(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Datetime):
        return "datetimes without a zone" if dtype.time_zone is None else "datetimes with a zone"
    return "dates" if isinstance(dtype, pl.Date) else f"values of type {dtype}"


def _no_column(ours: str, theirs: str, header: list[str], file: InputFile) -> Fault:
    where = f"data.columns.{ours}"
    extra = {
        "volume": " Write columns: {volume: null} if the files have no volume.",
        "symbol": ' Write symbol: "…" with the instrument if the files don\'t name it.',
    }.get(ours, "")
    return Fault(where, f"must name a column of {file.name}", _quoted(theirs), f"{suggest(theirs, header)}{extra}")


def _no_columns(header: list[str], file: InputFile) -> Fault:
    write = (
        f"Write those names in data.columns; a first line of values is no header. Its names are: {', '.join(header[:40])}."
    )
    return Fault(file.name, "must have the columns that data.columns names", "a file with none of them", write)


def _unreadable(file: InputFile, error: Exception) -> Fault:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    write = "Check that it is complete and of the right kind."
    return Fault(file.name, "must be a file the source can read", reason, write)


def _quoted(text: str | None) -> str:
    return json.dumps(text, ensure_ascii=False)
