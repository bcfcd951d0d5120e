"""Bars that no check can have anything to say about, told at a glance.

Most symbols are without fault, and to run every check over their rows is most of what the gate costs. `restless` looks at a
symbol's rows, a block at a time while they are in the processor's cache, and asks less of them than any check would forgive:
finite positive prices in their order, stamps that ascend, no leap and no spike, no long hole, no long rest. Where a block's
extremes answer for all of its rows, no row is asked. Symbols it names are judged by the checks themselves, and so is every
row by checks that `VOUCHED` doesn't name.

A glance may name a symbol for nothing, but must not miss one: no check may mark a row of a symbol that isn't named.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.market.arrange import bounds
from runner.market.batch import FORMING
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
BLOCK = 1 << 16
"""Rows looked at together: enough to keep NumPy busy, few enough for what is computed on the way to stay in the cache."""
INFINITE = np.array(np.inf).view(np.uint64)
"""Numbers with smaller bits are finite, and neither negative nor negative zero."""
LEAST_MOVE = 0.0099
"""A smaller move from price to price, as a fraction of the one before, is nobody's business."""
LEAP = 1.2
"""Prices further apart, as a ratio, are looked at, whether they come back or not."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Bars:
    """The columns of arranged bars as arrays."""

    known: NDArray[np.int64]
    session: NDArray[np.int32]
    values: Mapping[str, Floats]


def restless(frame: pl.DataFrame, quality: Quality) -> list[int]:
    """Return the codes of symbols that have to be judged, of `arranged` bars; a symbol without rows isn't named."""
    starts = bounds(frame)
    present = np.flatnonzero(np.diff(starts)).tolist()
    bars = _bars(frame)
    if bars is None:
        return present
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
    values = {name: column[first:last] for name, column in bars.values.items()}
    known, session = bars.known[first:last], bars.session[first:last]
    for start in range(0, last - first, BLOCK):
        # With the last row of the block before: between them anything may be as well.
        rows = slice(max(start - 1, 0), start + BLOCK)
        block = {name: column[rows] for name, column in values.items()}
        if not (
            _ascends(known[rows])
            and _is_near(session[rows], quality.reuse_sessions)
            and _is_ordered(block)
            and _is_steady(block, values, rows.start)
        ):
            return False
    return not _rests(values, quality.stale_rows)


def _ascends(known: NDArray[np.int64]) -> bool:
    return bool((known[1:] > known[:-1]).all())


def _is_near(session: NDArray[np.int32], far: int) -> bool:
    """Say whether no session is further than so many days behind the one of the row before."""
    return bool(int(session.max()) - int(session.min()) <= far or not (np.diff(session) > far).any())


def _is_ordered(values: Mapping[str, Floats]) -> bool:
    """Say whether prices are finite and above zero, every low the lowest, near to the high, and every high the highest.

    What isn't a number is neither above nor below another, so that prices in their order are numbers. Volume, and prices as
    they were traded, are held against nothing but their bits: finite, not negative, and no negative zero.
    """
    low, high = values["low"], values["high"]
    least, most = low.min(), high.max()
    others = (column for name, column in values.items() if name not in PRICES)
    return bool(
        least > 0
        and most < np.inf
        and (most <= LEAP * least or (high <= LEAP * low).all())
        and all((low <= values[name]).all() and (values[name] <= high).all() for name in ("open", "close"))
        and all(column.view(np.uint64).max() < INFINITE for column in others)
    )


def _is_steady(block: Mapping[str, Floats], values: Mapping[str, Floats], start: int) -> bool:
    """Say whether no price of a block leaps, and none that moves away from the close before comes back by half at once.

    Args:
        block: the rows, of which the first is one to compare with.
        values: all rows of the symbol, as the row behind a block says what comes back.
        start: the block's first row among them.
    """
    opens, closes = block["open"], block["close"]
    before = closes[:-1]
    if before.size == 0:
        return True
    room = np.empty_like(before)
    least = LEAST_MOVE * float(block["low"].min())
    if all(_is_within(np.subtract(price[1:], before, out=room), least) for price in (closes, opens)):
        return True
    moves = LEAST_MOVE * before
    at = start + 1 + np.flatnonzero((np.abs(closes[1:] - before) > moves) | (np.abs(opens[1:] - before) > moves))
    return at.size == 0 or _come_to_nothing(values["open"], values["close"], at)


def _is_within(moves: Floats, least: float) -> bool:
    return bool(moves.max() <= least and moves.min() >= -least)


def _come_to_nothing(opens: Floats, closes: Floats, at: NDArray[np.intp]) -> bool:
    """Say of rows whose prices moved whether none of them leaped or came back."""
    old, opened, closed = closes[at - 1], opens[at], closes[at]
    after = closes[np.minimum(at + 1, closes.size - 1)]
    leaps = [(price > LEAP * old) | (price * LEAP < old) for price in (opened, closed)]
    returns = [_returns(old, opened, closed), _returns(old, closed, after)]
    return not any(bool(each.any()) for each in (*leaps, *returns))


def _returns(before: Floats, price: Floats, after: Floats) -> NDArray[np.bool_]:
    there, back = price - before, after - price
    found: NDArray[np.bool_] = (there * back < 0) & (np.abs(back) * 2 >= np.abs(there))
    return found


def _rests(values: Mapping[str, Floats], rows: int) -> bool:
    """Say whether nothing changes between two rows so near to each other that a long rest would hold both."""
    every = max(rows // 2, 1)
    close = values["close"][::every]
    at = np.flatnonzero(close[1:] == close[:-1]) * every
    return bool(np.logical_and.reduce([column[at] == column[at + every] for column in values.values()]).any())
