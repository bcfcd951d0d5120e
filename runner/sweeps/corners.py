"""The combinations that a search is judged by before it begins: whether they can run, and from when on all are measured.

Of a small grid these are all; of a larger one the ends of each axis of numbers with every choice of the others, and each
value once. A warm-up is longest at an end of its axis unless a strategy is odd; a lane that is ready later than all of these
fails with words.
"""

from collections.abc import Sequence
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.grid import Grid

__all__ = ["are_numbers", "corners"]

MOST = 4_096
"""Combinations that are looked at beforehand."""


def corners(grid: Grid) -> NDArray[np.int64]:
    """Return cells of a grid that speak for the others, ascending."""
    if grid.cells <= MOST:
        return np.arange(grid.cells, dtype=np.int64)
    ends = [_ends(grid, turn) for turn in grid.turns]
    while prod(map(len, ends)) > MOST:
        longest = max(range(len(ends)), key=lambda turn: len(ends[turn]))
        ends[longest] = ends[longest][: len(ends[longest]) // 2]
    found = {_cell(grid, steps) for steps in product(*ends)}
    for turn, size in enumerate(grid.sizes):
        found |= {_cell(grid, [step if turn == each else 0 for each in range(len(grid.sizes))]) for step in range(size)}
    return np.array(sorted(found), dtype=np.int64)


def are_numbers(grid: Grid, turn: Sequence[int]) -> bool:
    """Return whether the values of axes that advance together are numbers, each axis going up or down all the way."""
    for place in turn:
        axis = grid.axes[place]
        if axis.is_choice or any(isinstance(value, bool) or not isinstance(value, int | float) for value in axis.plain):
            return False
        rises = np.diff(np.array(axis.plain, dtype=np.float64)) > 0
        if not (rises.all() or not rises.any()):
            return False
    return True


def _ends(grid: Grid, turn: Sequence[int]) -> list[int]:
    size = len(grid.axes[turn[0]].values)
    return sorted({0, size - 1}) if are_numbers(grid, turn) else list(range(size))


def _cell(grid: Grid, steps: Sequence[int]) -> int:
    """Return the number of the cell at some step of each turn."""
    cell = 0
    for step, size in zip(steps, grid.sizes, strict=True):
        cell = cell * size + step
    return cell
