"""What operators of the order book share: which columns they read, and when a book has a value at all.

- The best level decides: without a finite price on both sides, with the best bid above the best ask, or with a best size of
  zero (no order is there, whatever the price says) nothing of the book is defined. Never 0: zero is a value like any other.
- What weighs sizes also needs both best sizes: unknown (NaN), negative or infinite ones leave it undefined.
- A deeper level of unknown size (NaN) or of size zero isn't there and counts as no size. A deeper size that is negative or
  infinite is a fault of the data and leaves the value undefined.
- What reads deeper prices needs the levels that are there in the order of their prices, each worse than the one before.
"""

import numpy as np

from runner.compiler import part_of_kernel

__all__ = ["BEST", "are_ordered", "book_columns", "has_both_sides", "has_both_sizes", "side_size", "size_columns"]

BEST = ("bid_price_0", "bid_size_0", "ask_price_0", "ask_size_0")
"""Columns of the best level; quotes have them as well."""


def book_columns(levels: float) -> tuple[str, ...]:
    """Return the columns of so many levels: all bid prices, then bid sizes, ask prices, ask sizes; best level first."""
    names = (f"{side}_{what}" for side in ("bid", "ask") for what in ("price", "size"))
    return tuple(f"{name}_{level}" for name in names for level in range(int(levels)))


def size_columns(levels: float) -> tuple[str, ...]:
    """Return the columns of the best bid and ask price, then those of all bid sizes, then of all ask sizes."""
    sizes = (f"{side}_size_{level}" for side in ("bid", "ask") for level in range(int(levels)))
    return ("bid_price_0", "ask_price_0", *sizes)


@part_of_kernel
def has_both_sides(bid, bid_size, ask, ask_size):
    """Tell whether best prices make a quote: finite, not crossed, and no size known to be nothing. Sizes may be unknown."""
    return -np.inf < bid <= ask < np.inf and not (bid_size <= 0.0 or ask_size <= 0.0)


@part_of_kernel
def has_both_sizes(bid, bid_size, ask, ask_size):
    """Tell whether the best level has finite prices, isn't crossed, and has a size on both sides."""
    return -np.inf < bid <= ask < np.inf and 0.0 < bid_size < np.inf and 0.0 < ask_size < np.inf


@part_of_kernel
def side_size(x, first, levels):
    """Return the sum of the sizes from `x[first]` on; unknown ones count as none, and one at fault makes it NaN."""
    total = 0.0
    for i in range(first, first + levels):
        size = x[i]
        if size < 0.0:
            return np.nan
        if size > 0.0:
            total += size
    return total if total < np.inf else np.nan


@part_of_kernel
def are_ordered(x, prices, sizes, levels, away):
    """Tell whether one side's deeper levels can be read.

    Prices begin at `x[prices]`, sizes at `x[sizes]`; `away` is the sign of prices leaving the best: -1 for bids, 1 for asks.
    """
    last = x[prices]
    for i in range(1, levels):
        size = x[sizes + i]
        if size < 0.0 or size == np.inf:
            return False
        if size > 0.0:
            price = x[prices + i]
            if not 0.0 < (price - last) * away < np.inf:
                return False
            last = price
    return True
