"""`trials.parquet`: what became of a sweep's lanes, one row each, for whoever goes on with other tools.

| column | what |
|---|---|
| lane | the lane's number, from 1, as messages and leaderboard have it |
| one per axis, under its key | numbers where all values of the axis are numbers, else the texts a run would be given |
| trial, status, error, digest | as `Results` has them |
| every metric | as `metrics.json`; empty where undefined or failed |
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.archive.column import Cell, Column
from runner.archive.directory import unwritable
from runner.archive.segments import write_typed_table
from runner.errors import RunError
from runner.sweeps.axes import Axis
from runner.sweeps.results import Results

__all__ = ["NAME", "write_trials"]

NAME = "trials.parquet"


def write_trials(folder: Path, axes: Sequence[Axis], places: NDArray[np.int32], results: Results) -> Path:
    """Write the table of a sweep, whole or not at all, and return its path.

    Args:
        folder: The sweep's folder.
        axes: The sweep's axes.
        places: [lanes, axes] place of every lane's value on each axis, from `Grid.all_places`.
        results: Of the lanes that are known, in any order.

    Raises:
        RunError: If it can't be written.
    """
    order = np.argsort(results.number, kind="stable")
    numbers = results.number[order]
    columns: dict[str, Sequence[Cell]] = {"lane": (numbers + 1).tolist()}
    for column, axis in enumerate(axes):
        cells = _cells_of(axis)
        columns[axis.key] = [cells[place] for place in places[numbers, column].tolist()]
    facts = ("trial", results.trial), ("status", results.status), ("error", results.error), ("digest", results.digest)
    is_ordered = np.array_equal(order, np.arange(order.size))  # then a million rows needn't be there twice
    for name, found in (*facts, *results.metrics.items()):
        if name in columns:
            raise ValueError(f"an axis is called {name}, as another column is")
        columns[name] = Column.of(found) if is_ordered else Column.of(found).taken(order)
    path = folder / NAME
    try:
        write_typed_table(path, columns)
    except OSError as error:
        raise RunError(unwritable(path, error)) from error
    return path


def _cells_of(axis: Axis) -> Sequence[Cell]:
    """Return what stands for each value of an axis."""
    if axis.is_choice or not all(_is_number(value) for value in axis.plain):
        return axis.values
    return axis.plain


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**63
