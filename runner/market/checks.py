"""What can be wrong with bars: one function per check, and the table of them.

A check sees every row of the window as it was read, in the file's order, and returns a mask of the offending ones. Checks
don't see each other's results, so neither their order nor that of the rows decides what is counted; a row may fail several.
Adding a check is one function, one entry of `CHECKS` and one field of `runner.spec.quality.Quality`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

__all__ = ["CHECKS", "Check"]

PRICES = ("open", "high", "low", "close")
KEY = ("symbol", "known")
VALUES = (*PRICES, "volume")


@dataclass(frozen=True, slots=True)
class Check:
    """One way in which rows can be wrong."""

    name: str
    """The field of `Quality` that holds the policy."""
    must: str
    """What must hold, as a predicate."""
    write: str
    """The remedy."""
    mask: Callable[[pl.DataFrame], pl.Series]
    """Frame with `symbol`, `known` (UTC ns), prices and volume (finite or null) → Boolean series, true where rows err."""
    shown: tuple[str, ...] = PRICES
    """Columns that show what is wrong."""


def missing(frame: pl.DataFrame) -> pl.Series:
    """Mark rows with a price that is null; NaN and infinity were made null on entry. Unknown volume is not missing."""
    return frame.select(pl.any_horizontal(pl.col(PRICES).is_null())).to_series()


def unsorted(frame: pl.DataFrame) -> pl.Series:
    """Mark rows known before the row of the same symbol that stands above them."""
    backwards = (pl.col("known") < pl.col("known").shift(1)).over("symbol")
    return frame.select(backwards.fill_null(value=False)).to_series()


def duplicate(frame: pl.DataFrame) -> pl.Series:
    """Mark repetitions: the same symbol, stamp and values as a row above."""
    return frame.select(~pl.struct(*KEY, *VALUES).is_first_distinct()).to_series()


def conflict(frame: pl.DataFrame) -> pl.Series:
    """Mark all rows of a symbol and stamp that come with more than one set of values."""
    keys = frame.select(*KEY, *VALUES).unique().select(KEY)
    torn = keys.filter(pl.struct(KEY).is_duplicated()).unique().with_columns(pl.lit(value=True).alias("torn"))
    return frame.select(KEY).join(torn, on=KEY, how="left", maintain_order="left")["torn"].fill_null(value=False)


def inconsistent(frame: pl.DataFrame) -> pl.Series:
    """Mark rows whose high isn't the highest or low isn't the lowest price, or whose volume is negative."""
    too_low = pl.col("high") < pl.max_horizontal(PRICES)
    too_high = pl.col("low") > pl.min_horizontal(PRICES)
    negative = pl.col("volume") < 0
    offends = too_low.fill_null(value=False) | too_high.fill_null(value=False) | negative.fill_null(value=False)
    return frame.select(offends).to_series()


def nonpositive(frame: pl.DataFrame) -> pl.Series:
    """Mark rows with a price of zero or less."""
    return frame.select(pl.any_horizontal((pl.col(name) <= 0).fill_null(value=False) for name in PRICES)).to_series()


CHECKS = (
    Check(
        "missing",
        "every price must be a finite number",
        "Repair the source, or write quality.missing: drop to leave such rows out.",
        missing,
    ),
    Check(
        "unsorted",
        "stamps of a symbol must not go backwards",
        "Sort the source, or write quality.unsorted: sort.",
        unsorted,
        shown=(),
    ),
    Check(
        "duplicate",
        "a symbol must have one row per stamp",
        "Repair the source, or write quality.duplicate: drop to keep one of the equal rows.",
        duplicate,
    ),
    Check(
        "conflict",
        "rows of a symbol with the same stamp must not differ",
        "Repair the source, or write quality.conflict: drop to leave all of them out.",
        conflict,
        shown=VALUES,
    ),
    Check(
        "inconsistent",
        "high must be the highest price, low the lowest, and volume not negative",
        "Repair the source, or write quality.inconsistent: drop to leave such rows out, or keep to let them pass.",
        inconsistent,
        shown=VALUES,
    ),
    Check(
        "nonpositive",
        "every price must be above zero",
        "Repair the source, or write quality.nonpositive: drop to leave such rows out,"
        " or keep if the instrument's prices can be negative.",
        nonpositive,
    ),
)
"""Every check, in the order of the report."""
