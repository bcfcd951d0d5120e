"""The sample prices, read straight from the file that the `bokeh-sampledata` package ships, without Runner's market room."""

import csv
import gzip
from datetime import date
from functools import cache
from importlib.resources import files

from tests.oracle.outcome import Bar

SYMBOLS = ("AAPL", "IBM", "MSFT", "GOOG", "FB")


def sample_bars(symbols, adjust):
    """Return the bars of the symbols; `adjust` is `none` (as traded) or `total` (splits and dividends folded in)."""
    return {symbol: _bars(symbol, adjust) for symbol in symbols}


@cache
def _rows():
    packed = (files("bokeh_sampledata") / "_data" / "stocks.csv.gz").read_bytes()
    return tuple(csv.DictReader(gzip.decompress(packed).decode().splitlines()))


@cache
def _bars(symbol, adjust):
    return tuple(_bar(row, adjust) for row in _rows() if row["Ticker"] == symbol)


def _bar(row, adjust):
    factor = {"none": 1.0, "total": float(row["Adj Close"]) / float(row["Close"])}[adjust]
    prices = (float(row[column]) * factor for column in ("Open", "High", "Low", "Close"))
    return Bar(date.fromisoformat(row["Date"]), *prices)
