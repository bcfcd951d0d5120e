"""The stretch of time a stamp can name, and the unit mistakes that fall outside it.

Times lie in 1970 to 2100, dates in 1800 to 2100: nobody counts dates in the wrong unit, and prices are older than epochs.

Epoch numbers read in the wrong unit still look like times. Too coarse a unit throws them thousands of years ahead; too fine
a unit squeezes decades into the first weeks of 1970, which is why data that lie there entirely are refused as well, and
data of which some rows lie there and the next ones years later: two units in one column.
"""

from datetime import date

import polars as pl

from runner.errors import Fault
from runner.market.origin import excerpt

__all__ = ["span_faults"]

FIRST_YEAR, LAST_YEAR = 1970, 2100
FIRST_YEAR_OF_DATES = 1800
SQUEEZED_BEFORE = date(1970, 3, 1)
"""Milliseconds of any date up to 2100, read as microseconds, end before this day; finer mistakes end earlier."""
NEXT_BY = date(1971, 3, 1)
"""Data that really begin in the first weeks of 1970 go on before this day."""
UNITS = "Times in the wrong unit land there: check whether the source counts s, ms, us or ns since 1970"


def span_faults(frame: pl.DataFrame) -> list[Fault]:
    """Return a fault if stamps of `frame`, dates or datetimes in UTC or naive, can't be meant."""
    first = FIRST_YEAR_OF_DATES if isinstance(frame.schema["timestamp"], pl.Date) else FIRST_YEAR
    # The first and the last stamp answer for all; rows are only looked for where there is something to show.
    edges = frame.select(pl.col("timestamp").min().alias("first"), pl.col("timestamp").max().alias("last"))
    if all(year is not None and FIRST_YEAR <= year <= LAST_YEAR for year in edges.select(pl.all().dt.year()).row(0)):
        return _squeezed(frame, edges)
    year = pl.col("timestamp").dt.year()
    # A number too large for a year at all has a null year although the stamp isn't null.
    outside = frame.filter(pl.col("timestamp").is_not_null() & ~year.is_between(first, LAST_YEAR).fill_null(value=False))
    if outside.height:
        was = f"{outside.height} stamp{'s' if outside.height > 1 else ''} outside"
        write = f"{UNITS}; leave rows before {first} out of the file."
        return [Fault("data", f"stamps must lie in {first} to {LAST_YEAR}", was, write, excerpt=excerpt(outside))]
    return []


def _squeezed(frame: pl.DataFrame, edges: pl.DataFrame) -> list[Fault]:
    """Return a fault if all stamps lie where epochs in the wrong unit land, or some and none in the year after."""
    stamps = frame["timestamp"]
    first, last = edges.select(pl.all().dt.date()).row(0)
    if not isinstance(stamps.dtype, pl.Datetime) or first >= SQUEEZED_BEFORE:
        return []
    if last < SQUEEZED_BEFORE:
        was = "nothing after February 1970"
        return [
            Fault("data", "stamps must not all lie in the first weeks of 1970", was, f"{UNITS}.", excerpt=excerpt(frame))
        ]
    day = stamps.dt.date()
    if day.is_between(SQUEEZED_BEFORE, NEXT_BY, closed="left").any():
        return []
    odd = frame.filter(day < SQUEEZED_BEFORE)
    was = f"{odd.height} of {frame.height} in the first weeks of 1970 and none in the year after"
    write = f"{UNITS}; write all of them in one."
    return [Fault("data", "stamps must all count in the same unit", was, write, excerpt=excerpt(odd))]
