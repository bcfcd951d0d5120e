"""What a check looks at: some whole symbols, each one's rows together and in the order of time.

Checks run over batches of about a million rows: what a check computes on the way stays small, and no check needs another
symbol's rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from runner.market.arrange import bounds
from runner.market.streams import Stream, columns_of, price_columns
from runner.spec.quality import Quality

__all__ = ["BEGINS", "FORMING", "UNSORTED", "Batch", "batches", "none_of"]

ROWS = 1 << 20
"""Rows of a batch, if no symbol has more."""
BEGINS = "begins"
"""Boolean column: the row is the first of its symbol, so the one above is another's."""
FORMING = "forming"
"""Boolean column, there only if some bar was known later than the source was read: this one was."""
UNSORTED = "unsorted"
"""Boolean column: the row was known before the one of its symbol that stood above it in the source."""


@dataclass(frozen=True)
class Batch:
    """Rows of some symbols, with what the checks need to know. It has no slots, so that it can remember `misplaced`."""

    frame: pl.DataFrame
    """`symbol` (Enum), `opened`, `known`, `session`, `begins`, `unsorted`, the stream's columns (finite or null) and what
    else the source gave; by symbol and within it by `known`, rows of one instant in the source's order."""
    stream: Stream
    """What a row is."""
    levels: int
    """Book levels per side."""
    quality: Quality
    """Policies and thresholds."""

    @property
    def prices(self) -> tuple[str, ...]:
        """Columns that are prices; of a book those of the best level."""
        return price_columns(self.stream, min(self.levels, 1))

    @property
    def values(self) -> tuple[str, ...]:
        """The stream's columns and the prices that were traded, where the source gave them."""
        raw = tuple(name for name in self.frame.columns if name.startswith("raw_"))
        return (*columns_of(self.stream, self.levels), *raw)

    @property
    def bid(self) -> str:
        """Column of the best bid."""
        return "bid_price_0" if self.stream == "depth" else "bid_price"

    @property
    def ask(self) -> str:
        """Column of the best offer."""
        return "ask_price_0" if self.stream == "depth" else "ask_price"

    @property
    def level(self) -> pl.Expr:
        """The one price that says where the market is: close, trade, or the middle of bid and offer."""
        if self.stream == "bars":
            return pl.col("close")
        if self.stream == "trades":
            return pl.col("price")
        return (pl.col(self.bid) + pl.col(self.ask)) / 2

    @cached_property
    def misplaced(self) -> pl.Series:
        """Where a bar's high isn't its highest price or its low isn't the lowest; nowhere in other streams."""
        if self.stream != "bars":
            return none_of(self)
        high, low, inner = pl.col("high"), pl.col("low"), (pl.col("open"), pl.col("close"))
        return self.mask((high < low) | (high < inner[0]) | (high < inner[1]) | (low > inner[0]) | (low > inner[1]))

    def mask(self, expression: pl.Expr) -> pl.Series:
        """Return where a Boolean expression over the rows is true; unknown is not true."""
        found = self.frame.select(expression.alias("mask")).to_series()
        return found.fill_null(value=False) if found.null_count() else found


def none_of(batch: Batch) -> pl.Series:
    """Return a mask without any row."""
    return pl.repeat(value=False, n=batch.frame.height, dtype=pl.Boolean, eager=True)


def batches(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the rows of an `arranged` frame, some symbols at a time, sorted by `known`, with `begins` and `unsorted`."""
    starts = bounds(frame)
    first = 0
    for last in range(1, starts.size):
        if starts[last] - starts[first] >= ROWS or last == starts.size - 1:
            if starts[last] > starts[first]:
                yield _ordered(frame.slice(int(starts[first]), int(starts[last] - starts[first])))
            first = last


def _ordered(frame: pl.DataFrame) -> pl.DataFrame:
    codes = pl.col("symbol").to_physical()
    begins = (codes != codes.shift(1)).fill_null(value=True)
    marked = frame.with_columns(begins.alias(BEGINS)).with_columns(
        ((pl.col("known") < pl.col("known").shift(1)) & ~pl.col(BEGINS)).fill_null(value=False).alias(UNSORTED)
    )
    if not marked[UNSORTED].any():
        return marked
    # `begins` depends on the symbols alone, which this sort leaves where they are.
    return marked.sort("symbol", "known", maintain_order=True).with_columns(begins.alias(BEGINS))
