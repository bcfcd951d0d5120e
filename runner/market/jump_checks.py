"""Checks of a price against its neighbours in time: wrong unit, unadjusted split, and a price that was never there.

Moves are relative to the smaller of two prices, so that up and down are measured alike: 10 to 20 and back is 1 both ways.
Every check first asks a question that is cheap for a million rows and that good data answer with no.
"""

from functools import reduce
from math import log, log1p, log2
from operator import or_
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.market.batch import BEGINS, Batch, none_of

__all__ = ["RATIOS", "outlier", "split", "unit"]

Floats = NDArray[np.float64]
Codes = NDArray[np.integer[Any]]
Rows = NDArray[np.intp]

RATIOS = (2.0, 3.0, 1.5, 4.0, 5.0, 7.0, 8.0, 10.0, 20.0)
"""Shares after a split for one before; reverse splits are their inverses."""
HUNDREDFOLD = (50.0, 200.0)
"""Ratios of prices that count as about 100."""
HALF_WAY = 0.5
"""Where on the way to the ratio of a split a bar must close, on a scale of ratios."""
LEAST_MOVE = 0.01
"""A move that is smaller, as a fraction of the price, is never an outlier."""
AROUND = 50
"""Rows on either side of a row that are around it."""
ENOUGH = 20
"""Moves a symbol must make before one of them can be unusual."""
CANDIDATES = 4_096
"""Possible outliers looked at together: their surroundings are a hundred numbers each."""


def unit(batch: Batch) -> pl.Series:
    """Mark prices about 100 times those around them.

    A bar whose own prices differ so is marked. Of the other rows, each change by about 100 from one to the next starts a
    stretch in another unit; the unit in which a symbol has most rows is taken for the right one, and rows in others are
    marked.
    """
    level = batch.level
    leaps = _hundredfold(level, level.shift(1)) & ~pl.col(BEGINS)
    # Prices of one bar that lie in their order are no further apart than its high and its low.
    torn = _hundredfold(pl.col("high"), pl.col("low")) if batch.stream == "bars" else pl.lit(value=False)
    if not batch.misplaced.any() and not batch.mask(leaps | torn).any():
        return none_of(batch)
    rows = batch.frame.select("symbol", level.alias("level"), _torn_expression(batch).alias("torn")).with_row_index("at")
    whole = rows.filter(~pl.col("torn").fill_null(value=False) & (pl.col("level") > 0))
    ratio = (pl.col("level") / pl.col("level").shift(1)).over("symbol")
    step = ratio.is_between(*HUNDREDFOLD).cast(pl.Int32) - (1 / ratio).is_between(*HUNDREDFOLD).cast(pl.Int32)
    stretches = whole.with_columns(step.fill_null(0).cum_sum().over("symbol").alias("unit"))
    usual = stretches.group_by("symbol", "unit").len().sort("symbol", "len", "unit").group_by("symbol", maintain_order=True)
    odd = stretches.join(usual.last().select("symbol", pl.col("unit").alias("usual")), on="symbol").filter(
        pl.col("unit") != pl.col("usual")
    )
    marked = rows["torn"].fill_null(value=False).to_numpy().copy()
    marked[odd["at"].to_numpy()] = True
    return pl.Series(marked)


def split(batch: Batch) -> pl.Series:
    """Mark bars that open as a common split of the close before would have it, and close nearer to that than to before.

    An open may be off by `split_tolerance` for 2:1, and by proportionally more for jumps that are larger on a scale of
    ratios, as 4:1 is twice of 2:1: the larger the jump, the less likely that it is a move.
    """
    before = pl.col("close").shift(1)
    ratio, stays = pl.col("open") / before, pl.col("close") / before
    least, tolerance = min(RATIOS), batch.quality.split_tolerance
    far = batch.mask(((ratio > least * (1 - tolerance)) | (ratio < (1 + tolerance) / least)) & ~pl.col(BEGINS))
    if not far.any():
        return far
    near = [
        ((ratio / factor).log().abs() <= log1p(tolerance) * abs(log2(factor))) & ((stays.log() / log(factor)) > HALF_WAY)
        for each in RATIOS
        for factor in (each, 1 / each)
    ]
    return far & batch.mask(_any(*near))


def outlier(batch: Batch) -> pl.Series:
    """Mark rows with a price that leaves by more than `outlier_width` usual moves and comes back by at least half at once.

    A usual move is the median of the symbol's moves from row to row that aren't zero, or that of the rows around where it is
    larger: a wild hour isn't a wrong price. Of a bar the close is held against the closes around it, and the open against
    the close before and its own close. Moves of less than one per cent are none, nor is the first one of an intraday
    session: a night isn't a minute.
    """
    level = batch.level
    left = [_moved(pl.col("open"), level), _moved(level, level)] if batch.stream == "bars" else [_moved(level, level)]
    far = batch.mask(_any(*left) & ~pl.col(BEGINS))
    if not far.any():
        return far
    price = batch.frame.select(level.alias("price")).to_series().to_numpy()
    codes = batch.frame["symbol"].to_physical().to_numpy()
    at, size = _spikes(batch, price, codes, np.flatnonzero(far.to_numpy()))
    for usual in (_median_moves, _moves_around):
        is_wide = size > batch.quality.outlier_width * usual(price, codes, at)
        at, size = at[is_wide], size[is_wide]
    marked = np.zeros(price.size, dtype=np.bool_)
    marked[at] = True
    return pl.Series(marked)


def _moved(price: pl.Expr, level: pl.Expr) -> pl.Expr:
    """Say whether a price is at least the least move away from the level before; slightly more rows pass than do move so."""
    before = level.shift(1)
    return (price - before).abs() > LEAST_MOVE / (1 + LEAST_MOVE) * before.abs()


def _spikes(batch: Batch, price: Floats, codes: Codes, at: Rows) -> tuple[Rows, Floats]:
    """Return those of the rows at which a price leaves and comes back, and how far it left."""
    following = np.minimum(at + 1, price.size - 1)
    after = np.where((following > at) & (codes[following] == codes[at]), price[following], np.nan)
    size = _spike(price[at - 1], price[at], after)
    if batch.stream == "bars":
        size = np.maximum(size, _spike(price[at - 1], batch.frame["open"].gather(at).to_numpy(), price[at]))
    session = batch.frame["session"].to_physical().to_numpy()
    second = np.maximum(at - 2, 0)
    is_intraday = (at >= 2) & (codes[second] == codes[at]) & (session[second] == session[at - 1])
    size[is_intraday & (session[at] != session[at - 1])] = 0
    return at[size > 0], size[size > 0]


def _spike(before: Floats, price: Floats, after: Floats) -> Floats:
    """Return how far a price left, relative to the smaller price, and 0 where it stayed there or only moved a little."""
    there, back = price - before, after - price
    returns = (there * back < 0) & (np.abs(back) * 2 >= np.abs(there))
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.abs(there) / np.minimum(np.abs(price), np.abs(before))
    return np.where(returns & (size > LEAST_MOVE), size, 0.0)


def _moves(price: Floats) -> Floats:
    """Return the relative move to each price from the one before, NaN where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.abs(price[1:] / price[:-1] - 1)
    return np.where(moves > 0, moves, np.nan)


def _median_moves(price: Floats, codes: Codes, at: Rows) -> Floats:
    """Return for each row the median of its symbol's moves, infinity where they are too few to be usual."""
    medians = np.full(int(codes.max()) + 1, np.inf)
    for code in np.unique(codes[at]):
        first, last = np.searchsorted(codes, [code, code + 1])
        moves = _moves(price[first:last])
        if np.count_nonzero(moves > 0) >= ENOUGH:
            medians[code] = np.nanmedian(moves)
    found: Floats = medians[codes[at]]
    return found


def _moves_around(price: Floats, codes: Codes, at: Rows) -> Floats:
    """Return for each row the median of the moves around it, its own two left out, 0 where nothing else moves."""
    found = np.zeros(at.size)
    offsets = np.arange(-AROUND - 1, AROUND + 2)
    own = np.isin(offsets[1:], (0, 1))
    for first in range(0, at.size, CANDIDATES):
        some = at[first : first + CANDIDATES, None]
        rows = np.clip(some + offsets, 0, price.size - 1)
        same = (rows == some + offsets) & (codes[rows] == codes[some])
        nearby = np.where(same, price[rows], np.nan)
        moves = np.where(own, np.nan, _moves(nearby.T).T)
        moving = ~np.isnan(moves).all(axis=1)
        found[first : first + CANDIDATES][moving] = np.nanmedian(moves[moving], axis=1)
    return found


def _torn_expression(batch: Batch) -> pl.Expr:
    """Say whether a bar's own prices are that far apart; bid and offer may be, where nobody wants to trade."""
    if batch.stream != "bars":
        return pl.lit(value=False)
    largest, smallest = pl.max_horizontal(batch.prices), pl.min_horizontal(batch.prices)
    return (smallest > 0) & (largest > HUNDREDFOLD[0] * smallest)


def _hundredfold(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Say whether two prices are more than about 100 times apart, without dividing."""
    return (one > HUNDREDFOLD[0] * other) | (one * HUNDREDFOLD[0] < other)


def _any(*offends: pl.Expr) -> pl.Expr:
    return reduce(or_, offends)
