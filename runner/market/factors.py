"""Files of corporate-action factors, as LEAN publishes them or as one parquet for many symbols.

| file | columns |
|---|---|
| `.csv` | date (YYYYMMDD), price factor, split factor, reference price, more that aren't read; no header; one instrument |
| `.parquet` | `symbol`, `date`, `price_factor`, `split_factor`, `reference_price` |

Files may do without the reference price, which is the close of the row's date as it was traded. Prices that agree with it
only after they were adjusted are refused: they would be adjusted twice.

The price factor takes dividends out, the split factor splits; 1 means nothing happens after that row's date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError, SchemaError, ShapeError

from runner.errors import DataError, Fault
from runner.market.input_files import InputFile, find_files, read_bytes, sha256
from runner.market.suggestions import suggest

__all__ = ["REFERENCE", "Factors", "factors_faults", "read_factors"]

WHERE = "data.factors"
COLUMNS = ("symbol", "date", "price_factor", "split_factor")
REFERENCE = "reference_price"
LEAN = ("date", "price_factor", "split_factor")


@dataclass(frozen=True, slots=True)
class Factors:
    """Factors of several symbols."""

    frame: pl.DataFrame
    """`symbol`, `date`, `price_factor`, `split_factor`; positive, sorted by symbol and date, each pair once; and
    `reference_price`, null where the file has none."""
    digests: Mapping[str, str]
    """`factors/` and the file's name → SHA-256 of its bytes."""


def factors_faults(path: str, symbols: tuple[str, ...]) -> list[Fault]:
    """Return what is wrong with the path, without reading the file."""
    found = find_files(path, ())
    if len(found) != 1 or found[0].path != Path(path).expanduser():
        write = "Write the path of a .csv file in LEAN's format or of a .parquet file; relative paths start in the working"
        return [Fault(WHERE, "must lead to a file", f'"{path}"', f"{write} directory.")]
    file = Path(path).expanduser()
    if file.suffix not in {".csv", ".parquet"}:
        write = "Write a .csv file in LEAN's format, or a .parquet file with symbol, date, price_factor and split_factor."
        return [Fault(WHERE, "must be a .csv or a .parquet file", f'"{file.name}"', write)]
    if file.suffix == ".csv" and len(symbols) > 1:
        write = "Write a parquet file with a column symbol, or choose a universe of one symbol."
        return [Fault(WHERE, "must name its symbols", f"{file.name}, for {len(symbols)} symbols", write)]
    return []


def read_factors(path: str, symbols: tuple[str, ...]) -> Factors:
    """Return the factors of the symbols; the path must be free of `factors_faults`. Raises DataError."""
    file = InputFile(Path(path).name, Path(path).expanduser())
    data = read_bytes(file)
    try:
        found = _lean(data, symbols[0]) if file.path.suffix == ".csv" else _parquet(data)
    except PolarsError as error:
        reason = str(error).splitlines()[0]
        write = "Write lines of date, price factor and split factor, or a parquet file with those columns and symbol."
        raise DataError(Fault(file.name, "must be a file of factors", reason, write)) from error
    held = found.filter(pl.col("symbol").is_in(symbols)).sort("symbol", "date")
    faults = [*_value_faults(held, file), *_absent(held, symbols, found["symbol"].unique().to_list())]
    if faults:
        raise DataError(faults)
    return Factors(held, {f"factors/{file.name}": sha256(data)})


def _lean(data: bytes, symbol: str) -> pl.DataFrame:
    cells = pl.read_csv(data, has_header=False, infer_schema=False)
    if cells.width < len(LEAN):
        raise ShapeError(f"lines of {cells.width} cells")
    day, price, split, *further = cells.columns
    return cells.select(
        pl.lit(symbol).alias("symbol"),
        pl.col(day).str.to_date("%Y%m%d").alias("date"),
        pl.col(price).cast(pl.Float64).alias("price_factor"),
        pl.col(split).cast(pl.Float64).alias("split_factor"),
        (pl.col(further[0]) if further else pl.lit(None)).cast(pl.Float64, strict=False).alias(REFERENCE),
    )


def _parquet(data: bytes) -> pl.DataFrame:
    found = pl.read_parquet(data)
    reference = pl.col(REFERENCE) if REFERENCE in found.columns else pl.lit(None, dtype=pl.Float64).alias(REFERENCE)
    found = found.select(*COLUMNS, reference)
    if found.schema["date"].is_numeric():
        # Numbers would be taken for days since 1970: 20200831 is a day of the year 57277 then.
        raise SchemaError(f"dates of type {found.schema['date']}, which must be dates")
    numbers = pl.col(*COLUMNS[2:], REFERENCE).cast(pl.Float64)
    return found.select(pl.col("symbol").cast(pl.String), pl.col("date").cast(pl.Date), numbers)


def _value_faults(held: pl.DataFrame, file: InputFile) -> list[Fault]:
    wrong = held.filter(
        ~pl.all_horizontal((pl.col(name).is_finite() & (pl.col(name) > 0)).fill_null(value=False) for name in COLUMNS[2:])
    )
    twice = held.filter(pl.struct("symbol", "date").is_duplicated())
    write = "Repair the file; every date of a symbol has one row, with factors above zero."
    cases = (("factors must be above zero", wrong), ("each date of a symbol must be there once", twice))
    return [Fault(file.name, must, _first(rows), write) for must, rows in cases if rows.height]


def _absent(held: pl.DataFrame, symbols: tuple[str, ...], known: list[str]) -> list[Fault]:
    present = set(held["symbol"].unique())
    missing = [symbol for symbol in symbols if symbol not in present]
    return [Fault(WHERE, "must hold every symbol", f'none of "{symbol}"', suggest(symbol, known)) for symbol in missing]


def _first(rows: pl.DataFrame) -> str:
    symbol, day, price, split = rows.select(COLUMNS).row(0)
    return f"{symbol} {day}: {price}, {split}"
