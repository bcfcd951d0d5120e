"""How far apart one symbol's neighbouring bars lie, and whether chance explains it.

Minutes without a trade are absent, so that bars of an illiquid symbol lie any number of intervals apart. If a bar is there
with one chance at every interval, whatever that chance, k intervals from one bar to the next are never likelier than
(1 − 1/k)^(k−1) / k (2: 1/4, 5: 1/12, 60: 1/162), and multiples of k never likelier than 1/k. Bars are longer than declared
where at least half of the distances are one and the same, or multiples of one, and so many of them that chance gives that
once in a million symbols (Chernoff's bound: pairs times the divergence of the share from the chance).

1. `Distances.add` counts distances longer than the interval, apart inside a stretch of trading and across its end, and
   looks for stretches: 20 distances on end inside the hours of which more are alike than chance gives once in 10^12.
2. `Distances.length` is how long the bars are where that isn't as declared. One pair as close as the interval proves only
   itself: hourly bars with a stray minute among them are hourly bars.

Daily bars are held against days. A week has 6 to 8 of them here, a month 26 to 35, for holidays and the lengths of months.
"""

from dataclasses import dataclass, field
from math import gcd, log

import numpy as np
from numpy.typing import NDArray

from runner.duration import DAY, HOUR, nanoseconds
from runner.market.session import Instants

__all__ = ["ENOUGH", "LONGEST_BREAK", "Apart", "Distances", "is_long", "pooled"]

ENOUGH = 20
"""Distances below which nothing is concluded, and those of a stretch: a handful of bars may well be far apart."""
FEW = 3
"""Distances that are worth a note if all are the same."""
LONGEST_BREAK = 4 * DAY
"""A daily bar's neighbours are seldom all this far apart; weekly and monthly bars' are."""
LONGEST_STEP = 3 * HOUR
"""Longer distances make no stretch inside the hours: a stock may trade in the two auctions of a day alone, for weeks."""
COMMONEST = 10
"""Distances that are tried as the length of a bar."""
DOUBT, STRETCH_DOUBT = log(1e6), log(1e12)
"""How unlikely, in nats, bars of the declared length must be: for a symbol, and for each of its many stretches."""
SECOND, MILLISECOND = 10**9, 10**6
SPANS = ((6, 8, 7), (13, 15, 14), (26, 35, 30), (84, 98, 91), (355, 375, 365))
"""First and last day of what counts as a week, two, a month, a quarter and a year, and how many days that is called."""


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """Distances above zero between neighbouring bars of one symbol, in their order."""

    pairs: int
    """How many there are."""
    nearest: int
    """The shortest; 0 without any."""
    at: NDArray[np.intp]
    """Places of those that are long."""
    distances: Instants
    """Those that are long."""
    is_across: NDArray[np.bool_]
    """Whether a long one crosses a break."""


def is_long(found: Instants, interval: str | None) -> NDArray[np.bool_]:
    """Mark distances longer than those of bars that lie side by side."""
    return np.asarray(found >= LONGEST_BREAK if interval is None else found > nanoseconds(interval))


@dataclass(slots=True)
class Distances:
    """What the distances between one symbol's neighbouring bars came to so far."""

    interval: str | None
    """Declared length of a bar; None: daily bars."""
    pairs: int = 0
    """How many there are."""
    inside: int = 0
    """How many of them are between bars of one stretch of trading, or of neighbours without a bar missing."""
    nearest: int = 0
    """The shortest, in nanoseconds; 0 without any."""
    within: dict[int, int] = field(default_factory=dict)
    """Distance longer than declared, inside a stretch of trading → how often."""
    across: dict[int, int] = field(default_factory=dict)
    """Distance longer than declared, from one stretch of trading to another → how often."""
    stretch: int = 0
    """The longest distance that a stretch, perhaps one of fewer than 20 so far, has in common; 0 without any."""
    recent: tuple[tuple[int, int], ...] = ()
    """Place among the distances inside, and distance, of those that may belong to a stretch that goes on."""

    def add(self, found: Apart) -> None:
        """Count distances that follow those counted before."""
        if found.pairs == 0:
            return
        is_across = found.is_across
        self.nearest = min(self.nearest or found.nearest, found.nearest)
        if found.at.size == 0 and not self.recent:
            self.pairs += found.pairs
            self.inside += found.pairs
            return
        distances = self._rounded(found.distances)
        _count(self.within, distances[~is_across])
        _count(self.across, distances[is_across])
        places = (self.inside + found.at - np.cumsum(is_across))[~is_across]
        self.pairs += found.pairs
        self.inside += found.pairs - int(np.count_nonzero(is_across))
        self._add_stretches(places, distances[~is_across])

    @property
    def length(self) -> int:
        """How long the bars are, in nanoseconds, where they can't be as short as declared; else 0."""
        return self.common or (self.stretch if self.inside >= ENOUGH else 0)

    @property
    def common(self) -> int:
        """The distance that half or more have in common, beyond chance; 0 without one."""
        return self._common(self.within, self.inside) or self._common(self.counts, self.pairs)

    @property
    def counts(self) -> dict[int, int]:
        """Distance longer than declared → how often."""
        return {each: self.within.get(each, 0) + self.across.get(each, 0) for each in {*self.within, *self.across}}

    @property
    def is_off_grid(self) -> bool:
        """Whether distances inside the hours aren't whole numbers of the declared length."""
        return self.interval is not None and any(each % nanoseconds(self.interval) for each in self.within)

    @property
    def usual(self) -> int:
        """The most common distance, the longer of equally common ones; the shortest where none is longer than declared."""
        counts = self.counts
        return max(counts, key=lambda each: (counts[each], each)) if counts else self.nearest

    @property
    def few(self) -> int:
        """The distance of bars that are too few to judge and all lie equally far apart; else 0."""
        counts = self.counts
        is_one = FEW <= self.pairs < ENOUGH and len(counts) == 1 and sum(counts.values()) == self.pairs
        return next(iter(counts)) if is_one else 0

    def _common(self, counts: dict[int, int], pairs: int) -> int:
        if pairs < ENOUGH or 2 * sum(counts.values()) < pairs:
            return 0
        tried = sorted(counts, key=lambda each: (-counts[each], -each))[:COMMONEST]
        for each in tried:
            if _is_beyond(counts[each], pairs, self._chance(each), DOUBT):
                return each
        if self.interval is None:
            return 0
        for each in (gcd(*counts), *tried):
            multiples = {one: count for one, count in counts.items() if one % each == 0}
            steps = each // nanoseconds(self.interval)
            if steps > 1 and _is_beyond(sum(multiples.values()), pairs, 1 / steps, DOUBT):
                return max(multiples, key=lambda one: (multiples[one], one))
        return 0

    def _chance(self, distance: int) -> float:
        """Return how often bars of the declared length may lie that far apart, at most."""
        steps = 2 if self.interval is None else max(distance // nanoseconds(self.interval), 2)
        return float((1 - 1 / steps) ** (steps - 1) / steps)

    def _add_stretches(self, places: Instants, distances: Instants) -> None:
        if self.interval is not None:
            places, distances = places[distances <= LONGEST_STEP], distances[distances <= LONGEST_STEP]
        before = np.array(self.recent, np.int64).reshape(-1, 2)
        places, distances = np.concatenate([before[:, 0], places]), np.concatenate([before[:, 1], distances])
        is_recent = places > self.inside - ENOUGH
        self.recent = tuple(zip(places[is_recent].tolist(), distances[is_recent].tolist(), strict=True))
        if distances.size == 0:
            return
        order = np.argsort(distances, kind="stable")
        lengths, first = np.unique(distances[order], return_index=True)
        for length, own in zip(lengths.tolist(), np.split(places[order], first[1:]), strict=True):
            alike = _alike_beyond_chance(self._chance(length))
            if own.size >= alike and bool((own[alike - 1 :] - own[: own.size - alike + 1] < ENOUGH).any()):
                self.stretch = max(self.stretch, length)

    def _rounded(self, found: Instants) -> Instants:
        """Return distances in whole days, seconds or milliseconds: then there are never many different ones."""
        if self.interval is not None:
            unit = MILLISECOND if nanoseconds(self.interval) % SECOND else SECOND
            return (found + unit // 2) // unit * unit
        days = (found + DAY // 2) // DAY
        for first, last, called in SPANS:
            days = np.where((days >= first) & (days <= last), called, days)
        return np.asarray(days * DAY, dtype=np.int64)


def pooled(found: list[Distances], interval: str | None) -> Distances:
    """Return what the distances of several symbols come to together; stretches are each symbol's own."""
    total = Distances(interval)
    for each in found:
        total.pairs += each.pairs
        total.inside += each.inside
        total.nearest = min(total.nearest or each.nearest, each.nearest)
        for ours, theirs in ((total.within, each.within), (total.across, each.across)):
            for distance, count in theirs.items():
                ours[distance] = ours.get(distance, 0) + count
    return total


def _count(counts: dict[int, int], distances: Instants) -> None:
    for distance, count in zip(*(each.tolist() for each in np.unique(distances, return_counts=True)), strict=True):
        counts[distance] = counts.get(distance, 0) + count


def _alike_beyond_chance(chance: float) -> int:
    """Return how many distances of a stretch must be alike to be more than chance."""
    return next(count for count in range(ENOUGH // 2, ENOUGH + 1) if _is_beyond(count, ENOUGH, chance, STRETCH_DOUBT))


def _is_beyond(count: int, pairs: int, chance: float, doubt: float) -> bool:
    """Return whether so many of the pairs are at least half, and so unlikely by chance."""
    share = count / pairs
    if share < 1 / 2 or share <= chance:
        return False
    rest = 0.0 if count == pairs else (1 - share) * log((1 - share) / (1 - chance))
    return pairs * (share * log(share / chance) + rest) >= doubt
