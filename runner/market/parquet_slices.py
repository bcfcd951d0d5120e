"""Parquet files read by stretches of time, without ever holding more than one stretch.

1. `surveyed` goes through symbols and stamps once: which file spans what, which symbols there are, and what can't be read.
2. `edges` cuts the span into stretches of one length, or of about one number of rows.
3. `slice_of` reads the rows of one stretch: files outside of it aren't opened, row groups outside of it are passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from runner.duration import DAY, nanoseconds
from runner.errors import ConfigError, DataError, Fault
from runner.market.input_files import InputFile, find_files
from runner.market.lives import tickers_of
from runner.market.origin import FILE, ROW
from runner.market.sources.parquet import Parquet
from runner.market.stream_columns import levels_in
from runner.market.streams import columns_of
from runner.spec.universe import Universe

__all__ = ["PLACE", "Slices", "edges", "slice_of", "surveyed"]

PLACE = "place"
"""Column with the place of a row among all rows of all files."""
UNIT = {"ns": 1, "us": 10**3, "ms": 10**6}
"""Nanoseconds per unit of a stamp."""
BUCKETS = 65_536
"""Stretches in which rows are counted to find where a window of so many rows ends."""


@dataclass(frozen=True, slots=True)
class _Spanned:
    """One file and the stretch it spans."""

    file: InputFile
    first: int
    """Earliest stamp of the universe's rows, as the number behind it."""
    last: int
    """Latest stamp."""
    before: int
    """Rows in the files before it."""


@dataclass(frozen=True, slots=True)
class Slices:
    """Files that can be read by stretches."""

    source: Parquet
    universe: Universe
    files: tuple[_Spanned, ...]
    """Files with rows of the universe, in the order of their names."""
    stamps: pl.Date | pl.Datetime
    """Type of the stamps, alike in every file."""
    levels: int
    """Book levels per side."""
    symbols: frozenset[str]
    """Tickers of the universe that have rows."""

    @property
    def tick(self) -> int:
        """Nanoseconds by which stamps count."""
        return DAY if isinstance(self.stamps, pl.Date) else UNIT[self.stamps.time_unit]

    @property
    def span(self) -> tuple[int, int]:
        """First and last stamp, as the numbers behind them."""
        return min(each.first for each in self.files), max(each.last for each in self.files)


def surveyed(source: Parquet, universe: Universe) -> Slices:
    """Look at symbols and stamps of every file; raises DataError if they can't be read by stretches."""
    faults = source.check(universe)
    if faults:
        raise DataError(faults)
    files = find_files(source.path, source.suffixes())
    schemas = [_schema(file) for file in files]
    faults = [fault for file, schema in zip(files, schemas, strict=True) for fault in _type_faults(source, file, schema)]
    kinds = {str(schema[source.columns.timestamp]) for schema in schemas}
    if len(kinds) > 1:
        write = "Write the files again with stamps of one type, or load them whole."
        faults.append(Fault("data.columns.timestamp", "must have one type in every file", ", ".join(sorted(kinds)), write))
    if faults:
        raise DataError(faults)
    stamps = schemas[0][source.columns.timestamp]
    assert isinstance(stamps, pl.Date | pl.Datetime)  # noqa: S101 - refused above
    levels = min(_levels(source, schema) for schema in schemas)
    spanned, symbols, before = [], set[str](), 0
    for file in files:
        found = _looked_at(source, file, universe)
        symbols.update(found.symbols)
        if found.symbols:
            spanned.append(_Spanned(file, found.first, found.last, before))
        before += found.rows
    return Slices(source, universe, tuple(spanned), stamps, levels, frozenset(symbols))


def edges(slices: Slices, window: str | int) -> list[tuple[int, int]]:
    """Return half-open stretches that hold every row, ascending: of a length such as `"1d"`, or of about so many rows.

    A stretch of rows is longer than asked for only where one sixty-thousandth of the whole span already holds more.
    """
    first, last = slices.span
    if isinstance(window, str):
        step, rest = divmod(nanoseconds(window), slices.tick)
        if rest or step == 0:
            write = "Write whole days." if isinstance(slices.stamps, pl.Date) else "Write a longer window."
            raise ConfigError(Fault("window", "must be a multiple of the stamps' own unit", f'"{window}"', write))
        begin = first // step * step
        return [(start, start + step) for start in range(begin, last + 1, step)]
    width = max(1, (last - first) // BUCKETS + 1)
    counts = _histogram(slices, first, width)
    cuts, held = [first], 0
    for bucket in np.flatnonzero(counts).tolist():
        if held and held + int(counts[bucket]) > window:
            cuts.append(first + bucket * width)
            held = 0
        held += int(counts[bucket])
    return list(zip(cuts, [*cuts[1:], last + 1], strict=True))


def slice_of(slices: Slices, stretch: tuple[int, int]) -> pl.DataFrame:
    """Return the universe's rows with stamps in a half-open stretch, as `Raw.frame` has them, with their place."""
    start, end = stretch
    found = [
        _rows(slices, each, start, end)
        for each in (each for each in slices.files if each.first < end and each.last >= start)
    ]
    return pl.concat(found) if found else pl.DataFrame()


def _rows(slices: Slices, spanned: _Spanned, start: int, end: int) -> pl.DataFrame:
    source = slices.source
    stamp = pl.col(source.columns.timestamp)
    inside = (stamp >= _literal(start, slices.stamps)) & (stamp < _literal(end, slices.stamps))
    theirs = source.columns.theirs(source.stream, slices.levels)
    values = [
        (pl.lit(None, dtype=pl.Float64) if theirs[ours] is None else pl.col(str(theirs[ours])).cast(pl.Float64)).alias(ours)
        for ours in columns_of(source.stream, slices.levels)
    ]
    query = (
        _scan(spanned.file)
        .filter(inside & _symbol(source).is_in(tickers_of(slices.universe)))
        .select(
            _symbol(source).alias("symbol"),
            stamp.alias("timestamp"),
            *values,
            pl.lit(spanned.file.name, dtype=pl.Categorical).alias(FILE),
            pl.col(ROW).cast(pl.UInt32),
            (pl.col(ROW).cast(pl.Int64) + spanned.before).alias(PLACE),
        )
    )
    return _collected(query, spanned.file)


def _scan(file: InputFile) -> pl.LazyFrame:
    return pl.scan_parquet(file.path, glob=False, hive_partitioning=False, row_index_name=ROW, row_index_offset=1)


def _symbol(source: Parquet) -> pl.Expr:
    if source.symbol is not None or source.columns.symbol is None:
        return pl.lit(source.symbol, dtype=pl.String)
    return pl.col(source.columns.symbol).cast(pl.String)


def _literal(number: int, dtype: pl.Date | pl.Datetime) -> pl.Expr:
    return pl.lit(number, dtype=pl.Int32 if isinstance(dtype, pl.Date) else pl.Int64).cast(dtype)


def _collected(query: pl.LazyFrame, file: InputFile) -> pl.DataFrame:
    try:
        return query.collect(engine="streaming")
    except (PolarsError, OSError) as error:
        write = "Check that it is complete and that nobody writes to it."
        raise DataError(Fault(file.name, "must be a file that can be read", str(error).splitlines()[0], write)) from error


def _schema(file: InputFile) -> pl.Schema:
    with file.path.open("rb") as stream:  # polars would take a path with brackets for a glob
        return pl.Schema(pl.read_parquet_schema(stream))


def _levels(source: Parquet, schema: pl.Schema) -> int:
    if source.stream != "depth":
        return 0
    return source.levels or levels_in(source.columns, list(schema))


def _type_faults(source: Parquet, file: InputFile, schema: pl.Schema) -> list[Fault]:
    """Return columns that would have to be parsed: reading by stretches takes numbers, text and times as they are."""
    levels = _levels(source, schema)
    theirs = source.columns.theirs(source.stream, levels)
    write = "Write the files again with that type, or load them whole."
    faults = [
        Fault(f"data.columns.{ours}", f"must be a column of numbers in {file.name}", str(schema[name]), write)
        for ours in columns_of(source.stream, levels)
        if (name := theirs[ours]) is not None and not schema[name].is_numeric()
    ]
    name = source.columns.symbol
    if source.symbol is None and name is not None and not isinstance(schema[name], pl.String | pl.Categorical | pl.Enum):
        faults.append(Fault("data.columns.symbol", f"must be a column of text in {file.name}", str(schema[name]), write))
    stamps = schema[source.columns.timestamp]
    if not isinstance(stamps, pl.Date | pl.Datetime):
        must = f"must be a column of dates or datetimes in {file.name}"
        faults.append(Fault("data.columns.timestamp", must, str(stamps), write))
    return faults


@dataclass(frozen=True, slots=True)
class _Look:
    rows: int
    symbols: Sequence[str]
    first: int
    last: int


def _looked_at(source: Parquet, file: InputFile, universe: Universe) -> _Look:
    stamp = pl.col(source.columns.timestamp)
    query = (
        _scan(file)
        .select(_symbol(source).alias("symbol"), stamp.alias("stamp"))
        .group_by("symbol")
        .agg(
            pl.len().alias("rows"),
            pl.col("stamp").null_count().alias("empty"),
            pl.col("stamp").min().alias("first"),
            pl.col("stamp").max().alias("last"),
        )
    )
    found = _collected(query, file)
    if found["empty"].sum() or found["symbol"].null_count():
        write = "Repair the rows or leave them out of the file; they belong to no stretch of time."
        raise DataError(Fault(file.name, "must have a stamp and a symbol in every row", "an empty cell", write))
    ours = found.filter(pl.col("symbol").is_in(tickers_of(universe)))
    first, last_stamp = ours["first"].to_physical().min(), ours["last"].to_physical().max()
    return _Look(int(found["rows"].sum()), ours["symbol"].to_list(), _number(first), _number(last_stamp))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _histogram(slices: Slices, first: int, width: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return how many of the universe's rows each stretch of `width` holds."""
    counts = np.zeros(BUCKETS + 1, np.int64)
    for each in slices.files:
        bucket = (pl.col(slices.source.columns.timestamp).to_physical().cast(pl.Int64) - first) // width
        query = (
            _scan(each.file)
            .filter(_symbol(slices.source).is_in(tickers_of(slices.universe)))
            .group_by(bucket.alias("bucket"))
            .len()
        )
        found = _collected(query, each.file)
        counts[found["bucket"].to_numpy()] += found["len"].to_numpy()
    return counts
