"""The cells of a grid that are lanes: those for which `sweep.where` holds.

A name means, in this order: the axis of that key; the one axis whose key ends in it; the value of the configuration at that
key; the one value whose key ends in it. A declared axis that the command line gives one value keeps its
name. The condition is worked out once for each combination of the axes it can depend on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.errors import ConfigError, Fault
from runner.strict_yaml import KeyPath
from runner.sweeps.axes import Axis
from runner.sweeps.beds import Beds
from runner.sweeps.grid import Grid
from runner.sweeps.naming import Unclear, axis_named, value_named
from runner.sweeps.where import Condition

__all__ = ["Meaning", "chosen_cells", "holds_at", "meanings_of"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What an axis has in every lane."""

    value: Any


Meaning = int | KeyPath | Settled
"""The place of an axis, the path of a value of the configuration, or the one value that an axis has."""
_ABSENT = object()


def chosen_cells(
    grid: Grid,
    condition: Condition,
    meanings: Mapping[str, Meaning],
    beds: Beds,
    known: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Return the cells that are lanes, ascending.

    Args:
        grid: All cells.
        condition: Which of them are lanes.
        meanings: What its names mean.
        beds: Has the configurations whose values the condition may name.
        known: The cells to choose from, ascending; None for all.

    Raises:
        ConfigError: If the condition can't be worked out, or no cell is left.
    """
    cells = np.arange(grid.cells, dtype=np.int64) if known is None else known
    places = grid.all_places(cells)
    if all(isinstance(meaning, int | Settled) for meaning in meanings.values()):
        read = sorted({meaning for meaning in meanings.values() if isinstance(meaning, int)})
        _, first, which = np.unique(places[:, read], axis=0, return_index=True, return_inverse=True)
    else:
        first = which = cells
    held = np.array([holds_at(row, condition, meanings, beds) for row in places[first]], dtype=np.bool_)
    found = cells[held[which.ravel()]]
    if not found.size:
        must, fix = "must leave at least one lane", "Widen the condition, or the axes."
        if not grid.axes:
            must = "must hold of a run whose axes have one value each"
            fix = "Give values for which it holds, or write sweep.where=null."
        raise ConfigError(Fault("sweep.where", must, condition.text, fix, condition.source))
    return found


def meanings_of(condition: Condition, grid: Grid, beds: Beds, settled: Sequence[Axis] = ()) -> dict[str, Meaning]:
    """Return what each name of the condition means.

    Args:
        condition: Whose names.
        grid: All cells.
        beds: Has the configurations whose values they may mean.
        settled: Declared axes that have one value.

    Raises:
        ConfigError: If one means nothing, or several things.
    """
    values = beds.of([0] * len(grid.axes)).composed.values
    found: dict[str, Meaning] = {}
    faults = []
    for name, column in condition.names.items():
        meaning: Meaning | Unclear = axis_named(name, [*grid.axes, *settled])
        if isinstance(meaning, int) and meaning >= len(grid.axes):
            meaning = Settled(settled[meaning - len(grid.axes)].plain[0])
        if isinstance(meaning, Unclear) and not meaning.is_several:
            meaning = value_named(name, values)
        if isinstance(meaning, Unclear):
            faults.append(condition.fault(column, meaning.must, name, meaning.write))
        else:
            found[name] = meaning
    if faults:
        raise ConfigError(faults)
    return found


def holds_at(
    places: NDArray[np.int32], condition: Condition, meanings: Mapping[str, Meaning], beds: Beds
) -> bool:  # fmt: skip
    """Return whether a condition holds of one combination of values, by its place on each axis."""
    return condition.holds(_values(places, condition, meanings, beds))


def _values(
    places: NDArray[np.int32], condition: Condition, meanings: Mapping[str, Meaning], beds: Beds
) -> Callable[[str], Any]:
    """Return what gives a cell's value for a name of the condition."""
    axes = beds.asked.axes

    def value_of(name: str) -> Any:
        meaning = meanings[name]
        if isinstance(meaning, Settled):
            return meaning.value
        if isinstance(meaning, int):
            return axes[meaning].plain[places[meaning]]
        found = _at(beds.of(places.tolist()).composed.values, meaning)
        if found is _ABSENT or isinstance(found, dict):
            was = "nothing there" if found is _ABSENT else "several keys"
            lane = " ".join(axis.override(place) for axis, place in zip(axes, places, strict=True))
            write = f'Ask first whether it is there, e.g. slippage != "none" and …: it is asked of the lane {lane}.'
            raise ConfigError(condition.fault(condition.names[name], f"must be one value at {name}", was, write))
        return found

    return value_of


def _at(value: Any, path: KeyPath) -> Any:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return _ABSENT
        value = value[key]
    return value
