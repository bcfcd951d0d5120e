"""Axes as pages show them: which have an order, where each value lies on it, what it is called.

Numbers have an order, and so have lengths of time such as `5min`. Values may be given in any order (`20,5,10`); neighbours
are those that are next to each other by size, and that is where they are drawn. Files, words, true and false, and an axis
that mixes numbers with anything else have none: they stand as they were given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.duration import nanoseconds
from runner.sweeps.axes import Axis
from runner.sweeps.pages.legible import cut, legible

__all__ = ["Scale", "positions_of", "scales_of", "short_name"]

LONGEST_VALUE = 60
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """One axis, with its values in the order in which they are drawn."""

    place: int
    """Its place among the axes."""
    name: str
    """What it is called: the last word of its key where that is unambiguous."""
    key: str
    """The whole key."""
    labels: tuple[str, ...]
    """Its values, by position."""
    is_ordinal: bool
    """Whether positions have an order."""
    position: NDArray[np.int64]
    """[values] place of a value as it was given → its position."""

    @property
    def size(self) -> int:
        """How many values it has."""
        return len(self.labels)


def scales_of(axes: Sequence[Axis]) -> tuple[Scale, ...]:
    """Return all axes as pages show them."""
    keys = [legible(axis.key, longest=LONGEST_NAME) for axis in axes]
    return tuple(_scale(place, axis, keys) for place, axis in enumerate(axes))


def positions_of(scales: Sequence[Scale], places: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return where each lane lies on each axis, [K, A], from the places of its values."""
    found = np.zeros(places.shape, dtype=np.int64)
    for scale in scales:
        found[:, scale.place] = scale.position[places[:, scale.place]]
    return found


def short_name(key: str, keys: Sequence[str]) -> str:
    """Return what an axis is called: the last word of its key, or the whole key where another one ends with that word."""
    last = key.rsplit(".", 1)[-1] or key
    is_alone = sum(other.rsplit(".", 1)[-1] == last for other in keys) == 1
    return cut(last if is_alone else key, LONGEST_VALUE)


def _scale(place: int, axis: Axis, keys: Sequence[str]) -> Scale:
    sizes = None if axis.is_choice else _sizes(axis.plain)
    count = len(axis.values)
    order = np.arange(count) if sizes is None else np.argsort(np.array(sizes), kind="stable")
    position = np.empty(count, dtype=np.int64)
    position[order] = np.arange(count)
    labels = tuple(_label(axis, int(each)) for each in order)
    return Scale(place, short_name(keys[place], keys), keys[place], labels, sizes is not None, position)


def _sizes(values: Sequence[Any]) -> list[float] | None:
    """Return what values are ordered by, None if they have no order."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        sizes = [float(value) for value in values]
        return sizes if all(map(isfinite, sizes)) else None
    lengths = [_length(value) for value in values]
    return [float(length) for length in lengths if length is not None] if None not in lengths else None


def _length(value: Any) -> int | None:
    """Return the nanoseconds of a length of time, None for anything else."""
    try:
        return nanoseconds(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _label(axis: Axis, place: int) -> str:
    plain = axis.plain[place]
    return legible(plain if isinstance(plain, str) else axis.values[place], longest=LONGEST_VALUE) or "''"
