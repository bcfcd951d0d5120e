"""Combinatorial purged cross-validation: many histories out of sample instead of one.

1. The T rows are cut into n groups of consecutive rows, as equal as they can be.
2. Each of the C(n, k) ways to take k groups is a split: these test, the others train, purged and embargoed.
3. Each group is tested by C(n − 1, k − 1) = k/n C(n, k) = φ splits. The j-th path takes each group from the j-th split
   that tests it, so φ paths go through all rows, and every test of a split is in exactly one path.

With n = 6 and k = 2 there are 15 splits and 5 paths.

Why paths: one walk forward is one draw of luck. The paths share their rows and much of their training, so they aren't
independent: their spread shows how much hangs on what one happened to train by, and is less than that of new histories.

Source: López de Prado (2018), "Advances in Financial Machine Learning", section 12.4, figures 12.1 and 12.2.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.statistics.best_lanes import best_lanes
from runner.sweeps.statistics.purge import Split, teaching_rows

__all__ = ["Combinatorial", "combinatorial_splits", "path_returns"]

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Combinatorial:
    """Splits of a history, and how their tests are put together into paths."""

    edges: Places
    """[n + 1] first row of each group, and T."""
    splits: tuple[Split, ...]
    """[C(n, k)] in lexicographic order of the groups that test."""
    paths: Places
    """[φ, n] place of the split that each path takes each group from."""


def combinatorial_splits(
    instants: NDArray[np.int64], *, groups: int = 6, tested: int = 2, span_ns: int = 0, embargo_ns: int = 0
) -> Combinatorial:
    """Return all splits of a history, and the paths through them.

    A long span or embargo may leave a split few rows to train by, or none.

    Args:
        instants: [T] UTC nanoseconds at which each row was known, ascending.
        groups: n, 2 to T.
        tested: k, 1 to n − 1.
        span_ns: Longest time from a row to the outcome of what is decided there, nanoseconds.
        embargo_ns: Time after the outcomes of a test during which no row teaches, nanoseconds.

    Raises:
        ValueError: an argument is out of its range, or the instants don't ascend.
    """
    rows = instants.size
    if not 2 <= groups <= rows or not 1 <= tested < groups:
        raise ValueError(f"groups must be 2 to {rows} rows and tested below them, were {groups} and {tested}")
    edges = np.array([group * rows // groups for group in range(groups + 1)], dtype=np.intp)
    ways = list(combinations(range(groups), tested))
    splits = []
    for way in ways:
        stretches = [(int(edges[group]), int(edges[group + 1])) for group in way]
        train = np.flatnonzero(teaching_rows(instants, stretches, span_ns=span_ns, embargo_ns=embargo_ns))
        splits.append(Split(train, np.concatenate([np.arange(*stretch) for stretch in stretches])))
    paths = np.array([[place for place, way in enumerate(ways) if group in way] for group in range(groups)], dtype=np.intp).T
    assert paths.shape == (comb(groups - 1, tested - 1), groups)  # noqa: S101 - each group is tested equally often
    return Combinatorial(edges, tuple(splits), paths)


def path_returns(returns: NDArray[np.float64], plan: Combinatorial) -> NDArray[np.float64]:
    """Return the returns of each path, [φ, T]: in every group those of the lane that was best in the path's training for it.

    Args:
        returns: [T, N] per period, all finite, N at least 1, of the rows that were split.
        plan: Splits and paths.

    Raises:
        ValueError: a return isn't finite, the rows aren't those that were split, or a split has fewer than two to train by.
    """
    if len(returns) != plan.edges[-1]:
        raise ValueError(f"returns must have the {plan.edges[-1]} rows that were split, had {len(returns)}")
    lanes = best_lanes(returns, [split.train for split in plan.splits])[plan.paths]
    of_row = np.repeat(lanes, np.diff(plan.edges), axis=1)
    return returns[np.arange(len(returns)), of_row]
