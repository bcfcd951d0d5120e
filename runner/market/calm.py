"""Bars that no check can have anything to say about, told at a glance.

Most symbols are without fault, and to run every check over their rows is most of what the gate costs. `restless` looks at a
symbol's rows once (`calm_rows`) and asks less of them than any check would forgive: finite positive prices in their order,
stamps that ascend, no leap and no spike, no long hole, no long rest. Symbols it names are judged by the checks themselves,
and so is every row by checks that `VOUCHED` doesn't name.

Volumes, and prices as they were traded, are held against nothing but their bits: finite, not negative, and no negative zero.

A glance may name a symbol for nothing, but must not miss one: no check may mark a row of a symbol that isn't named.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.market.arrange import bounds
from runner.market.batch import FORMING
from runner.market.calm_rows import INFINITE, calm_rows
from runner.market.piecewise import piecewise
from runner.market.streams import columns_of, price_columns
from runner.spec.quality import Quality

__all__ = ["VOUCHED", "restless"]

VOUCHED = frozenset(
    {
        "missing",
        "unsorted",
        "duplicate",
        "conflict",
        "inconsistent",
        "nonpositive",
        "unit",
        "split",
        "outlier",
        "reuse",
        "forming",
        "stale",
    }
)
"""Checks that mark no bar of a symbol that isn't restless."""
PRICES = price_columns("bars")


@dataclass(frozen=True, slots=True, eq=False)
class _Bars:
    """The columns of arranged bars as arrays."""

    known: NDArray[np.int64]
    session: NDArray[np.int32]
    values: Mapping[str, NDArray[np.float64]]


def restless(frame: pl.DataFrame, quality: Quality) -> list[int]:
    """Return the codes of symbols that have to be judged, of `arranged` bars; a symbol without rows isn't named."""
    starts = bounds(frame)
    present = np.flatnonzero(np.diff(starts)).tolist()
    bars = _bars(frame)
    if bars is None:
        return present
    calm_rows()  # once, before threads ask for it
    is_calm = piecewise(
        lambda code: _is_calm(bars, quality, int(starts[code]), int(starts[code + 1])), present, rows=frame.height
    )
    return [code for code, calm in zip(present, is_calm, strict=True) if not calm]


def _bars(frame: pl.DataFrame) -> _Bars | None:
    """Return the columns; None if they don't lie in one piece, hold something unknown, or some bars were still forming."""
    values = [*columns_of("bars"), *(name for name in frame.columns if name.startswith("raw_"))]
    columns = [frame[name] for name in ("known", "session", *values)]
    if FORMING in frame.columns or any(column.n_chunks() > 1 or column.null_count() for column in columns):
        return None
    known, session, *rest = (column.to_physical().to_numpy() for column in columns)
    return _Bars(known, session, dict(zip(values, rest, strict=True)))


def _is_calm(bars: _Bars, quality: Quality, first: int, last: int) -> bool:
    prices = (bars.values[name][first:last] for name in PRICES)
    bits = {name: column[first:last].view(np.int64) for name, column in bars.values.items() if name not in PRICES}
    volume = bits.pop("volume")
    # More than so many unchanged rows in a row hold two of every so-many-th rows, which are then equal.
    far, near = quality.reuse_sessions, max(quality.stale_rows // 2, 1)
    is_calm = calm_rows()(bars.known[first:last], bars.session[first:last], *prices, volume, far, near)
    return bool(is_calm) and all(0 <= each.min() and each.max() < INFINITE for each in bits.values())
