"""The table of a sweep's lanes, filtered, sorted and gathered on a grid: a hundred thousand rows in a blink.

Tables are kept in memory while they are looked at, the few latest, by what tells a file from another.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.archive.parquet import read_table
from runner.tables import Column

__all__ = ["FACTS", "Grid", "Tables", "Trials", "gathered", "kept", "number_of", "ordered"]

FACTS = ("lane", "trial", "status", "error", "digest")
"""Columns that are neither an axis nor a metric."""
MOST_TABLES = 3
MOST_VALUES = 200
"""Different values that an axis of a choice or of a grid may have."""


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """The lanes of a sweep."""

    columns: Mapping[str, Column]
    axes: tuple[str, ...]
    metrics: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many lanes there are."""
        return int(self.columns["lane"].size)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A metric over two axes."""

    rows: Sequence[str]
    columns: Sequence[str]
    values: NDArray[np.float64]
    """[rows, columns] NaN where no lane is."""


class Tables:
    """Reads tables of trials and keeps the latest; threads may share it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._guard = threading.Lock()
        self._kept: OrderedDict[tuple[Path, int, int], Trials] = OrderedDict()

    def read(self, path: Path) -> Trials | None:
        """Return the lanes of a sweep's `trials.parquet`; None if there is none that can be read."""
        try:
            there = path.stat(follow_symlinks=False)
            own = (path, there.st_mtime_ns, there.st_size)
            with self._guard:
                if own not in self._kept:
                    self._kept[own] = _trials_of(read_table(path))
                self._kept.move_to_end(own)
                while len(self._kept) > MOST_TABLES:
                    self._kept.popitem(last=False)
                return self._kept[own]
        except Exception:  # noqa: BLE001 - polars has no one error for a file that is no table
            return None


def kept(trials: Trials, wanted: Mapping[str, str], words: str) -> NDArray[np.intp]:
    """Return the rows whose axes have the wanted values, as they are shown, and in which the words are."""
    keep = np.ones(trials.rows, dtype=bool)
    for axis, value in wanted.items():
        if axis in trials.axes:
            keep &= shown_column(trials.columns[axis]) == value
    for word in words.lower().split():
        held = np.zeros(trials.rows, dtype=bool)
        for name in (*trials.axes, "trial", "status", "error"):
            held |= np.char.find(np.char.lower(shown_column(trials.columns[name])), word) >= 0
        keep &= held
    return np.flatnonzero(keep)


def ordered(trials: Trials, rows: NDArray[np.intp], by: str, *, is_up: bool) -> NDArray[np.intp]:
    """Return rows by one column; undefined values come last, whichever way it goes."""
    column = trials.columns[by][rows]
    if column.dtype.kind == "U":
        order = np.argsort(column, kind="stable")
        return rows[order if is_up else order[::-1]]
    values = column.astype(np.float64)
    return rows[np.argsort(np.where(np.isnan(values), np.inf, values if is_up else -values), kind="stable")]


def gathered(trials: Trials, rows: NDArray[np.intp], x: str, y: str, metric: str, *, is_best: bool) -> Grid | None:
    """Return the mean, or the highest, of a metric for each pair of values; None if an axis has too many of them."""
    across, along = shown_column(trials.columns[x][rows]), shown_column(trials.columns[y][rows])
    values = number_of(trials.columns[metric][rows])
    heads, place_x = np.unique(across, return_inverse=True)
    sides, place_y = np.unique(along, return_inverse=True)
    if not rows.size or heads.size > MOST_VALUES or sides.size > MOST_VALUES:
        return None
    known = np.isfinite(values)
    cell = (place_y * heads.size + place_x)[known]
    if is_best:
        found = np.full(heads.size * sides.size, -np.inf)
        np.maximum.at(found, cell, values[known])
        found[np.isneginf(found)] = np.nan
    else:
        sums = np.bincount(cell, weights=values[known], minlength=heads.size * sides.size)
        times = np.bincount(cell, minlength=heads.size * sides.size)
        found = np.divide(sums, times, out=np.full(sums.size, np.nan), where=times > 0)
    ways, down = _by_number(heads), _by_number(sides)
    table = found.reshape(sides.size, heads.size)[np.ix_(down, ways)]
    return Grid([str(sides[place]) for place in down], [str(heads[place]) for place in ways], table)


def number_of(column: Column) -> NDArray[np.float64]:
    """Return a column as numbers; NaN throughout where it is text."""
    if column.dtype.kind in "fiub":
        return column.astype(np.float64)
    return np.full(column.size, np.nan)


def shown_column(column: Column) -> NDArray[np.str_]:
    """Return a column as texts: numbers as short as they can be read back."""
    if column.dtype.kind == "U":
        return np.asarray(column, dtype=np.str_)
    found, place = np.unique(column, return_inverse=True)
    return np.array([f"{value:g}" if column.dtype.kind == "f" else str(value) for value in found.tolist()], dtype=np.str_)[
        place
    ]


def _trials_of(columns: Mapping[str, Column]) -> Trials:
    names = list(columns)
    if not set(FACTS) <= set(names):
        raise ValueError("no table of trials")
    first, last = names.index("lane"), names.index("trial")
    axes = tuple(names[first + 1 : last])
    rest = [name for name in names if name not in FACTS and name not in axes]
    return Trials(columns, axes, tuple(name for name in rest if columns[name].dtype.kind in "fiu"))


def _by_number(texts: NDArray[np.str_]) -> list[int]:
    """Return places in the order of the numbers that texts say, or of the texts."""
    try:
        keys = [(float(text), "") for text in texts.tolist()]
    except ValueError:
        keys = [(0.0, text) for text in texts.tolist()]
    return sorted(range(texts.size), key=keys.__getitem__)
