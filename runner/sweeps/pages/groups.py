"""Values of an axis in groups of neighbours, where there are more of them than a figure or a table has room for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.pages.legible import cut
from runner.sweeps.pages.scales import Scale

__all__ = ["Groups", "groups_of", "quantiles_of"]

Values = NDArray[np.float64]

LONGEST = 16
"""Characters of a group's name."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Positions of an axis in groups as equal as they can be."""

    labels: tuple[str, ...]
    """Its only value, or first and last: `5`, `5–9`."""
    of_position: NDArray[np.int64]
    """[values] the group of each position."""

    @property
    def size(self) -> int:
        """How many groups there are."""
        return len(self.labels)


def groups_of(scale: Scale, most: int) -> Groups:
    """Return the values of an axis in at most so many groups, each of one value if there are no more."""
    count = min(scale.size, most)
    of_position = np.arange(scale.size) * count // scale.size
    firsts = np.searchsorted(of_position, np.arange(count))
    lasts = np.append(firsts[1:], scale.size) - 1
    return Groups(tuple(_label(scale.labels, *ends) for ends in zip(firsts, lasts, strict=True)), of_position)


def _label(texts: Sequence[str], first: int, last: int) -> str:
    if first == last:
        return cut(texts[first], LONGEST)
    return f"{cut(texts[first], LONGEST // 2)}–{cut(texts[last], LONGEST // 2)}"


def quantiles_of(cell: NDArray[np.int64], values: Values, cells: int, shares: Sequence[float]) -> Values:
    """Return quantiles of the values that lie in each cell, [shares, cells]; NaN in a cell without any.

    A quantile between two values lies between them in proportion, as NumPy's default has it.

    Args:
        cell: [K] the cell of each value.
        values: [K]; NaN for those that don't count.
        cells: How many cells there are.
        shares: 0 to 1: 0.5 is the median, 1 the highest.
    """
    known = np.isfinite(values)
    cell, values = cell[known], values[known]
    order = np.lexsort((values, cell))
    ranked = values[order]
    counts = np.bincount(cell, minlength=cells)
    firsts = np.cumsum(counts) - counts
    found = np.full((len(shares), cells), np.nan)
    filled = counts > 0
    for row, share in enumerate(shares):
        at = share * (counts[filled] - 1)
        low = np.floor(at).astype(np.int64)
        high = np.minimum(low + 1, counts[filled] - 1)
        below, above = ranked[firsts[filled] + low], ranked[firsts[filled] + high]
        found[row, filled] = below + (at - low) * (above - below)
    return found
