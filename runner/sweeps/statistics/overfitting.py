"""The probability of backtest overfitting, by combinatorially symmetric cross-validation.

1. The T rows are cut into S blocks of consecutive rows; where S doesn't divide T, some are one row longer.
2. For each of the C(S, S/2) ways to take half of the blocks, the lane with the highest Sharpe ratio in those rows is chosen.
3. Its rank among the N lanes in the other rows, ω = rank / (N + 1), gives the logit λ = ln(ω / (1 − ω)).
4. PBO is the share of λ ≤ 0: how often the chosen lane is no better than the median where it wasn't chosen.

Blocks only enter by their sums and sums of squares, so a combination is one row of a product of matrices; combinations come
in chunks, each with its complement, which is a combination too. Lanes with equal ratios share the mean of their ranks. A
lane without deviation in some rows has the ratio 0 there.

Why the result depends on more than one number: PBO only compares lanes with each other. Lanes that all lose the same give
about one half, and so do lanes that all win; the slope, the losses and the dominance tell these apart.

Source: Bailey, Borwein, López de Prado and Zhu (2017), "The Probability of Backtest Overfitting", Journal of Computational
Finance 20(4), manuscript of 2015: section 2 for the procedure, section 3 for the figures.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.statistics.dominance import Dominance, dominance
from runner.sweeps.statistics.lane_chunks import lane_chunks
from runner.sweeps.statistics.sharpe import Centred, centred, closeness, first_best, sharpe_of_sums

__all__ = ["Overfitting", "backtest_overfitting"]

Values = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Overfitting:
    """What became of the best lane of each half of the rows in the other half; C combinations, in lexicographic order."""

    lanes: int
    """N, lanes to choose from."""
    chosen: Places
    """[C] the lane with the highest ratio in sample, the first of equals."""
    inside: Values
    """[C] its Sharpe ratio per period in sample."""
    outside: Values
    """[C] its Sharpe ratio per period out of sample."""
    typical: Values
    """[C] mean Sharpe ratio of all lanes out of sample."""
    logits: Values
    """[C] λ of its rank out of sample; above 0 where it beats the median."""

    @property
    def probability(self) -> float:
        """PBO, the share of combinations in which the chosen lane was no better than the median out of sample."""
        return float(np.mean(self.logits <= 0.0))

    @property
    def loss(self) -> float:
        """Share of combinations in which the chosen lane had a ratio below zero out of sample."""
        return float(np.mean(self.outside < 0.0))

    @property
    def slope(self) -> float:
        """Least-squares slope of `outside` on `inside`; NaN where `inside` is always the same.

        Below 0, the better a lane looked the worse it did: performance degrades. It falls below 0 of itself where lanes
        hardly differ, since what a half of the rows has above the mean the other half lacks.
        """
        distance = self.inside - self.inside.mean()
        squares = float(distance @ distance)
        if squares <= float(np.square(closeness(self.inside)).sum()):
            return math.nan
        return float(distance @ (self.outside - self.outside.mean())) / squares

    @property
    def dominance(self) -> Dominance:
        """Whether choosing was better than any lane at random, for all tastes for risk."""
        return dominance(self.outside, over=self.typical)


def backtest_overfitting(returns: Values, *, blocks: int = 16) -> Overfitting:
    """Return what became of the best lane of each half of the rows in the other half.

    Args:
        returns: [T, N] per period, all finite; T at least twice `blocks`, N at least 2.
        blocks: S, an even number; 16 gives 12,870 combinations. The number of combinations grows fourfold with every two.

    Raises:
        ValueError: the blocks are odd or too many for the rows, there is one lane only, or a return isn't finite.
    """
    rows, lanes = returns.shape
    if blocks < 2 or blocks % 2 or rows < 2 * blocks or lanes < 2:
        raise ValueError(
            f"blocks must be even, with two rows each and two lanes at least, were {blocks} of {rows} rows and {lanes} lanes"
        )
    halves = _halves(blocks)
    about = centred(returns)
    if not np.isfinite(about.mean).all():
        raise ValueError("returns must be finite")
    sums, squares, counts = _block_sums(returns, about, blocks)
    found = _Found.empty(len(halves), lanes)
    for low, high in _chunks(len(halves) // 2, lanes):
        taken, other = halves[low:high], 1.0 - halves[low:high]
        ratios = [sharpe_of_sums(each @ sums, each @ squares, each @ counts, about) for each in (taken, other)]
        mirrored = slice(len(halves) - high, len(halves) - low)
        found.note(slice(low, high), inside=ratios[0], outside=ratios[1], step=1)
        found.note(mirrored, inside=ratios[1], outside=ratios[0], step=-1)
    return found.frozen()


def _halves(blocks: int) -> Values:
    """Return every way to take half of the blocks, [C, S] of 0 and 1; the complement of row i is row C − 1 − i."""
    ways = list(combinations(range(blocks), blocks // 2))
    halves = np.zeros((len(ways), blocks))
    halves[np.arange(len(ways))[:, None], ways] = 1.0
    return halves


def _block_sums(returns: Values, about: Centred, blocks: int) -> tuple[Values, Values, Values]:
    """Return sums [S, N] and sums of squares [S, N] of each block's returns about the lanes' means, and its rows [S, 1]."""
    rows, lanes = returns.shape
    edges = [block * rows // blocks for block in range(blocks)]
    sums, squares = np.empty((blocks, lanes)), np.empty((blocks, lanes))
    for chunk in lane_chunks(lanes, rows=rows):
        distance = returns[:, chunk] - about.mean[chunk]
        np.add.reduceat(distance, edges, axis=0, out=sums[:, chunk])
        np.add.reduceat(np.square(distance, out=distance), edges, axis=0, out=squares[:, chunk])
    return sums, squares, np.diff([*edges, rows]).astype(np.float64)[:, None]


def _chunks(combinations_: int, lanes: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of chunks of combinations whose arrays of [combinations, lanes] stay small."""
    return ((chunk.start, chunk.stop) for chunk in lane_chunks(combinations_, rows=4 * lanes))


@dataclass(frozen=True, slots=True)
class _Found:
    """Results as they come in."""

    result: Overfitting

    @classmethod
    def empty(cls, count: int, lanes: int) -> "_Found":
        numbers = [np.empty(count) for _ in range(4)]
        return cls(Overfitting(lanes, np.empty(count, dtype=np.intp), *numbers))

    def note(self, place: slice, *, inside: Values, outside: Values, step: int) -> None:
        """Write down what the ratios [K, N] of some combinations come to; with step −1 the last of them comes first."""
        best = first_best(inside)
        row = np.arange(best.size)
        seen = outside[row, best]
        near = closeness(seen)
        below = np.count_nonzero(outside < (seen - near)[:, None], axis=1)
        upto = np.count_nonzero(outside <= (seen + near)[:, None], axis=1)
        share = (below + upto + 1) / 2.0 / (self.result.lanes + 1)
        for column, values in (
            (self.result.chosen, best),
            (self.result.inside, inside[row, best]),
            (self.result.outside, seen),
            (self.result.typical, outside.mean(axis=1)),
            (self.result.logits, np.log(share / (1.0 - share))),
        ):
            column[place] = values[::step]

    def frozen(self) -> Overfitting:
        """Return the results, which nothing changes any more."""
        for column in (self.result.chosen, self.result.inside, self.result.outside, self.result.typical, self.result.logits):
            column.setflags(write=False)
        return self.result
