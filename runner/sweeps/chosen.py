"""The cells of a grid that are lanes: those for which `sweep.where` holds.

A name means, in this order: the axis of that key; the one axis whose key ends in it; the value of the configuration at that
key; the one value whose key ends in it. The condition is worked out once for each combination of the axes it can depend on.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.errors import ConfigError, Fault
from runner.strict_yaml import KeyPath
from runner.sweeps.beds import Beds
from runner.sweeps.grid import Grid
from runner.sweeps.naming import Unclear, axis_named, value_named
from runner.sweeps.where import Condition

__all__ = ["Meaning", "chosen_cells", "holds_at", "meanings_of"]

Meaning = int | KeyPath
"""The place of an axis, or the path of a value of the configuration."""
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
    if all(isinstance(meaning, int) for meaning in meanings.values()):
        read = sorted({meaning for meaning in meanings.values() if isinstance(meaning, int)})
        _, first, which = np.unique(places[:, read], axis=0, return_index=True, return_inverse=True)
    else:
        first = which = cells
    held = np.array([holds_at(row, condition, meanings, beds) for row in places[first]], dtype=np.bool_)
    found = cells[held[which.ravel()]]
    if not found.size:
        fix = "Widen the condition, or the axes."
        raise ConfigError(Fault("sweep.where", "must leave at least one lane", condition.text, fix, condition.source))
    return found


def meanings_of(condition: Condition, grid: Grid, beds: Beds) -> dict[str, Meaning]:
    """Return what each name of the condition means.

    Raises:
        ConfigError: If one means nothing, or several things.
    """
    values = beds.of([0] * len(grid.axes)).composed.values
    found: dict[str, Meaning] = {}
    faults = []
    for name, column in condition.names.items():
        meaning: Meaning | Unclear = axis_named(name, grid.axes)
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
