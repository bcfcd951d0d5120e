"""Rows of one symbol side by side, ascending: what spacing and gaps look at.

Data usually come that way, and then nothing is sorted or copied; with tens of millions of rows that decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.market.arrange import bounds
from runner.market.piecewise import piecewise
from runner.market.session import Instants, blocks

__all__ = ["Neighbours", "Run", "neighbours"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Consecutive rows of one symbol; `opened` and `known` ascend."""

    symbol: str
    """Whose rows they are."""
    first: int
    """Position of the first row in the order of `Neighbours`."""
    opened: Instants
    """[K] UTC nanoseconds."""
    known: Instants
    """[K] UTC nanoseconds."""
    continues: bool
    """Whether the first row is the last of the symbol's run before."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """All rows, by symbol and then by the instant they open."""

    opened: Instants
    """[R] UTC nanoseconds."""
    known: Instants
    """[R] UTC nanoseconds."""
    order: NDArray[np.int64] | None
    """[R] row of the frame at each position; None: the frame's own order."""
    starts: tuple[tuple[str, int, int], ...]
    """Symbol, first position and position after the last, in the order of the symbols' names."""

    def runs(self) -> Iterator[Run]:
        """Yield every symbol's rows in blocks; a block begins with the last row of the symbol's block before."""
        for symbol, first, last in self.starts:
            for rows in blocks(last - first):
                lower = first + max(rows.start - 1, 0)
                kept = slice(lower, first + rows.stop)
                yield Run(symbol, lower, self.opened[kept], self.known[kept], rows.start > 0)

    def row(self, position: int) -> int:
        """Return the frame's row at a position."""
        return position if self.order is None else int(self.order[position])


def neighbours(frame: pl.DataFrame) -> Neighbours:
    """Put the rows of a `stamped` frame side by side."""
    opened, known = (np.asarray(frame[name].to_numpy(), dtype=np.int64) for name in ("opened", "known"))
    starts = _starts(frame["symbol"])
    if _is_ordered(opened, starts):
        return Neighbours(opened, known, None, tuple(sorted(starts)))
    names = frame["symbol"].unique().cast(pl.String).sort()
    code = frame["symbol"].cast(pl.String).cast(pl.Enum(names)).to_physical()
    keys = pl.DataFrame({"code": code, "opened": frame["opened"]})
    order = keys.select(pl.arg_sort_by("code", "opened", maintain_order=True)).to_series().to_numpy().astype(np.int64)
    return Neighbours(opened[order], known[order], order, tuple(_starts(frame["symbol"].gather(order))))


def _starts(symbols: pl.Series) -> list[tuple[str, int, int]]:
    """Return the stretches of rows with one symbol."""
    if symbols.is_empty():
        return []
    if isinstance(symbols.dtype, pl.Enum) and symbols.null_count() == 0 and symbols.to_physical().is_sorted():
        edges = bounds(symbols.alias("symbol").to_frame()).tolist()
        found = zip(symbols.dtype.categories, edges[:-1], edges[1:], strict=True)
        return [(symbol, first, last) for symbol, first, last in found if last > first]
    changes = np.flatnonzero((symbols.slice(1) != symbols.slice(0, symbols.len() - 1)).to_numpy()) + 1
    ends = [0, *changes.tolist(), symbols.len()]
    names = symbols.gather(ends[:-1]).cast(pl.String).to_list()
    return list(zip(names, ends[:-1], ends[1:], strict=True))


def _is_ordered(opened: Instants, starts: list[tuple[str, int, int]]) -> bool:
    if len({name for name, _, _ in starts}) < len(starts):
        return False

    def ascends(rows: tuple[str, int, int]) -> bool:
        _, first, last = rows
        return bool((opened[first + 1 : last] >= opened[first : last - 1]).all())

    return all(piecewise(ascends, starts, rows=opened.size))
