"""Checks of one row's own values."""

from functools import reduce
from operator import or_

import polars as pl

from runner.market.batch import Batch, none_of
from runner.market.streams import columns_of, price_columns

__all__ = ["crossed", "disordered", "inconsistent", "locked", "missing", "nonpositive", "one_sided", "repaired"]

PRICES = price_columns("bars")


def missing(batch: Batch) -> pl.Series:
    """Mark rows with a price that is null; NaN and infinity were made null on entry. Unknown volume is not missing."""
    if not any(batch.frame[name].null_count() for name in batch.prices):
        return none_of(batch)
    return batch.mask(pl.any_horizontal(pl.col(batch.prices).is_null()))


def inconsistent(batch: Batch) -> pl.Series:
    """Mark rows whose high isn't the highest or low isn't the lowest price, or whose volume or size is negative."""
    return batch.misplaced | batch.mask(_any(*(pl.col(name) < 0 for name in _sizes(batch))))


def repaired(batch: Batch) -> pl.DataFrame:
    """Return the rows with high and low widened to hold open and close, and negative volumes and sizes unknown."""
    known = [pl.when(pl.col(name) >= 0).then(pl.col(name)).alias(name) for name in _sizes(batch)]
    if batch.stream != "bars":
        return batch.frame.with_columns(known)
    kinds = ["", "raw_"] if "raw_open" in batch.frame.columns else [""]
    widened = [
        edge.alias(f"{kind}{name}")
        for kind in kinds
        for name, edge in (
            ("high", pl.max_horizontal(f"{kind}{price}" for price in PRICES)),
            ("low", pl.min_horizontal(f"{kind}{price}" for price in PRICES)),
        )
    ]
    return batch.frame.with_columns(*widened, *known)


def nonpositive(batch: Batch) -> pl.Series:
    """Mark rows with a price of zero or less."""
    return batch.mask(_any(*(pl.col(name) <= 0 for name in price_columns(batch.stream, batch.levels))))


def crossed(batch: Batch) -> pl.Series:
    """Mark rows whose best bid is above the best offer."""
    return batch.mask(pl.col(batch.bid) > pl.col(batch.ask))


def locked(batch: Batch) -> pl.Series:
    """Mark rows whose best bid is the best offer."""
    return batch.mask(pl.col(batch.bid) == pl.col(batch.ask))


def one_sided(batch: Batch) -> pl.Series:
    """Mark rows without a best bid or without a best offer: no price, or a size of zero."""
    sizes = [name.replace("price", "size") for name in (batch.bid, batch.ask)]
    empty = [(pl.col(name) == 0).fill_null(value=False) for name in sizes]
    return batch.mask(_any(pl.col(batch.bid).is_null(), pl.col(batch.ask).is_null(), *empty))


def disordered(batch: Batch) -> pl.Series:
    """Mark books whose bids don't fall or whose offers don't rise from level to level, or with a hole between levels."""
    neighbours = [(level - 1, level) for level in range(1, batch.levels)]
    if not neighbours:
        return none_of(batch)
    bids = [pl.col(f"bid_price_{worse}") >= pl.col(f"bid_price_{better}") for better, worse in neighbours]
    asks = [pl.col(f"ask_price_{worse}") <= pl.col(f"ask_price_{better}") for better, worse in neighbours]
    holes = [
        pl.col(f"{side}_price_{better}").is_null() & pl.col(f"{side}_price_{worse}").is_not_null()
        for better, worse in neighbours
        for side in ("bid", "ask")
    ]
    return batch.mask(_any(*bids, *asks, *holes))


def _sizes(batch: Batch) -> list[str]:
    return [name for name in columns_of(batch.stream, batch.levels) if "size" in name or name == "volume"]


def _any(*offends: pl.Expr) -> pl.Expr:
    """Return where any expression is true, whatever is unknown in the others."""
    return reduce(or_, offends)
