"""Real daily bars of five US stocks, 2000 to 2013, from the package `bokeh_sampledata`: no account, no network."""

import gzip
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import polars as pl

from runner.errors import DataError, Fault
from runner.market.adjust import ADJUSTED_CLOSE, adjust_note, by_adjusted_close
from runner.market.input_files import InputFile, read_bytes, sha256
from runner.market.lives import tickers_of
from runner.market.offers import Offer, offer
from runner.market.origin import FILE, ROW, with_origin
from runner.market.source import Raw
from runner.market.streams import Stream
from runner.market.symbols import absent_symbols
from runner.market.tape import BAR_COLUMNS
from runner.spec.kind import Kind
from runner.spec.universe import Universe

__all__ = ["Sample"]

SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
COLUMNS = {
    "Ticker": pl.String,
    "Date": pl.Date,
    "Open": pl.Float64,
    "High": pl.Float64,
    "Low": pl.Float64,
    "Close": pl.Float64,
    "Volume": pl.Float64,
    "Adj Close": pl.Float64,
}
"""The file's columns; prices in US dollars as they were traded, `Adj Close` after splits and dividends."""


class Sample(Kind):
    """Daily bars of AAPL, FB, GOOG, IBM and MSFT, stamped with the session date."""

    kind: Literal["sample"] = "sample"
    """The sample data."""
    adjust: Literal["none", "total"] = "total"
    """`total`: price × adjusted close / close, so that neither splits nor dividends look like moves; `none`: as traded."""

    def check(self, universe: Universe) -> list[Fault]:
        """Return a fault if the package isn't installed, and one for each symbol it doesn't have."""
        missing = [] if _file() is not None else [_not_installed()]
        return [*missing, *absent_symbols(universe, SYMBOLS)]

    def offers(self, universe: Universe) -> Mapping[Stream, Offer]:  # noqa: ARG002 - every symbol has the same
        """Return bars, with the traded prices beside adjusted ones."""
        return {"bars": offer("bars", is_adjusted=self.adjust == "total")}

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Read the universe's bars; raises DataError."""
        faults = self.check(universe)
        file = _file()
        if faults or file is None:
            raise DataError(faults)
        data = read_bytes(file)
        frame = with_origin(_parsed(file, data), file.name).filter(pl.col("Ticker").is_in(tickers_of(universe)))
        bars = frame.select(
            pl.col("Ticker").alias("symbol"),
            pl.col("Date").alias("timestamp"),
            *(pl.col(name.title()).alias(name) for name in BAR_COLUMNS),
            pl.col("Adj Close").alias(ADJUSTED_CLOSE),
            FILE,
            ROW,
        )
        bars = by_adjusted_close(bars) if self.adjust == "total" else bars.drop(ADJUSTED_CLOSE)
        return (Raw(bars, {file.name: sha256(data)}, notes=(adjust_note(self.adjust),), unadjusted=self.adjust == "none"),)


def _file() -> InputFile | None:
    """Find the package's file without importing it: its `stocks` module would import pandas."""
    spec = find_spec("bokeh_sampledata")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = Path(folder) / "_data" / "stocks.csv.gz"
        if path.is_file():
            return InputFile(path.name, path)
    return None


def _parsed(file: InputFile, data: bytes) -> pl.DataFrame:
    try:
        return pl.read_csv(gzip.decompress(data), schema=COLUMNS)
    except (pl.exceptions.PolarsError, OSError, EOFError) as error:
        reason = str(error).splitlines()[0]
        write = "Install the package again: pip install --force-reinstall bokeh-sampledata."
        raise DataError(Fault(file.name, "must be the file the package was published with", reason, write)) from error


def _not_installed() -> Fault:
    write = 'Install it with: pip install "runner[sample]"'
    return Fault("data.kind", "sample needs the package bokeh-sampledata", "not installed", write)
