"""Market data in files: what `csv` and `parquet` share.

1. `check` finds the files and holds the columns each one has against the mapping, without reading rows.
2. `_taken` reads a file once, hashes the bytes and parses them from memory.
3. `_canonical` gives every file the same columns and types; a value that isn't a number is a fault, never a null.
4. `_joined` puts files together whose stamps are of one kind, and keeps the universe's rows. A format that can tell symbols
   beforehand may put rows where they belong while it reads (`laid`).
5. `_adjusted` takes corporate actions out of bars, where that is asked for.
"""

import json
import re
from abc import abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import polars as pl
from polars.exceptions import PolarsError

from runner.errors import DataError, Fault
from runner.market.adjust import ADJUSTED_CLOSE, Adjust, adjust_faults, adjust_note, by_adjusted_close, by_factors
from runner.market.column_map import map_faults
from runner.market.factors import read_factors
from runner.market.input_files import InputFile, find_files, read_bytes, sha256
from runner.market.lives import tickers_of
from runner.market.offers import Offer, offer
from runner.market.origin import FILE, ROW, excerpt, with_origin
from runner.market.source import Raw
from runner.market.span import span_faults
from runner.market.stream_columns import StreamColumns, levels_in, pattern_faults
from runner.market.streams import MOST_LEVELS, Stream, columns_of
from runner.market.suggestions import suggest
from runner.market.symbols import absent_symbols
from runner.spec.kind import Kind
from runner.spec.universe import Universe
from runner.units import Count, Symbol

__all__ = ["StreamFiles"]

SIDES = {"buy": 1.0, "sell": -1.0, "1": 1.0, "-1": -1.0}
"""The taker's side as text, whatever its case."""
OPTIONAL = ("volume", "size", "side", "bid_size", "ask_size")
"""Columns that files may not have."""
AT_ONCE = 2
"""Files read side by side; the columns of each are decoded side by side as well, and each holds its rows twice."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """One file after it was read."""

    frame: pl.DataFrame
    digests: dict[str, str]
    notes: tuple[str, ...]


class StreamFiles(Kind):
    """One file, a folder or a glob of bars, quotes, trades or books."""

    path: str
    """File, folder (searched at any depth) or glob. `~` is the home folder; the working directory is where others start."""
    stream: Stream = "bars"
    """What a row is: `bars`, `quotes`, `trades` or `depth`."""
    levels: Count | None = None
    """Depth: book levels per side that are read; null means as many as the files have columns for."""
    columns: StreamColumns = StreamColumns()
    """Our name → the files' name."""
    symbol: Symbol | None = None
    """The instrument of files that don't name one, quoted."""
    adjust: Adjust = "none"
    """Corporate actions on bars: `none` leaves prices as they are; `total` multiplies them by `columns.adjusted_close` /
    close; `factors` by the factors of a file. The prices as traded are kept beside the adjusted ones."""
    factors: str | None = None
    """`adjust: factors`: the file of factors, in LEAN's format (.csv, one instrument) or parquet with the columns symbol,
    date, price_factor and split_factor. A row's factors hold up to its session date."""
    factors_zone: str | None = None
    """`adjust: factors`: zone in which session dates are counted, if stamps carry an offset; else they name their date."""

    @abstractmethod
    def suffixes(self) -> tuple[str, ...]:
        """Return the ends of file names that count when `path` is a folder."""

    @abstractmethod
    def header(self, file: InputFile) -> list[str]:
        """Return the file's column names; raises PolarsError, OSError or EOFError if it can't be understood."""

    @abstractmethod
    def rows(self, data: tuple[bytes, ...], columns: list[str]) -> pl.DataFrame:
        """Return the named columns of a file, given the bytes of its parts, as they stand there; raises as `header` does."""

    def parts(self, file: InputFile) -> tuple[InputFile, ...]:
        """Return the files that make up one: itself, and those that continue its lines to the right."""
        return (file,)

    def instants(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Turn `timestamp` into dates or datetimes where the format leaves that to be done; raises DataError."""
        return frame

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong with path, columns, levels and symbol, without reading rows."""
        faults = [*self._level_faults(), *map_faults(self.wanted(1)), *self._adjust_faults(universe)]
        files = find_files(self.path, self.suffixes())
        if not files:
            return [*faults, self._no_files()]
        faults += [fault for file in files for fault in self._header_faults(file)]
        return [*faults, *(absent_symbols(universe, [self.symbol]) if self.symbol else [])]

    def offers(self, universe: Universe) -> Mapping[Stream, Offer]:  # noqa: ARG002 - files are the same for every universe
        """Return the one stream; of books as many levels as every file has."""
        files = find_files(self.path, self.suffixes())
        try:
            levels = min((self._levels(self.header(file)) for file in files), default=0)
        except (PolarsError, OSError, EOFError):
            levels = 0  # `check` says what is wrong with the file
        is_unknown = self.stream == "depth" and levels == 0
        return {self.stream: offer(self.stream, MOST_LEVELS if is_unknown else levels, is_adjusted=self.adjust != "none")}

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Read the universe's rows; raises DataError."""
        faults = self.check(universe)
        if faults:
            raise DataError(faults)
        files = find_files(self.path, self.suffixes())
        levels = min(self._levels(self.header(file)) for file in files)
        laid = self.laid(files, universe, levels)
        if laid is not None:
            return (Raw(*laid, self.stream, levels),)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            taken = list(pool.map(partial(self._taken, levels=levels), files))
        digests = {name: digest for each in taken for name, digest in each.digests.items()}
        frame = _joined([each.frame for each in taken], universe)
        raw = Raw(frame, digests, self.stream, levels, notes=tuple(note for each in taken for note in each.notes))
        return (self._adjusted(raw, universe),)

    def laid(
        self,
        files: tuple[InputFile, ...],  # noqa: ARG002 - what a format is given that can do it
        universe: Universe,  # noqa: ARG002
        levels: int,  # noqa: ARG002
    ) -> tuple[pl.DataFrame, dict[str, str]] | None:
        """Return the rows of all files by symbol and the files' digests, where a format can read them so; None: it can't."""
        return None

    def _taken(self, file: InputFile, levels: int) -> _Taken:
        """Read one file; raises DataError."""
        parts = self.parts(file)
        data = tuple(read_bytes(part) for part in parts)
        digests = {part.name: sha256(held) for part, held in zip(parts, data, strict=True)}
        found = self._parse(file, data, levels)
        held = _without_empty(found, list(self.wanted(levels)))
        empty = found.height - held.height
        return _Taken(self._canonical(held, file, levels), digests, (_passed_over(file, empty),) if empty else ())

    def _adjusted(self, raw: Raw, universe: Universe) -> Raw:
        """Return bars without their corporate actions, if that is asked for."""
        if self.adjust == "none":
            return raw
        notes = (*raw.notes, adjust_note(self.adjust))
        if self.adjust == "total" or self.factors is None:
            return replace(raw, frame=by_adjusted_close(raw.frame), notes=notes)
        factors = read_factors(self.factors, tickers_of(universe))
        frame = by_factors(raw.frame, factors.frame, zone=self.factors_zone)
        return replace(raw, frame=frame, digests={**raw.digests, **factors.digests}, notes=notes)

    def _levels(self, header: list[str]) -> int:
        """Return the book levels that are read of a file with these columns."""
        if self.stream != "depth":
            return 0
        if self.levels is None or self.levels > MOST_LEVELS:
            return levels_in(self.columns, header)
        return self.levels

    def wanted(self, levels: int = 0) -> dict[str, str]:
        """Return our name → the files' name for the columns that are read."""
        named = self.columns.theirs(self.stream, levels)
        if self.adjust == "total":
            named[ADJUSTED_CLOSE] = self.columns.adjusted_close
        if self.symbol is not None:
            named["symbol"] = None
        return {ours: theirs for ours, theirs in named.items() if theirs is not None}

    def _no_files(self) -> Fault:
        known = " or ".join(f"*{suffix}" for suffix in self.suffixes())
        write = f"Write the path of a file, of a folder with {known} files, or a glob in quotes; relative paths start in the"
        return Fault("data.path", "must lead to at least one file", _quoted(self.path), f"{write} working directory.")

    def _level_faults(self) -> list[Fault]:
        if self.stream == "depth":
            return [*pattern_faults(self.columns), *self._too_many_levels()]
        if self.levels is None:
            return []
        write = "Write levels: null, or stream: depth."
        return [Fault("data.levels", "must be null for every stream but depth", str(self.levels), write)]

    def _too_many_levels(self) -> list[Fault]:
        if self.levels is None or self.levels <= MOST_LEVELS:
            return []
        write = "Write how many levels the files have, or null to read them all."
        return [Fault("data.levels", f"must be at most {MOST_LEVELS}", str(self.levels), write)]

    def _adjust_faults(self, universe: Universe) -> list[Fault]:
        column = self.columns.adjusted_close
        return adjust_faults(
            self.adjust,
            self.stream,
            tickers_of(universe),
            adjusted_close=column,
            factors=self.factors,
            zone=self.factors_zone,
        )

    def _header_faults(self, file: InputFile) -> list[Fault]:
        try:
            header = self.header(file)
        except (PolarsError, OSError, EOFError) as error:
            return [_unreadable(file, error)]
        wanted = self.wanted(max(self._levels(header), 1))
        if not set(wanted.values()) & set(header):
            return [_no_columns(header, file)]
        absent = [_no_column(ours, theirs, header, file) for ours, theirs in wanted.items() if theirs not in header]
        twice = sorted({name for name in wanted.values() if header.count(name) > 1})
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

    def _parse(self, file: InputFile, data: tuple[bytes, ...], levels: int = 0) -> pl.DataFrame:
        wanted = self.wanted(levels)
        try:
            found = self.rows(data, list(dict.fromkeys(wanted.values())))
        except (PolarsError, OSError, EOFError) as error:
            raise DataError(_unreadable(file, error)) from error
        named = found.select(pl.col(theirs).alias(ours) for ours, theirs in wanted.items())
        return with_origin(named, file.name)

    def _canonical(self, frame: pl.DataFrame, file: InputFile, levels: int = 0) -> pl.DataFrame:
        """Return one file's rows under our names and with our types; what the files don't have is unknown."""
        values = (*columns_of(self.stream, levels), *((ADJUSTED_CLOSE,) if self.adjust == "total" else ()))
        unknown = [pl.lit(None, dtype=pl.Float64).alias(name) for name in values if name not in frame.columns]
        full = frame.with_columns(*unknown)
        if self.symbol is not None:
            full = full.with_columns(pl.lit(self.symbol, dtype=pl.String).alias("symbol"))
        faults = _sides_unknown(full, file)
        full = _with_sides(full)
        faults += [fault for name in values for fault in _not_numbers(full, name, file)]
        faults += _nameless(full, file)
        if faults:
            raise DataError(faults)
        types = {"symbol": pl.String(), **dict.fromkeys(values, pl.Float64())}
        # Casting text to text isn't free.
        numbers = full.with_columns(pl.col(name).cast(to) for name, to in types.items() if full.schema[name] != to)
        # Taken, not selected: a query would first copy columns whose pieces in memory don't match.
        return self.instants(numbers)[["symbol", "timestamp", *values, FILE, ROW]]


def _without_empty(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Leave out rows that are empty in every column."""
    if any(frame[name].null_count() == 0 for name in columns):
        return frame
    return frame.filter(~pl.all_horizontal(pl.col(columns).is_null()))


def _sides_unknown(frame: pl.DataFrame, file: InputFile) -> list[Fault]:
    """Return a fault if a trade's side is neither buy nor sell nor empty."""
    if "side" not in frame.columns:
        return []
    text = pl.col("side").cast(pl.String)
    if frame.schema["side"].is_float():
        known = pl.col("side").is_in([1.0, -1.0]) | pl.col("side").is_nan()
    else:
        known = text.str.to_lowercase().is_in(list(SIDES)) | (text == "")
    wrong = frame.filter(~known)
    if wrong.height == 0:
        return []
    was = f"{_quoted(str(wrong['side'][0]))} in {file.name}"
    write = "Write the taker's side so, leave the cell empty where it isn't known, or write columns: {side: null}."
    must = "must be buy or sell, or 1 or -1"
    return [Fault("data.columns.side", must, was, write, excerpt=excerpt(wrong, ("side",)))]


def _with_sides(frame: pl.DataFrame) -> pl.DataFrame:
    """Return trades with sides as numbers: 1 buys, -1 sells."""
    if "side" not in frame.columns or frame.schema["side"].is_float():
        return frame
    text = pl.col("side").cast(pl.String).str.to_lowercase()
    return frame.with_columns(text.replace_strict(SIDES, default=None, return_dtype=pl.Float64).alias("side"))


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
    if frame["symbol"].null_count() == 0:
        return []
    wrong = frame.filter(pl.col("symbol").is_null())
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
    whole = pl.concat(held if alike else _in_ns(held), rechunk=False)
    found = set(whole["symbol"].unique().to_list())
    faults = absent_symbols(universe, found)
    if faults:
        raise DataError(faults)
    wanted = tickers_of(universe)
    return whole if found <= set(wanted) else whole.filter(pl.col("symbol").is_in(wanted))


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
    key = re.sub(r"_[0-9]+$", "", ours)
    where = f"data.columns.{key}"
    extra = ""
    if key == "symbol":
        extra = ' Write symbol: "…" with the instrument if the files don\'t name it.'
    elif key in OPTIONAL:
        extra = f" Write columns: {{{key}: null}} if the files have no {key.replace('_', ' ')}."
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
