"""The declared length of a bar held against the bars themselves.

A bar's close is its open plus the declared interval. Hourly bars declared as `1min` would be known 59 minutes before they
are: look-ahead that no other check could see. So the data must hold at least one pair of neighbours closer than two
intervals, and no pair closer than one.
"""

import polars as pl

from runner.errors import Fault
from runner.market.duration import DAY, duration_text, nanoseconds
from runner.market.origin import excerpt
from runner.spec.timezone import Timezone

__all__ = ["spacing_faults"]

ENOUGH = 20
"""Spacings below which nothing is concluded: a handful of bars may well be far apart."""
LONGEST_BREAK = 4 * DAY
"""A daily bar's neighbours are never all this far apart; weekly and monthly bars' are."""


def spacing_faults(frame: pl.DataFrame, timezone: Timezone) -> list[Fault]:
    """Return what the distances between neighbouring bars of a symbol, in a `stamped` frame, say against the policy."""
    spaced = (
        frame.sort("symbol", "opened")
        .with_columns((pl.col("opened") - pl.col("opened").shift(1)).over("symbol").alias("spacing"))
        .filter(pl.col("spacing") > 0)
    )
    if timezone.interval is None:
        return _rarer_than_daily(spaced)
    return [*_too_long(spaced, timezone.interval), *_too_short(spaced, timezone.interval)]


def _too_long(spaced: pl.DataFrame, interval: str) -> list[Fault]:
    overlapping = spaced.filter(pl.col("spacing") < nanoseconds(interval))
    if overlapping.height == 0:
        return []
    nearest = duration_text(overlapping.select(pl.col("spacing").min()).item())
    was = f'"{interval}" while {overlapping.height} bars start sooner after another, the nearest after {nearest}'
    write = "Write the true length of a bar as timezone.interval, or repair the rows."
    return [Fault("timezone.interval", "must be the length of one bar", was, write, excerpt=excerpt(overlapping))]


def _too_short(spaced: pl.DataFrame, interval: str) -> list[Fault]:
    nearest = spaced.select(pl.col("spacing").min()).item()
    if spaced.height < ENOUGH or nearest < 2 * nanoseconds(interval):
        return []
    text = duration_text(nearest)
    was = f'"{interval}" while no two bars are closer than {text}'
    write = f'Write timezone.interval: "{text}"; a bar must not be known before it closes.'
    return [Fault("timezone.interval", "must be the length of one bar", was, write)]


def _rarer_than_daily(spaced: pl.DataFrame) -> list[Fault]:
    nearest = spaced.select(pl.col("spacing").min()).item()
    if spaced.height < ENOUGH or nearest < LONGEST_BREAK:
        return []
    was = f"bars at least {round(nearest / DAY)} days apart"
    write = "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars."
    return [Fault("timezone.stamp", "session needs one bar per session", was, write, excerpt=excerpt(spaced))]
