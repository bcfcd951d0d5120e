"""Checks of a price against its neighbours in time: wrong unit, unadjusted split, and a price that was never there.

Moves are relative to the smaller of two prices, so that up and down are measured alike: 10 to 20 and back is 1 both ways.
Every check first asks a question that is cheap for a million rows and that good data answer with no. Of quotes and books
the middle of bid and offer is looked at, where they are near enough to each other to have one (`spread.market`).
"""

from functools import reduce
from math import log, log1p
from operator import or_

import numpy as np
import polars as pl

from runner.market.batch import BEGINS, Batch, none_of
from runner.market.lasting_steps import LEAST_SMALL, is_news, is_rescaled, lasting
from runner.market.spread import market
from runner.market.usual_moves import Codes, Floats, Marks, Rows, moves_around, moves_of_symbol

__all__ = ["RATIOS", "outlier", "split", "unit"]

RATIOS = (2.0, 3.0, 1.5, 4.0, 5.0, 7.0, 8.0, 10.0, 20.0)
"""Shares after a split for one before; reverse splits are their inverses."""
HALF_WAY = 0.5
"""Where on the way to the ratio of a split a bar must close, on a scale of ratios."""
TENFOLD = 9.0
"""Ratio of prices, the larger to the smaller, that counts as ten or more: the day has its own move."""
FIFTYFOLD = 50.0
"""Ratio that no market makes from one row to the next."""
MOST_SPLIT = 90.0
"""Ratio below which a step of ten or more may be a split, if volume is scaled alike: hundredths are another unit."""
ONE_UNIT = log(3.0)
"""Prices are in another unit if they are further apart than this, on a scale of ratios."""
LEAST_MOVE = 0.01
"""A move that is smaller, as a fraction of the price, is never an outlier."""


def unit(batch: Batch) -> pl.Series:
    """Mark prices ten times those around them or more, either way: cents for dollars, thousands, a coin for its hundredth.

    A bar whose own prices are `FIFTYFOLD` apart is marked. Of the other rows, each change by that much from one to the next
    starts a stretch in another unit, and so does a change by `TENFOLD` that two rows on either side bear out, if it is
    neither a common split nor news (`lasting_steps.is_news`). A change that lasts and scales volume alike is a split, below
    `MOST_SPLIT`. The unit in which a symbol has most rows is taken for the right one, and rows in others are marked.
    """
    price = batch.frame.select(market(batch).alias("price")).to_series()
    level = pl.lit(price)
    # Where there is no price the last one counts.
    before = pl.lit((price.fill_null(strategy="forward") if price.null_count() else price).shift(1))
    leaps = ((level > TENFOLD * before) | (level * TENFOLD < before)) & ~pl.col(BEGINS)
    # Prices of one bar that lie in their order are no further apart than its high and its low.
    high, low = pl.col("high"), pl.col("low")
    torn = low * FIFTYFOLD < high if batch.stream == "bars" else pl.lit(value=False)
    if not batch.misplaced.any() and not batch.mask(leaps | torn).any():
        return none_of(batch)
    marked = _torn(batch)
    prices = price.to_numpy()
    whole = np.flatnonzero(~marked & (prices > 0))
    if whole.size:
        marked[whole[_in_other_units(batch, prices[whole], whole)]] = True
    return pl.Series(marked)


def split(batch: Batch) -> pl.Series:
    """Mark bars at which prices step to another level, as a split has it that prices weren't adjusted for.

    Either a bar opens as a common split of the close before would have it, and closes nearer to that than to before. The
    open may be off by `split_tolerance` for 2:1, and by proportionally more for jumps that are larger on a scale of ratios,
    as 4:1 is twice of 2:1: the larger the jump, the less likely that it is a move.

    Or the price steps by any ratio below `TENFOLD` and stays there, in a session like others (`lasting_steps.lasting`):
    uncommon ratios, a split on a day with a move of its own, a spin-off, prices of another share under the same name. Below
    1.4 those are 5:4 and 4:3 alone; from `TENFOLD` on they are splits if volume is scaled alike, else another unit.
    """
    before = pl.col("close").shift(1)
    least = min(LEAST_SMALL, min(RATIOS) * (1 - batch.quality.split_tolerance))
    ratios = [pl.col(name) / before for name in ("open", "close")]
    far = batch.mask(_any(*((ratio > least) | (ratio < 1 / least) for ratio in ratios)) & ~pl.col(BEGINS))
    if not far.any():
        return far
    at = np.flatnonzero(far.to_numpy())
    common = _is_common(batch, at)
    rest = at[~common]
    close = batch.frame["close"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        is_less = np.abs(np.log(close[rest] / close[rest - 1])) < log(TENFOLD)
    marked = np.zeros(batch.frame.height, dtype=np.bool_)
    marked[at[common]] = True
    marked[lasting(batch, rest[is_less])] = True
    marked[_large_splits(batch, rest)] = True
    return pl.Series(marked)


def outlier(batch: Batch) -> pl.Series:
    """Mark rows with a price that leaves by more than `outlier_width` usual moves and comes back by at least half at once.

    A usual move is the median of the symbol's moves from row to row that aren't zero, or that of the rows around where it is
    larger: a wild hour isn't a wrong price. Of a bar the close is held against the closes around it, and the open against
    the close before and its own close. Moves of less than one per cent are none, nor is the first one of an intraday
    session: a night isn't a minute.
    """
    prices = batch.frame.select(market(batch).alias("price")).to_series()
    level = pl.lit(prices)
    left = [_moved(pl.col("open"), level), _moved(level, level)] if batch.stream == "bars" else [_moved(level, level)]
    far = batch.mask(_any(*left) & ~pl.col(BEGINS))
    if not far.any():
        return far
    price = prices.to_numpy()
    codes = batch.frame["symbol"].to_physical().to_numpy()
    at, size = _spikes(batch, price, codes, np.flatnonzero(far.to_numpy()))
    for usual in (moves_of_symbol, moves_around):
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


def _in_other_units(batch: Batch, price: Floats, whole: Rows) -> Rows:
    """Return the positions, among the whole rows, of those in another unit than most rows of their symbol.

    Args:
        batch: the rows.
        price: [K] prices of the whole rows, all above zero.
        whole: [K] the rows of the batch.
    """
    codes = batch.frame["symbol"].to_physical().to_numpy()[whole]
    begins = np.concatenate([[True], codes[1:] != codes[:-1]])
    scale = np.log(price)
    step = np.where(begins, 0.0, np.diff(scale, prepend=scale[:1]))
    at = np.flatnonzero(np.abs(step) >= log(TENFOLD))
    at = at[~np.isin(whole[at], _large_splits(batch, whole[at]))]
    sure = np.abs(step[at]) >= log(FIFTYFOLD)
    kept = sure | (_borne_out(scale, codes, at) & ~_explained(batch, whole[at]))
    leaps = np.zeros(step.size)
    leaps[at[kept]] = step[at[kept]]
    starts = np.flatnonzero(begins | (leaps != 0))
    lengths = np.diff(starts, append=step.size)
    # Where a stretch lies: the sum of its symbol's leaps so far.
    sums = np.cumsum(leaps[starts])
    first = np.maximum.accumulate(np.where(begins[starts], np.arange(starts.size), 0))
    odd = _unusual(codes[starts], sums - sums[first], lengths)
    return np.flatnonzero(np.repeat(odd, lengths))


def _unusual(codes: Codes, heights: Floats, lengths: Rows) -> Marks:
    """Return which stretches are in another unit than most rows of their symbol; of two alike, the larger unit is right."""
    order = np.lexsort((heights, codes))
    code, height = codes[order], heights[order]
    is_new = np.concatenate([[True], (code[1:] != code[:-1]) | (np.diff(height) > ONE_UNIT)])
    units = np.cumsum(is_new) - 1
    rows, owner = np.bincount(units, weights=lengths[order]), code[is_new]
    by_rows = np.lexsort((np.arange(rows.size), rows, owner))
    is_usual = np.zeros(rows.size, dtype=np.bool_)
    is_usual[by_rows[np.concatenate([owner[by_rows][1:] != owner[by_rows][:-1], [True]])]] = True
    odd = np.empty(codes.size, dtype=np.bool_)
    odd[order] = ~is_usual[units]
    return odd


def _borne_out(scale: Floats, codes: Codes, at: Rows) -> Marks:
    """Return whether the row after each leap is at its level, and the one before the last, if there is one, at the old."""
    ahead, behind = np.minimum(at + 1, scale.size - 1), np.maximum(at - 2, 0)
    step = scale[at] - scale[at - 1]
    stays = (ahead > at) & (codes[ahead] == codes[at]) & ((scale[ahead] - scale[at - 1]) / step > HALF_WAY)
    was_there = (at >= 2) & (codes[behind] == codes[at]) & ((scale[behind] - scale[at - 1]) / step > HALF_WAY)
    found: Marks = stays & ~was_there
    return found


def _explained(batch: Batch, at: Rows) -> Marks:
    """Return whether a leap of bars is a common split or news; of other streams nothing is known."""
    if batch.stream != "bars":
        return np.zeros(at.size, dtype=np.bool_)
    explained: Marks = _is_common(batch, at) | (is_news(batch, at) == 1)
    return explained


def _large_splits(batch: Batch, at: Rows) -> Rows:
    """Return those of the rows, of bars, at which a step of ten or more lasts and volume is scaled alike: 15:1, 50:1."""
    if batch.stream != "bars":
        return at[:0]
    closes = batch.frame["close"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.abs(np.log(closes[at] / closes[at - 1]))
    is_large = at[(step >= log(TENFOLD)) & (step < log(MOST_SPLIT))]
    return lasting(batch, is_large[is_rescaled(batch, is_large)])


def _is_common(batch: Batch, at: Rows) -> Marks:
    """Return whether bars open at the ratio of a common split, and close nearer to it than to the close before."""
    opens, closes = batch.frame["open"].to_numpy(), batch.frame["close"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, stays = np.log(opens[at] / closes[at - 1]), np.log(closes[at] / closes[at - 1])
    found = np.zeros(at.size, dtype=np.bool_)
    for scale in (sign * log(each) for each in RATIOS for sign in (1, -1)):
        off = log1p(batch.quality.split_tolerance) * abs(scale) / log(2)
        found |= (np.abs(ratio - scale) <= off) & (stays / scale > HALF_WAY)
    return found


def _torn(batch: Batch) -> Marks:
    """Return where a bar's own prices are that far apart; bid and offer may be, where nobody wants to trade."""
    if batch.stream != "bars":
        return np.zeros(batch.frame.height, dtype=np.bool_)
    largest, smallest = pl.max_horizontal(batch.prices), pl.min_horizontal(batch.prices)
    return batch.mask((smallest > 0) & (largest > FIFTYFOLD * smallest)).to_numpy().copy()


def _any(*offends: pl.Expr) -> pl.Expr:
    return reduce(or_, offends)
