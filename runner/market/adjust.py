"""Corporate actions on bars: splits and dividends taken out of the prices, the prices that were traded kept beside them.

| adjust | price | volume |
|---|---|---|
| none | as traded | as traded |
| total | price × adjusted close / close of the same bar | as traded |
| factors | price × price factor × split factor of the session date | volume / split factor |

One factor for all four prices of a bar: rounding then keeps their order, so a high stays the highest. The traded prices
stay in `raw_open`, `raw_high`, `raw_low` and `raw_close`. An adjusted close that isn't known makes the prices unknown, and
the quality gate judges that.

Where the file of factors says at which price a date closed, `_adjusted_already` holds the prices against it: they must be
those that were traded.

A row of factors holds for the session dates up to and including its own, and after the row before it.
"""

from dataclasses import replace
from typing import Literal

import polars as pl

from runner.errors import DataError, Fault
from runner.market.factors import REFERENCE, factors_faults
from runner.market.origin import excerpt
from runner.market.streams import Stream, price_columns
from runner.market.timezone import policy_faults
from runner.spec.timezone import Timezone

__all__ = ["ADJUSTED_CLOSE", "Adjust", "adjust_faults", "adjust_note", "by_adjusted_close", "by_factors"]

Adjust = Literal["none", "total", "factors"]
"""How corporate actions are taken out of bars."""

ADJUSTED_CLOSE = "adjusted_close"
"""Column of closing prices after splits and dividends, beside the columns of a bar."""

DECISIVE = 0.01
"""How far from one, as a logarithm, a factor must be to tell traded prices from adjusted ones."""
MOST = 0.5
PRICES = price_columns("bars")
NOTES: dict[Adjust, str] = {
    "none": "prices are as traded: splits and dividends show as jumps",
    "total": "prices were multiplied by adjusted close / close (splits and dividends); volume is as traded",
    "factors": "prices were multiplied by price factor × split factor of their session date, volume divided by split factor",
}


def adjust_note(adjust: Adjust) -> str:
    """Return what was done to prices, in plain words, for `quality.json`."""
    return NOTES[adjust]


def adjust_faults(
    adjust: Adjust,
    stream: Stream,
    symbols: tuple[str, ...],
    *,
    adjusted_close: str | None,
    factors: str | None,
    zone: str | None = None,
) -> list[Fault]:
    """Return what is wrong with the parameters of adjusting, and with the path of the factors.

    Args:
        adjust: what is asked for.
        stream: what a row is.
        symbols: the tickers that are read.
        adjusted_close: the files' column of adjusted closes.
        factors: path of the file of factors.
        zone: where session dates are counted.
    """
    return [*_zone_faults(adjust, zone), *_method_faults(adjust, stream, symbols, adjusted_close, factors)]


def _zone_faults(adjust: Adjust, zone: str | None) -> list[Fault]:
    where = "data.factors_zone"
    if zone is None:
        return []
    if adjust != "factors":
        return [Fault(where, "must be null unless adjust is factors", f'"{zone}"', "Write factors_zone: null.")]
    return [replace(fault, where=where) for fault in policy_faults(Timezone(zone=zone, stamp="event"))]


def _method_faults(
    adjust: Adjust, stream: Stream, symbols: tuple[str, ...], adjusted_close: str | None, factors: str | None
) -> list[Fault]:
    if factors is not None and adjust != "factors":
        return [Fault("data.factors", "must be null unless adjust is factors", f'"{factors}"', "Write adjust: factors.")]
    if adjust == "none":
        return []
    if stream != "bars":
        write = "Write adjust: none; orders fill at the prices of quotes, trades and books as they were."
        return [Fault("data.adjust", "must be none for every stream but bars", adjust, write)]
    if adjust == "total" and adjusted_close is None:
        write = 'Write the name of the column, e.g. columns: {adjusted_close: "Adj Close"}, or adjust: none.'
        return [Fault("data.columns.adjusted_close", "must be set with adjust: total", "null", write)]
    if adjust == "factors" and factors is None:
        write = "Write the path of a .csv file in LEAN's format or of a .parquet file, or adjust: none."
        return [Fault("data.factors", "must be set with adjust: factors", "null", write)]
    return factors_faults(factors, symbols) if factors is not None else []


def by_adjusted_close(bars: pl.DataFrame) -> pl.DataFrame:
    """Return bars whose prices were multiplied by `adjusted_close` / `close`, with `raw_*` and without `adjusted_close`."""
    factor = pl.col(ADJUSTED_CLOSE) / pl.col("close")
    return _with_raw(bars, factor).drop(ADJUSTED_CLOSE)


def by_factors(bars: pl.DataFrame, factors: pl.DataFrame, *, zone: str | None = None) -> pl.DataFrame:
    """Return bars whose prices and volumes were adjusted by the factors of their session date, with `raw_*`.

    Args:
        bars: rows with `symbol`, `timestamp`, the columns of a bar, `file` and `row`.
        factors: `symbol`, `date`, `price_factor`, `split_factor` and `reference_price`, ascending in date within a symbol
            (`read_factors`).
        zone: where session dates are counted; needed if stamps are instants and not dates or wall-clock times.

    Raises DataError if rows have no session date or no factor, or if the prices are adjusted already.
    """
    dated = bars.with_columns(_session_dates(bars, zone).alias("date"))
    # Stamps may be empty, which is for the clock to say; such rows keep their place and are adjusted by nothing.
    ordered = dated.with_row_index("order").sort("date", nulls_last=True)
    found = ordered.join_asof(factors.sort("date"), on="date", by="symbol", strategy="forward", check_sortedness=False)
    held = found.sort("order").drop("order")
    beyond = held.filter(pl.col("date").is_not_null() & pl.col("price_factor").is_null())
    if beyond.height:
        write = "Write a file of factors that reaches to the last session; its last row may lie in the future."
        must = "must have a factor for every symbol and session date"
        raise DataError(Fault("data.factors", must, f"none for {beyond.height} rows", write, excerpt=excerpt(beyond)))
    twice = _adjusted_already(held, factors)
    if twice.height:
        write = "Write data.adjust: none for them, or read the prices as they were traded."
        must = "prices must not be adjusted already: their closes are the file's reference prices times its factors"
        raise DataError(Fault("data.adjust", must, "factors", write, excerpt=excerpt(twice)))
    held = held.drop(REFERENCE)
    priced = _with_raw(held, pl.col("price_factor") * pl.col("split_factor"))
    return priced.with_columns(pl.col("volume") / pl.col("split_factor")).drop("date", "price_factor", "split_factor")


def _adjusted_already(held: pl.DataFrame, factors: pl.DataFrame) -> pl.DataFrame:
    """Return the last bars of dates with a reference price, of symbols of which most such closes are it times its factors.

    A close is taken for adjusted where it is nearer to the adjusted reference price than to the reference price itself;
    factors within a hundredth of one decide nothing.
    """
    factor = pl.col("price_factor") * pl.col("split_factor")
    dates = factors.select("symbol", "date")
    told = held.join(dates, on=["symbol", "date"], how="semi", maintain_order="left").filter(
        (pl.col(REFERENCE) > 0) & (pl.col("close") > 0) & (factor.log().abs() > DECISIVE)
    )
    last = told.unique(["symbol", "date"], keep="last", maintain_order=True)
    away = (pl.col("close") / pl.col(REFERENCE)).log()
    is_adjusted = (away - factor.log()).abs() < away.abs()
    return last.filter((is_adjusted.mean().over("symbol") > MOST) & is_adjusted)


def _with_raw(bars: pl.DataFrame, factor: pl.Expr) -> pl.DataFrame:
    raw = [pl.col(name).alias(f"raw_{name}") for name in PRICES]
    return bars.with_columns(*((pl.col(name) * factor).alias(name) for name in PRICES), *raw)


def _session_dates(bars: pl.DataFrame, zone: str | None) -> pl.Series:
    """Return the date on the exchange's wall clock: what dates and naive stamps name already."""
    stamps = bars["timestamp"]
    dtype = stamps.dtype
    if isinstance(dtype, pl.Date):
        return stamps
    if not isinstance(dtype, pl.Datetime) or dtype.time_zone is None:
        return stamps.dt.date()
    if zone is None:
        write = 'Write the zone of the exchange, e.g. factors_zone: "America/New_York".'
        must = "must say where session dates are counted, as the stamps are instants"
        raise DataError(Fault("data.factors_zone", must, "null", write, excerpt=excerpt(bars)))
    return stamps.dt.convert_time_zone(zone).dt.date()
