"""What can be wrong with market data: the table of checks.

A check is one function that marks the offending rows of a `Batch`. Checks don't see each other's results, so their order
doesn't decide what is counted, and a row may fail several. Adding one is a function, an entry of `CHECKS` and a field of
`runner.spec.quality.Quality`.

`gap` is the one fault that no row has: `quality` counts what the calendar expects and the rows don't hold.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import polars as pl

from runner.market.batch import Batch
from runner.market.jump_checks import outlier, split, unit
from runner.market.order_checks import conflict, duplicate, duplicate_equal, forming, reuse, stale, unsorted
from runner.market.spread import spread
from runner.market.streams import STREAMS, Stream
from runner.market.tick_steps import tick_steps
from runner.market.value_checks import crossed, disordered, inconsistent, locked, missing, nonpositive, one_sided

__all__ = ["CHECKS", "GAP", "GAP_MUST", "GAP_WRITE", "Check", "shown_columns"]

GAP = "gap"
GAP_MUST = "every bar the calendar expects must be there"
GAP_WRITE = "Repair the source, or write quality.gap: keep to count what is missing; nothing is ever filled in."

REPAIR = "Repair the source, or write quality."
DROP = ": drop to leave such rows out"


@dataclass(frozen=True, slots=True)
class Check:
    """One way in which rows can be wrong."""

    name: str
    """The field of `Quality` that holds the policy."""
    must: str
    """What must hold, as a predicate."""
    write: str
    """The remedy."""
    mask: Callable[[Batch], pl.Series]
    """Rows → Boolean series, true where they err."""
    streams: Collection[Stream] = STREAMS
    """Streams it applies to."""
    shows: tuple[str, ...] | None = None
    """Columns that show what is wrong; None shows the prices of the best level, or of the bar."""


def shown_columns(stream: Stream, check: Check | None = None) -> tuple[str, ...]:
    """Return the columns a fault shows, of those the stream has; without a check those the report shows."""
    every = {
        "bars": ("open", "high", "low", "close", "volume"),
        "quotes": ("bid_price", "bid_size", "ask_price", "ask_size"),
        "trades": ("price", "size", "side"),
        "depth": ("bid_price_0", "bid_size_0", "ask_price_0", "ask_size_0"),
    }[stream]
    if check is None or check.shows == ALL:
        return every
    if check.shows is not None:
        return check.shows
    return every[:4] if stream == "bars" else every[:1] if stream == "trades" else every[::2]


ALL = ("*",)
BARS: tuple[Stream, ...] = ("bars",)
TRADED: tuple[Stream, ...] = ("bars", "trades")
BOOKS: tuple[Stream, ...] = ("quotes", "depth")
TICKS: tuple[Stream, ...] = ("quotes", "trades", "depth")
DEPTH: tuple[Stream, ...] = ("depth",)
CHECKS = (
    Check("missing", "every price must be a finite number", f"{REPAIR}missing{DROP}.", missing, TRADED),
    Check(
        "unsorted",
        "stamps of a symbol must not go backwards",
        "Sort the source, or write quality.unsorted: sort.",
        unsorted,
        shows=(),
    ),
    Check(
        "duplicate",
        "a symbol must have one row per stamp",
        f"{REPAIR}duplicate: drop to keep one of the equal rows.",
        duplicate,
        BARS,
    ),
    Check(
        "duplicate_equal",
        "no trade, quote or book may be there twice",
        f"{REPAIR}duplicate_equal: drop to keep one of the equal rows, or keep if they were as many.",
        duplicate_equal,
        TICKS,
        ALL,
    ),
    Check(
        "conflict",
        "rows of a symbol with the same stamp must not differ",
        f"{REPAIR}conflict: drop to leave all of them out.",
        conflict,
        BARS,
        ALL,
    ),
    Check(
        "inconsistent",
        "high must be the highest price, low the lowest, and volume and sizes not negative",
        f"{REPAIR}inconsistent{DROP}, repair to widen high and low and make negative volumes unknown,"
        " or keep to let them pass.",
        inconsistent,
        shows=ALL,
    ),
    Check(
        "nonpositive",
        "every price must be above zero",
        f"{REPAIR}nonpositive{DROP}, or keep if the instrument's prices can be negative.",
        nonpositive,
    ),
    Check(
        "unit",
        "prices must not be ten times those around them or more, either way",
        f"{REPAIR}unit{DROP}, or keep if the price did move so; pounds and pence, dollars and cents are the usual cause.",
        unit,
    ),
    Check(
        "split",
        "prices must not step to another level between two bars, as a split makes them",
        "Adjust the prices for splits (data.adjust), or write quality.split: keep if"
        " the price did move so or is to be traded as it was.",
        split,
        BARS,
        ("open", "close"),
    ),
    Check(
        "split",
        "prices must not step to another level and stay there, as a split makes them",
        "Adjust the prices before it, leave out one side's rows, or write quality.split: keep if the price did move so.",
        tick_steps,
        TICKS,
    ),
    Check(
        "outlier",
        "no price may leap away and come back at once",
        f"{REPAIR}outlier{DROP}, keep if the prices were traded so, or a larger quality.outlier_width.",
        outlier,
    ),
    Check(
        "reuse",
        "no long hole may have another price level behind it",
        "Write universe.lives to say which stretch is the instrument, or quality.reuse: keep if all of it is.",
        reuse,
    ),
    Check(
        "forming",
        "no bar may be known later than it was read",
        "Write quality.forming: drop to leave out the bar that was still forming.",
        forming,
        BARS,
    ),
    Check(
        "stale",
        "rows must not repeat themselves for long",
        f"{REPAIR}stale{DROP}, keep to let them pass, or a larger quality.stale_rows.",
        stale,
    ),
    Check(
        "crossed",
        "the best bid must not be above the best offer",
        f"{REPAIR}crossed{DROP}, or keep if the market was crossed so.",
        crossed,
        BOOKS,
    ),
    Check(
        "spread",
        "the best offer must be near the best bid, and neither a placeholder",
        f"{REPAIR}spread{DROP}, keep to let them pass, or a larger quality.spread_times.",
        spread,
        BOOKS,
        ALL,
    ),
    Check(
        "locked",
        "the best bid must not be the best offer",
        f"{REPAIR}locked{DROP}, or keep to let them pass.",
        locked,
        BOOKS,
    ),
    Check(
        "one_sided",
        "a quote must have both sides",
        f"{REPAIR}one_sided{DROP}, or keep to have what needs both sides undefined there.",
        one_sided,
        BOOKS,
        ALL,
    ),
    Check(
        "disordered",
        "levels of a book must lie in the order of their prices, without holes",
        f"{REPAIR}disordered{DROP}, or keep to let them pass.",
        disordered,
        DEPTH,
        ("bid_price_0", "bid_price_1", "ask_price_0", "ask_price_1"),
    ),
)
"""Every check of rows, in the order of the report."""
