"""What operators of the order book share: which columns they read, and when a book has a value at all.

- The best level decides: without a finite price on both sides, with the best bid above the best ask, or with a best size of
  zero (no order is there, whatever the price says) nothing of the book is defined. Never 0: zero is a value like any other.
- What weighs sizes also needs both best sizes: unknown (NaN), negative or infinite ones leave it undefined.
- A deeper level without a price and without a size, or of size zero, isn't there and counts as no size. One with a price
  whose size is unknown (NaN), negative or infinite, or with a size but no price, is a fault of the data, and leaves
  undefined what reads so many levels.
- What reads deeper prices needs the levels that are there in the order of their prices, each worse than the one before.
"""

import numpy as np

from runner.compiler import part_of_kernel

__all__ = ["BEST", "book_columns", "has_both_sides", "has_both_sizes", "is_readable", "side_size"]

BEST = ("bid_price_0", "bid_size_0", "ask_price_0", "ask_size_0")
"""Columns of the best level; quotes have them as well."""


def book_columns(levels: float) -> tuple[str, ...]:
    """Return the columns of so many levels: all bid prices, then bid sizes, ask prices, ask sizes; best level first."""
    names = (f"{side}_{what}" for side in ("bid", "ask") for what in ("price", "size"))
    return tuple(f"{name}_{level}" for name in names for level in range(int(levels)))


@part_of_kernel
def has_both_sides(bid, bid_size, ask, ask_size):
    """Tell whether best prices make a quote: finite, not crossed, and no size known to be nothing. Sizes may be unknown."""
    return -np.inf < bid <= ask < np.inf and not (bid_size <= 0.0 or ask_size <= 0.0)


@part_of_kernel
def has_both_sizes(bid, bid_size, ask, ask_size):
    """Tell whether the best level has finite prices, isn't crossed, and has a size on both sides."""
    is_quote = (bid > -np.inf) & (bid <= ask) & (ask < np.inf)
    return is_quote & (bid_size > 0.0) & (bid_size < np.inf) & (ask_size > 0.0) & (ask_size < np.inf)


@part_of_kernel
def _is_sound(price, size):
    """Tell whether a deeper level is there with price and size, or isn't there at all."""
    return 0.0 <= size < np.inf if np.isfinite(price) else not (size < 0.0 or size > 0.0)


@part_of_kernel
def _counted(price, size):
    """Return what a deeper level adds to its side: its size, nothing where it isn't there, NaN where it is a fault."""
    if abs(price) < np.inf:
        return size if size >= 0.0 else np.nan
    return np.nan if size < 0.0 or size > 0.0 else 0.0


@part_of_kernel
def side_size(x, prices, sizes, levels):
    """Return the sum of one side's sizes, given where its prices and sizes begin in x; a level at fault makes it NaN."""
    total = x[sizes]
    for i in range(1, levels):
        total += _counted(x[prices + i], x[sizes + i])
    return total if total < np.inf else np.nan


@part_of_kernel
def is_readable(x, levels):
    """Tell whether prices and sizes of all levels can be used: both best sizes, no fault below, levels in order.

    `x` begins with the columns of `book_columns`.
    """
    bid = x[0]
    ask = x[2 * levels]
    if not has_both_sizes(bid, x[levels], ask, x[3 * levels]):
        return False
    for i in range(1, levels):
        bid_size = x[levels + i]
        ask_size = x[3 * levels + i]
        if not (_is_sound(x[i], bid_size) and _is_sound(x[2 * levels + i], ask_size)):
            return False
        if bid_size > 0.0:
            if not -np.inf < x[i] < bid:
                return False
            bid = x[i]
        if ask_size > 0.0:
            if not ask < x[2 * levels + i] < np.inf:
                return False
            ask = x[2 * levels + i]
    return True
