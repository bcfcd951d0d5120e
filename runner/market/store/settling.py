"""Which rows of a service are settled: published and corrected as far as they ever will be.

That a bar is over doesn't mean that the service has it. It may be minutes late, it may publish Friday's day on Monday, and
it may correct a bar after the close. To hold such a stretch for good would make a hole, or a wrong price, permanent. So:

1. A row is settled once others came behind it and it has been over for `CORRECTED`.
2. Silence is believed once it is `BELIEVED` old.

What isn't settled is kept and read like everything else, and asked for again whenever it is wanted. Where a row then comes
with other values, or not at all, `changed` counts it.
"""

import polars as pl

from runner.duration import DAY
from runner.market.store.stretches import Stretch

__all__ = ["BELIEVED", "CORRECTED", "changed", "settled_until"]

CORRECTED = DAY
"""Nanoseconds after its end in which a row may still be corrected."""
BELIEVED = 7 * DAY
"""Nanoseconds after which a row that isn't there will not come: a day before a long holiday is published behind it."""


def settled_until(frame: pl.DataFrame, stretch: Stretch, over: int) -> int:
    """Return the instant, within a stretch, before which the rows just fetched of it are settled.

    Args:
        frame: the rows, ascending in `timestamp`.
        stretch: what was asked for.
        over: the instant before which every row was over when it was asked for.
    """
    start, end = stretch
    stamps = frame["timestamp"].dt.epoch("ns")
    followed = stamps[-1] if stamps.len() else start
    return min(end, max(start, over - BELIEVED, min(followed, over - CORRECTED)))


def changed(before: pl.DataFrame, now: pl.DataFrame) -> int:
    """Return how many rows of a stretch came with other values than before, or not at all; new ones don't count."""
    return before.join(now.select(before.columns), on=before.columns, how="anti", nulls_equal=True).height
