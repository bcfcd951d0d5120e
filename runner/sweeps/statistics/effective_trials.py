"""How many independent trials a sweep amounts to: neighbours on a grid are nearly copies, and copies are no further chances.

    N_eff = max over weights p ≥ 0, Σp = 1 of (1 − c) / (Σᵢⱼ pᵢ pⱼ ρᵢⱼ² − c),   c = 1 / (T − 1)

`ρᵢⱼ` is the correlation of the returns of two lanes over the T rows. With equal weights and without `c` this is the
participation ratio of the eigenvalues of the correlation matrix, (Σλ)² / Σλ²; the best weights make it the largest
diversity of order 2 of lanes with similarity ρ². `c` is what independent returns have by chance, so that lanes of pure
noise count fully.

Why the best weights: with equal weights a copy of a lone lane raises the number, and copies of a crowd lower it. Here a copy
shares the weight of its original and changes nothing, and a further lane never lowers the number. Lanes that mirror each
other count once. The true number of lanes stands beside it, since this one rests on what can be seen in T rows.

1. `_searched` begins with any lane that moves.
2. `_similarity_to` finds how much each lane is like those taken, as weighted: a chunk of lanes at a time, never all pairs.
3. `_apart` takes more lanes of those that are least like them; `_weights` weighs all again.
4. The problem is convex: Σ ≥ 2 min (Zp) − Σ for the best weights, which bounds what is left to win and ends the search.

Source: Leinster and Meckes (2016), "Maximizing Diversity in Biology and Beyond", Entropy 18(3), 88: similarity-sensitive
diversity of order q, and the weights that make it largest; here q = 2, similarity ρ², corrected by c.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.statistics.lane_chunks import lane_chunks
from runner.sweeps.statistics.sharpe import is_still

__all__ = ["EffectiveTrials", "effective_trials"]

Values = NDArray[np.float64]
Places = NDArray[np.intp]

CLOSE = 0.002
"""Relative distance to the true maximum at which the search ends."""
MOST_TAKEN = 2_048
"""Lanes that are weighed against each other at most; it takes more only for thousands of independent ones."""
FIRST_TAKEN = 64
"""Lanes that are taken at once at first; later as many as there are already."""
MOST_SWEEPS = 400
"""Passes over the weights in one go, at most."""
SAME = 1e-10
"""Distance of two projections below which lanes are copies of each other."""
ALIKE = 0.5
"""Similarity at which two lanes aren't taken at once."""


@dataclass(frozen=True, slots=True)
class EffectiveTrials:
    """How many independent trials some lanes amount to."""

    number: float
    """0 if no lane ever moves, else from 1 to the lanes that aren't copies of one another."""
    is_at_least: bool
    """Whether the search ended at its limits, so that the number may be higher."""
    lanes: int
    """Lanes whose returns differ: the true number."""


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Returns of the lanes that move, and what makes them comparable."""

    returns: Values
    """[T, N]"""
    moving: Places
    """[M] lanes that move."""
    length: Values
    """[M] length of each one's returns less their mean."""
    mean: Values
    """[M]"""

    def directions(self, places: Places) -> Values:
        """Return the returns of some of the moving lanes, centred and of length one, [T, places]."""
        return (self.returns[:, self.moving[places]] - self.mean[places]) / self.length[places]


def effective_trials(returns: Values) -> EffectiveTrials:
    """Return how many independent trials the lanes of returns [T, N] amount to.

    Lanes that never move are no trials. With fewer than three rows nothing can be told apart, and the number is 1.

    Raises:
        ValueError: a return isn't finite.
    """
    lanes = _moving(returns)
    count = lanes.moving.size
    if count <= 1 or returns.shape[0] < 3:
        return EffectiveTrials(float(min(count, 1)), is_at_least=False, lanes=count)
    return _searched(lanes)


def _moving(returns: Values) -> _Lanes:
    rows, count = returns.shape
    mean, length, moves = np.zeros(count), np.zeros(count), np.zeros(count, dtype=bool)
    for chunk in lane_chunks(count if rows else 0, rows=rows):
        part = returns[:, chunk]
        if not np.isfinite(part).all():
            raise ValueError("returns must be finite")
        mean[chunk] = part.mean(axis=0)
        length[chunk] = np.sqrt(np.square(part - mean[chunk]).sum(axis=0))
        moves[chunk] = ~is_still(length[chunk] / np.sqrt(max(rows - 1, 1)), np.abs(part).max(axis=0))
    moving = np.flatnonzero(moves)
    return _Lanes(returns, moving, length[moving], mean[moving])


def _searched(lanes: _Lanes) -> EffectiveTrials:
    """Take lanes until those left can't matter, and return what their weights come to."""
    count, chance = lanes.moving.size, 1.0 / (lanes.returns.shape[0] - 1)
    most = _different(lanes)
    taken = np.zeros(1, dtype=np.intp)
    directions, weights = lanes.directions(taken), np.ones(1)
    while True:
        likeness = _similarity_to(lanes, directions, weights)
        level = float(weights @ likeness[taken])
        number, bound = _number(level, chance), _number(2.0 * float(likeness.min()) - level, chance)
        if number >= min(bound, most) * (1.0 - CLOSE):
            return EffectiveTrials(min(number, float(most)), is_at_least=False, lanes=count)
        added = _apart(lanes, likeness, taken, level)
        if added.size == 0:
            return EffectiveTrials(min(number, float(most)), is_at_least=True, lanes=count)
        taken = np.concatenate((taken, added))
        directions = np.concatenate((directions, lanes.directions(added)), axis=1)
        weights = _weights(np.square(directions.T @ directions), np.append(weights, np.zeros(added.size)))


def _different(lanes: _Lanes) -> int:
    """Return how many lanes aren't copies of another, scaled, shifted or mirrored: the most that the number can be.

    All lanes are projected onto one uneven direction; copies fall onto the same point, and others as good as never do.
    """
    uneven = np.cos(np.sqrt(2.0) * np.arange(1, lanes.returns.shape[0] + 1) ** 2)
    towards = (uneven - uneven.mean())[:, None] / np.sqrt(uneven.size)
    chunks = lane_chunks(lanes.moving.size, rows=lanes.returns.shape[0])
    points = np.concatenate([np.abs(_cosines(lanes, towards, chunk))[:, 0] for chunk in chunks])
    return 1 + int(np.count_nonzero(np.diff(np.sort(points)) > SAME))


def _number(level: float, chance: float) -> float:
    """Return the number of independent lanes whose weighted similarity is `level`; infinite at what chance alone gives."""
    return (1.0 - chance) / (level - chance) if level > chance else np.inf


def _similarity_to(lanes: _Lanes, directions: Values, weights: Values) -> Values:
    """Return how like each lane is to the weighted ones, Σ p ρ², [M]."""
    used = weights > 0.0
    towards, shares = directions[:, used], weights[used]
    chunks = lane_chunks(lanes.moving.size, rows=max(lanes.returns.shape[0], towards.shape[1]))
    return np.concatenate([np.square(_cosines(lanes, towards, chunk)) @ shares for chunk in chunks])


def _cosines(lanes: _Lanes, towards: Values, chunk: slice) -> Values:
    """Return the cosines between some lanes and some directions with a mean of zero, so that the lanes' own drop out."""
    return lanes.returns[:, lanes.moving[chunk]].T @ towards / lanes.length[chunk, None]


def _apart(lanes: _Lanes, likeness: Values, taken: Places, level: float) -> Places:
    """Return lanes to take next: the least like those taken, and not much like one another."""
    room = min(max(FIRST_TAKEN, taken.size), MOST_TAKEN - taken.size)
    open_to = likeness < level
    open_to[taken] = False
    candidates = np.flatnonzero(open_to)
    candidates = candidates[np.argsort(likeness[candidates], kind="stable")][: 4 * max(room, 0)]
    towards = lanes.directions(candidates)
    similar = np.square(towards.T @ towards) > ALIKE
    found: list[int] = []
    covered = np.zeros(candidates.size, dtype=bool)
    for place in range(candidates.size):
        if not covered[place] and len(found) < room:
            found.append(place)
            covered |= similar[place]
    return candidates[found]


def _weights(similarity: Values, start: Values) -> Values:
    """Return the weights p ≥ 0, Σp = 1, with the least pᵀZp for a similarity Z, starting from some weights.

    It is the same as the least ½ qᵀZq − Σq over q ≥ 0, for p = q / Σq: one coordinate after another is put where it is best.
    """
    q = start / float(start @ similarity @ start)
    pull = similarity @ q
    for _ in range(MOST_SWEEPS):
        for place in range(q.size):
            best = max(0.0, q[place] + 1.0 - pull[place])
            if best != q[place]:
                pull += (best - q[place]) * similarity[place]
                q[place] = best
        total = float(q.sum())
        level = float(q @ pull) / total**2
        if level - float(pull.min()) / total <= CLOSE / 4 * level:
            break
    return q / total
