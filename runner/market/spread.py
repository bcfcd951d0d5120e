"""Quotes that nobody means: an offer far above the bid, and placeholders where a price or a size should be.

Exchanges oblige market makers to quote, so stubs of 0.01 and 199,999.99 stand where nobody wants to trade; a side in
another unit (pence beside pounds) gives the same picture. The middle of such a quote says nothing about the market.
"""

from functools import reduce
from operator import or_

import polars as pl

from runner.market.batch import Batch

__all__ = ["PLACEHOLDER_PRICES", "PLACEHOLDER_SIZES", "market", "spread"]

NINES = tuple(float(10**digits - 1) for digits in range(6, 16))
PLACEHOLDER_PRICES = (*NINES, 99_999.99, 199_999.99, 999_999.99, 999_999.9999, 9_999_999.99)
"""Prices that stand for none where the other side is empty."""
PLACEHOLDER_SIZES = (*NINES, *(float(2**bits - 1) for bits in (31, 32, 63, 64)))
"""Sizes that stand for "as many as you like" or "not told": rows of nines and the largest whole numbers."""


def spread(batch: Batch) -> pl.Series:
    """Mark quotes and books whose offer is above `spread_times` the bid, or that hold a placeholder at their best level.

    A placeholder is one of `PLACEHOLDER_SIZES`, or, where the other side is empty, one of `PLACEHOLDER_PRICES`: a coin may
    well be offered at 99,999.99, but then somebody bids for it.
    """
    bid, ask = pl.col(batch.bid), pl.col(batch.ask)
    wide = (ask > batch.quality.spread_times * bid) & (bid > 0)
    marks = [wide]
    sizes = [name.replace("price", "size") for name in (batch.bid, batch.ask)]
    largest = batch.frame.select(pl.col(batch.bid, batch.ask, *sizes).max()).row(0, named=True)
    for name, other in ((batch.bid, ask), (batch.ask, bid)):
        if (largest[name] or 0.0) >= min(PLACEHOLDER_PRICES):
            marks.append(pl.col(name).is_in(PLACEHOLDER_PRICES) & other.is_null())
    marks += [pl.col(name).is_in(PLACEHOLDER_SIZES) for name in sizes if (largest[name] or 0.0) >= min(PLACEHOLDER_SIZES)]
    return batch.mask(reduce(or_, (mark.fill_null(value=False) for mark in marks)))


def market(batch: Batch) -> pl.Expr:
    """Return the one price that says where the market is; unknown where bid and offer are too far apart to say it."""
    if batch.stream in {"bars", "trades"}:
        return batch.level
    bid, ask, times = pl.col(batch.bid), pl.col(batch.ask), batch.quality.spread_times
    return pl.when((ask <= times * bid) & (bid <= times * ask)).then(batch.level)
