"""The values of rows side by side, for rows that come by the thousand: found by name like any row's, or taken whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["CellNames", "Cells", "block_of"]

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
    """The values of one row of a block."""

    __slots__ = ("block", "called", "row")

    def __init__(self, called: CellNames, block: Values, row: int = 0) -> None:
        """Take a row of a block of rows; whoever gave it changes it no more."""
        self.called = called
        self.block = block
        self.row = row

    @property
    def values_in_order(self) -> Values:
        """The values, in the order of the names."""
        values: Values = self.block[self.row]
        return values

    def __getitem__(self, name: str) -> float:
        return float(self.block[self.row, self.called.places[name]])

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


def block_of(rows: Sequence[Mapping[str, float]], names: tuple[str, ...]) -> Values:
    """Return [R, K] the values of some rows under some names, in the order of both; nobody may write to them."""
    stretches: list[tuple[Values, int, int]] = []
    block: Values | None = None
    begin = end = 0
    called: CellNames | None = None
    for row in rows:
        if not isinstance(row, Cells) or (row.called is not called and row.called.names != names):
            return np.array([_in_order(each, names) for each in rows], np.float64)
        called = row.called
        # Rows that came together lie together.
        if row.block is not block or row.row != end:
            if block is not None:
                stretches.append((block, begin, end))
            block, begin = row.block, row.row
        end = row.row + 1
    found = [each[first:last] for each, first, last in (*stretches, (block, begin, end)) if each is not None]
    return found[0] if len(found) == 1 else np.concatenate(found)


def _in_order(row: Mapping[str, float], names: tuple[str, ...]) -> Values:
    if isinstance(row, Cells) and row.called.names == names:
        return row.values_in_order
    return np.array([row[name] for name in names], np.float64)
