"""Trades, quotes and books whose prices step to another level and stay there: a split, or another instrument's rows.

Of bars volume tells a split from news (`lasting_steps`); few files of ticks hold enough sessions for that. So less is looked
for: a step by any ratio from `LEAST_UNHEARD` on, wherever it is, and one by that of a common split where a session begins.
Both must be far beyond the usual moves, and both levels must last for 20 rows, if there are so many. Steps of ten and more
are another unit's.

Of quotes and books both sides must step, so that an offer that is withdrawn, and moves the middle, is none.
"""

from math import log, log1p

import numpy as np
import polars as pl

from runner.market.batch import BEGINS, Batch
from runner.market.lasting_steps import LEAST, LEAST_UNHEARD, WIDTH, after_hole, stays
from runner.market.spread import market
from runner.market.usual_moves import Floats, Marks, Rows, moves_around, moves_of_symbol

__all__ = ["tick_steps"]

COMMON = (1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0)
"""Shares after a split for one before, below ten; reverse splits are their inverses."""
TENFOLD = 9.0
"""Ratio from which on a step is another unit's."""


def tick_steps(batch: Batch) -> pl.Series:
    """Mark rows, of trades, quotes or books, at which the price steps to another level and stays; see the module."""
    price = batch.frame.select(market(batch).alias("price")).to_series()
    ratio = pl.lit(price) / pl.lit(price.shift(1))
    far = batch.mask(((ratio > LEAST) | (ratio < 1 / LEAST)) & ~pl.col(BEGINS))
    if not far.any():
        return far
    prices, codes = price.to_numpy(), batch.frame["symbol"].to_physical().to_numpy()
    at = np.flatnonzero(far.to_numpy())
    step = _step(batch, at)
    kept = (np.abs(step) < log(TENFOLD)) & ((np.abs(step) >= log(LEAST_UNHEARD)) | _is_common(batch, at, step))
    at = at[kept]
    marked = np.zeros(prices.size, dtype=np.bool_)
    if at.size:
        size = np.exp(np.abs(step[kept])) - 1
        usual = np.maximum(moves_of_symbol(prices, codes, at), moves_around(prices, codes, at))
        lasts = stays(prices, codes, at) & stays(prices[::-1], codes[::-1], prices.size - at)
        marked[at[(size > WIDTH * usual) & lasts & ~after_hole(batch, at)]] = True
    return pl.Series(marked)


def _step(batch: Batch, at: Rows) -> Floats:
    """Return how far each row's price is from the one before, on a scale of ratios; of two sides the lesser, 0 if apart."""
    names = ("price",) if batch.stream == "trades" else (batch.bid, batch.ask)
    steps = []
    for name in names:
        price = batch.frame[name].to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            steps.append(np.nan_to_num(np.log(price[at] / price[at - 1])))
    first, last = steps[0], steps[-1]
    return np.where(first * last > 0, np.sign(first) * np.minimum(np.abs(first), np.abs(last)), 0.0)


def _is_common(batch: Batch, at: Rows, step: Floats) -> Marks:
    """Return whether each row is the first of its session and off by the ratio of a common split."""
    day = batch.frame["session"].to_physical().to_numpy()
    found = np.zeros(at.size, np.bool_)
    for scale in map(log, COMMON):
        found |= np.abs(np.abs(step) - scale) <= log1p(batch.quality.split_tolerance) * scale / log(2)
    common: Marks = found & (day[at] != day[at - 1])
    return common
