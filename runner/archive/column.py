"""A column of cells in as few bytes as it takes: a million numbers are eight megabytes, not a million objects.

Whoever asks for a cell gets it as Python has it: a number, a text or None.
"""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["Cell", "Column", "series_of"]

Cell = float | int | str | None
AT_ONCE = 65_536
"""Cells that are handed out as objects at once."""


class Column(Sequence[Cell]):
    """Numbers, texts and None, one per row; equal to any sequence of the same cells."""

    __slots__ = ("series",)

    def __init__(self, series: pl.Series) -> None:
        """Take a series of numbers or texts, or of nothing but None."""
        self.series = series

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> "Column":
        """Return cells as a column; where some are floats all numbers are."""
        return cells if isinstance(cells, Column) else cls(series_of("", cells))

    @classmethod
    def nothing(cls, rows: int) -> "Column":
        """Return a column of None."""
        return cls(pl.Series([None] * rows, dtype=pl.Null))

    @classmethod
    def joined(cls, parts: Sequence[Sequence[Cell]]) -> "Column":
        """Return columns one after another."""
        frames = [cls.of(part).series.rename("").to_frame() for part in parts]
        return cls(pl.concat(frames, how="vertical_relaxed", rechunk=True).to_series()) if frames else cls.nothing(0)

    def taken(self, rows: NDArray[np.int64] | NDArray[np.intp]) -> "Column":
        """Return some of its cells, in the order in which they are asked for."""
        return Column(self.series.gather(rows))

    @overload
    def __getitem__(self, place: int) -> Cell: ...

    @overload
    def __getitem__(self, place: slice) -> "Column": ...

    def __getitem__(self, place: int | slice) -> "Cell | Column":
        """Return a cell, or a stretch of them as a column."""
        if isinstance(place, slice):
            return Column(self.series[place])
        cell: Cell = self.series[int(place)]
        return cell

    def __len__(self) -> int:
        """Return how many cells there are."""
        return len(self.series)

    def __iter__(self) -> Iterator[Cell]:
        """Yield the cells."""
        for first in range(0, len(self.series), AT_ONCE):
            yield from self.series[first : first + AT_ONCE].to_list()

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has the same cells."""
        return isinstance(other, Sequence) and not isinstance(other, str) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{len(self):,} cells>"


def series_of(name: str, cells: Sequence[Cell]) -> pl.Series:
    """Return cells as a series; of nothing but None it has no type, so that it goes together with any other's."""
    if isinstance(cells, Column):
        return cells.series.rename(name)
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return pl.Series(name, cells, dtype=pl.Null)
    if any(issubclass(kind, str) for kind in kinds):
        return pl.Series(name, cells, dtype=pl.String)
    if any(issubclass(kind, float) for kind in kinds):
        return pl.Series(name, [None if cell is None else float(cell) for cell in cells], dtype=pl.Float64)
    return pl.Series(name, cells, dtype=pl.Int64)
