"""The values of a row side by side, for rows that come by the thousand: found by name like any row's, or taken whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["CellNames", "Cells", "in_order"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class CellNames:
    """What the values of some rows are called, in their order; one object for all rows of a stream."""

    names: tuple[str, ...]
    places: Mapping[str, int] = field(init=False, compare=False, repr=False)
    """Name → place."""

    def __post_init__(self) -> None:
        """Look up where each name is."""
        object.__setattr__(self, "places", {name: place for place, name in enumerate(self.names)})

    @cached_property
    def by_name(self) -> tuple[str, NDArray[np.intp]]:
        """The names in alphabetical order as Python writes their list, and the places in that order."""
        order = sorted(self.names)
        return repr(order), np.array([self.places[name] for name in order], np.intp)


class Cells(Mapping[str, float]):
    """The values of one row."""

    __slots__ = ("called", "values_in_order")

    def __init__(self, called: CellNames, values_in_order: Values) -> None:
        """Take a row's values; whoever gave them changes them no more."""
        self.called = called
        self.values_in_order = values_in_order

    def __getitem__(self, name: str) -> float:
        return float(self.values_in_order[self.called.places[name]])

    def __iter__(self) -> Iterator[str]:
        return iter(self.called.names)

    def __len__(self) -> int:
        return len(self.called.names)

    def __eq__(self, other: object) -> bool:
        """Tell whether the values are the same to the bit, so that what isn't known is equal to itself."""
        if isinstance(other, Cells):
            return self.called == other.called and self.values_in_order.tobytes() == other.values_in_order.tobytes()
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(dict(self))


def in_order(columns: Mapping[str, float], names: Sequence[str]) -> Values:
    """Return a row's values under some names, in the order of these."""
    if isinstance(columns, Cells) and columns.called.names == names:
        return columns.values_in_order
    return np.array([columns[name] for name in names], np.float64)
