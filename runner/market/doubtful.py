"""The rows that have to be judged, and all rows again once they were.

1. `doubtful_of` takes out of arranged rows those of symbols that aren't calm (`calm.restless`), or takes all where a check
   of the stream wants to see every row.
2. `rejoined` puts what the policies left of them back among the others.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from runner.market.arrange import bounds
from runner.market.calm import VOUCHED, restless
from runner.market.streams import Stream
from runner.spec.quality import Quality

__all__ = ["Doubtful", "doubtful_of", "rejoined"]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Whole symbols out of arranged rows."""

    frame: pl.DataFrame
    """Their rows, arranged."""
    codes: frozenset[int] | None
    """Which symbols they are; None: all."""


def doubtful_of(whole: pl.DataFrame, stream: Stream, checks: Collection[str], quality: Quality) -> Doubtful:
    """Return the rows of an arranged frame in which the named checks may find something."""
    if stream != "bars" or not VOUCHED.issuperset(checks):
        return Doubtful(whole, None)
    codes = frozenset(restless(whole, quality))
    starts = bounds(whole).tolist()
    pieces = [whole.slice(starts[code], starts[code + 1] - starts[code]) for code in sorted(codes)]
    # To copy most rows would cost more than to judge all.
    if 2 * sum(piece.height for piece in pieces) > whole.height:
        return Doubtful(whole, None)
    return Doubtful(pl.concat(pieces) if pieces else whole.clear(), codes)


def rejoined(whole: pl.DataFrame, doubtful: Doubtful, kept: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return all rows, symbol by symbol: those that weren't judged, and what is left of those that were.

    Args:
        whole: all rows before they were judged, with the columns of `kept`.
        doubtful: which of them were judged.
        kept: what is left of those, in their order.
    """
    if doubtful.codes is None:
        return pl.concat(kept, rechunk=False) if kept else whole.clear()
    judged = pl.concat(kept, rechunk=False) if kept else whole.clear()
    starts = {True: bounds(judged).tolist(), False: bounds(whole).tolist()}
    pieces = []
    for was_judged, group in groupby(range(len(starts[False]) - 1), doubtful.codes.__contains__):
        codes = list(group)
        first, last = (starts[was_judged][code] for code in (codes[0], codes[-1] + 1))
        pieces.append((judged if was_judged else whole).slice(first, last - first))
    return pl.concat(pieces, rechunk=False)
