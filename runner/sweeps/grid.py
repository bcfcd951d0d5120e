"""The grid: every combination of the axes, where zipped axes advance together.

Cells are numbered as Hydra's own sweeper orders them, the last axis turning fastest; a group of zipped axes turns where the
first of them stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from runner.errors import ConfigError, Fault
from runner.spec.sweep import Sweep
from runner.sweeps.axes import Axis
from runner.sweeps.naming import Unclear, axis_named

__all__ = ["Grid", "Points", "grid_of"]

MOST_CELLS = 10_000_000
"""A grid of more cells is a slip of the keyboard: nobody waits for it."""
MOST_SEARCHED = 1 << 62
"""Cells of a grid of which a search tries some: their numbers are whole numbers of 64 bits."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Axes and how they turn."""

    axes: tuple[Axis, ...]
    turns: tuple[tuple[int, ...], ...]
    """Places of axes that advance together, slowest first."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many steps each turn has."""
        return tuple(len(self.axes[turn[0]].values) for turn in self.turns)

    @property
    def cells(self) -> int:
        """How many cells there are: one if there are no axes."""
        return prod(self.sizes)

    def places(self, cell: int) -> tuple[int, ...]:
        """Return the place of a cell on each axis."""
        found = [0] * len(self.axes)
        for turn, size in zip(reversed(self.turns), reversed(self.sizes), strict=True):
            cell, step = divmod(cell, size)
            for axis in turn:
                found[axis] = step
        return tuple(found)

    def all_places(self, cells: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the place of each cell on each axis, [cells, axes]."""
        found = np.zeros((cells.size, len(self.axes)), dtype=np.int32)
        left = cells
        for turn, size in zip(reversed(self.turns), reversed(self.sizes), strict=True):
            left, step = np.divmod(left, size)
            for axis in turn:
                found[:, axis] = step
        return found


@dataclass(frozen=True, slots=True)
class Points:
    """Combinations of values that were picked one by one; read as a `Grid` is."""

    axes: tuple[Axis, ...]
    table: NDArray[np.int32]
    """[points, axes] place of each point on each axis."""

    @property
    def turns(self) -> tuple[tuple[int, ...], ...]:
        """Axes by themselves: what advances together isn't known of points."""
        return tuple((place,) for place in range(len(self.axes)))

    @property
    def cells(self) -> int:
        """How many points there are."""
        return int(self.table.shape[0])

    def places(self, cell: int) -> tuple[int, ...]:
        """Return the place of a point on each axis."""
        return tuple(self.table[cell].tolist())

    def all_places(self, cells: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the place of each point on each axis, [cells, axes]."""
        return self.table[cells]


def grid_of(axes: Sequence[Axis], sweep: Sweep, source: str = "", *, settled: Sequence[str] = ()) -> Grid:
    """Return the grid of axes.

    Args:
        axes: In their order.
        sweep: Says which of them are zipped.
        source: Where it says so.
        settled: Keys that could have been axes and have one value; zipped with others they leave these to themselves.

    Raises:
        ConfigError: With everything that is wrong with `sweep.zip`, or if there are too many cells.
    """
    alone = [Axis(key, ("",), is_choice=False, plain=("",)) for key in settled]
    faults: list[Fault] = []
    groups: list[list[int]] = []
    for names in _groups(sweep.zip):
        group = []
        for name in names:
            found = axis_named(name, [*axes, *alone])
            if isinstance(found, Unclear):
                faults.append(Fault("sweep.zip", found.must, name, found.write, source))
            elif found < len(axes):
                group.append(found)
        groups.append(group)
    faults += [*_unequal(groups, axes, source), *_twice(groups, axes, source)]
    if faults:
        raise ConfigError(faults)
    grid = Grid(tuple(axes), tuple(_turns(groups, len(axes))))
    most = MOST_CELLS if sweep.search is None else MOST_SEARCHED
    if grid.cells > most:
        fix = "Leave values out, or zip axes that belong together."
        fix += "" if sweep.search else " sweep=optuna tries some of many."
        raise ConfigError(Fault("sweep", f"must have at most {most:,} combinations", f"{grid.cells:,}", fix))
    return grid


def _groups(zipped: Sequence[str | list[str]]) -> Iterator[list[str]]:
    """Yield the groups of names: one list of names is one group."""
    alone = [name for name in zipped if isinstance(name, str)]
    if alone:
        yield alone
    yield from (list(names) for names in zipped if not isinstance(names, str))


def _unequal(groups: Sequence[Sequence[int]], axes: Sequence[Axis], source: str) -> Iterator[Fault]:
    for group in groups:
        lengths = [len(axes[place].values) for place in group]
        if len(set(lengths)) > 1:
            was = ", ".join(f"{axes[place].key} has {length}" for place, length in zip(group, lengths, strict=True))
            yield Fault("sweep.zip", "must join axes of equal length", was, "Give each as many values.", source)


def _twice(groups: Sequence[Sequence[int]], axes: Sequence[Axis], source: str) -> Iterator[Fault]:
    places = [place for group in groups for place in group]
    for place in dict.fromkeys(places):
        if places.count(place) > 1:
            write = "Leave it out of the others, or join these groups."
            yield Fault("sweep.zip", "must name an axis once", axes[place].key, write, source)


def _turns(groups: Sequence[Sequence[int]], count: int) -> Iterator[tuple[int, ...]]:
    for place in range(count):
        group = next((sorted(group) for group in groups if place in group), [place])
        if group[0] == place:
            yield tuple(group)
