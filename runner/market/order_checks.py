"""Checks of the order of rows in time: backwards, twice, too early, unchanging, and after a long silence."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from runner.market.batch import BEGINS, FORMING, UNSORTED, Batch, none_of

__all__ = ["conflict", "duplicate", "duplicate_equal", "forming", "reuse", "stale", "unsorted"]

ANOTHER_LEVEL = 0.1
"""A price that differs by more than this fraction of the smaller one is another level."""
SESSIONS_CROSSED = 2
"""Beginnings of sessions in a stretch that holds a whole session."""
SAME_STAMP = (pl.col("known") == pl.col("known").shift(1)) & ~pl.col(BEGINS)


def unsorted(batch: Batch) -> pl.Series:
    """Mark rows known before the row of the same symbol that stood above them."""
    return batch.frame[UNSORTED]


def duplicate(batch: Batch) -> pl.Series:
    """Mark repetitions: the same symbol, stamp and values as a row above."""
    return _among_equal_stamps(batch, ~pl.struct("symbol", "known", *batch.values).is_first_distinct())


def duplicate_equal(batch: Batch) -> pl.Series:
    """Mark trades with the symbol, stamp, price, size and side of one above; quotes and books equal to the row above.

    A quote may come back to what it was within an instant: only the next one, which changes nothing, is there twice.
    """
    again = batch.mask(SAME_STAMP)
    if not again.any():
        return again
    if batch.stream != "trades":
        return again & batch.mask(pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in batch.values))
    shared = np.flatnonzero((again | again.shift(-1, fill_value=False)).to_numpy())
    rows = batch.frame[["symbol", "known", *batch.values]][shared]
    # Numbers that stand for rows are compared first, and only those that come twice are looked at as rows: that is cheaper.
    number = rows.hash_rows().to_numpy()
    ordered = np.sort(number)
    twins = np.flatnonzero(np.isin(number, ordered[1:][ordered[1:] == ordered[:-1]]))
    found = np.zeros(batch.frame.height, dtype=np.bool_)
    if twins.size:
        is_first = rows[twins].select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
        found[shared[twins[~is_first]]] = True
    return pl.Series(found)


def conflict(batch: Batch) -> pl.Series:
    """Mark all rows of a symbol and stamp that come with more than one set of values."""
    return _among_equal_stamps(batch, pl.struct(batch.values).n_unique().over("symbol", "known") > 1)


def forming(batch: Batch) -> pl.Series:
    """Mark bars known later than the source was read."""
    return batch.mask(pl.col(FORMING)) if FORMING in batch.frame.columns else none_of(batch)


def stale(batch: Batch) -> pl.Series:
    """Mark rows in which nothing changed, where more than `stale_rows` follow each other.

    Of quotes, trades and books those as well whose best prices didn't change, where more than `stale_rows` follow each other
    and a whole session lies among them: the trades of a calm hour may all be at one price, those of a day aren't.
    """
    rows = batch.quality.stale_rows
    if batch.stream == "bars":
        return _unchanged(batch, batch.values, rows)
    still = _unchanged(batch, batch.prices, rows)
    if not still.any():
        return still
    return _unchanged(batch, batch.values, rows) | _through_sessions(batch, still)


def _unchanged(batch: Batch, names: Sequence[str], rows: int) -> pl.Series:
    """Mark rows in which the named columns are those of the row above, where more than `rows` follow each other."""
    # More than that many unchanged rows in a row hold two of every so-many-th rows, which are then equal.
    some = batch.frame.select(pl.col(names).gather_every(max(rows // 2, 1)))
    if not some.select(pl.all_horizontal(pl.all().eq_missing(pl.all().shift(1))).slice(1).any()).item():
        return none_of(batch)
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in names)
    return _stretches(batch.mask(same & ~pl.col(BEGINS)), rows)


def reuse(batch: Batch) -> pl.Series:
    """Mark the first row after a hole of more than `reuse_sessions` weekdays with another price level behind it."""
    most = batch.quality.reuse_sessions
    before, day = pl.col("session").shift(1), pl.col("session").to_physical()
    long = batch.mask((day - day.shift(1) > most) & ~pl.col(BEGINS))
    if not long.any():
        return long
    level, level_before = batch.level, batch.level.shift(1)
    moved = (level - level_before).abs() > ANOTHER_LEVEL * pl.min_horizontal(level.abs(), level_before.abs())
    weekdays = pl.business_day_count(before, "session") - 1
    return long & batch.mask((weekdays > most) & moved)


def _among_equal_stamps(batch: Batch, expression: pl.Expr) -> pl.Series:
    """Evaluate an expression over the rows that share symbol and stamp with another row, which good data have none of."""
    again = batch.mask(SAME_STAMP)
    if not again.any():
        return again
    shared = again | again.shift(-1, fill_value=False)
    found = np.zeros(batch.frame.height, dtype=np.bool_)
    found[shared.to_numpy()] = batch.frame.filter(shared).select(expression).to_series().to_numpy()
    return pl.Series(found)


def _through_sessions(batch: Batch, still: pl.Series) -> pl.Series:
    """Return the mask without those stretches that no whole session lies in; the row above each is where it begins."""
    day = batch.frame["session"].to_physical().to_numpy()
    days = np.cumsum(np.concatenate([[False], day[1:] != day[:-1]]))
    runs = still.rle().struct.unnest()
    ends = np.cumsum(runs["len"].to_numpy()).astype(np.int64)
    starts = np.maximum(ends - runs["len"].to_numpy(), 1)
    long = runs["value"].to_numpy() & (days[ends - 1] - days[starts - 1] >= SESSIONS_CROSSED)
    return pl.Series(np.repeat(long, runs["len"].to_numpy()))


def _stretches(mask: pl.Series, rows: int) -> pl.Series:
    """Return the mask without its stretches of `rows` true values or fewer."""
    lengths = mask.rle().struct.unnest()
    long = lengths["value"] & (lengths["len"] > rows)
    return pl.Series(np.repeat(long.to_numpy(), lengths["len"].to_numpy()))
