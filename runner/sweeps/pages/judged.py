"""A finished sweep judged: the statistics of all lanes, and what the pages draw beside them.

1. Lanes are ranked (`ranking`) and sampled (`sample`); what is said of lanes against each other rests on the sample. Only
   lanes on the best one's footing are held against it: the others are ranked, each footing by itself, and not judged.
2. `judge` gives the verdict; the plateau is that of all lanes, since it needs no returns.
3. The walks are walked once more for the equity that their tests come to, stitched together.

Why walks have lengths of their own: a third of the record teaches before the first test, and tests are a twelfth, so that
there are eight where nothing is purged; the embargo is a hundredth, as López de Prado has it (2018, section 7.4.2). What is
purged is as long as nineteen of twenty trades of any compared lane lasted: until then the outcome of what was decided is
open. The one trade of a decade that was held for years would take the whole record with it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from runner.sweeps.pages.finished import Finished
from runner.sweeps.pages.ranking import Ranking, numbers_of, ranking_of
from runner.sweeps.pages.sample import compared_rows
from runner.sweeps.pages.scales import Scale, positions_of, scales_of
from runner.sweeps.statistics import Criteria, Evidence, Verdict, WalkForward, judge
from runner.sweeps.statistics.out_of_sample import out_of_sample
from runner.sweeps.statistics.plateau import plateau
from runner.sweeps.statistics.walk_forward import walk_forward

__all__ = ["Judged", "Walked", "judged"]

Values = NDArray[np.float64]

DAY_NS = 86_400 * 10**9
LEAST_DAYS = 12
"""Sessions a record must have for windows of a twelfth of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """What always trading the lane that was best so far came to."""

    name: str
    """`anchored` or `rolling`."""
    rows: NDArray[np.intp]
    """[M] sessions that were tested."""
    equity: Values
    """[M] what 1 has become at the end of each."""
    lanes: NDArray[np.intp]
    """[windows] row of the results that was chosen for each window."""
    starts: NDArray[np.intp]
    """[windows] place of each window's first session in `rows`."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A finished sweep, its verdict, and what belongs to both."""

    finished: Finished
    scales: tuple[Scale, ...]
    positions: NDArray[np.int64]
    """[K, A] where each lane lies on each axis."""
    ranking: Ranking
    compared: NDArray[np.intp]
    """[N] rows of the results that have an unbroken record and are compared; the best first if it is one of them."""
    returns: Values
    """[T, N] their session returns."""
    verdict: Verdict | None
    """None where no lane is done."""
    walk: WalkForward | None
    """How it was walked forward; None where the record is too short."""
    walks: tuple[Walked, ...]
    """Anchored and rolling; empty where there is none."""
    apart: tuple[Scale, ...] = ()
    """The axes that tell footings apart: those of one value on each footing, and of several in all."""

    @property
    def lanes(self) -> int:
        """Lanes that are held against each other."""
        return int(np.count_nonzero(self.ranking.is_judged))

    @property
    def is_told_apart(self) -> bool:
        """Whether there are other lanes, which can't be held against these."""
        return len(self.ranking.footings) > 1

    def shown(self, *scales: Scale) -> NDArray[np.bool_]:
        """Return [K] the lanes of a drawing along some axes: those that are judged, or all where it tells them apart."""
        if any(scale.place == other.place for scale in scales for other in self.apart):
            return np.ones(self.ranking.group.size, dtype=np.bool_)
        return self.ranking.is_judged

    @property
    def trials(self) -> int:
        """Trials on these data, those of this sweep included."""
        return max(self.finished.trials, len(self.finished.results.trial))

    @property
    def annual(self) -> float:
        """What a Sharpe ratio per session is multiplied by to be one per year."""
        return float(self.finished.periods_per_year**0.5)

    def lane_text(self, row: int) -> str:
        """Return what a lane is called: `lane 17 (lookback 5, slippage none)`."""
        values = ", ".join(
            f"{scale.name} {scale.labels[position]}"
            for scale, position in zip(self.scales, self.positions[row].tolist(), strict=True)
        )
        number = f"lane {int(self.finished.results.number[row]) + 1:,}"
        return f"{number} ({values})" if values else number


def judged(finished: Finished) -> Judged:
    """Return a finished sweep with its verdict; the same for the same input."""
    scales, ranking = scales_of(finished.axes), ranking_of(finished)
    positions = positions_of(scales, finished.run_places)
    sampled = compared_rows(finished.has_record, ranking)
    records = np.ascontiguousarray(finished.returns_of(sampled).T)
    whole = np.isfinite(records).all(axis=0) & ranking.done[sampled]
    walk = finished.walk or _walk_of(finished.instants, _held_ns(finished, sampled[whole]))
    apart = _apart(ranking, scales, positions)
    found = Judged(finished, scales, positions, ranking, sampled[whole], records[:, whole], None, walk, (), apart)
    if not ranking.done.any():
        return found
    verdict = _verdict(found, sampled, records)
    if not _tells_of_choosing(found):
        none = replace(verdict, luck=None, luck_effective=None, halvings=None, anchored=None, rolling=None, paths=None)
        return replace(found, verdict=none)
    return replace(found, verdict=verdict, walks=_walks(found))


def _tells_of_choosing(found: Judged) -> bool:
    """Tell whether the lanes that are compared say anything about how the best one was chosen.

    They don't if it isn't one of them, as where its data have other sessions, or if they are all the same: among copies,
    or with one lane alone, there is nothing to choose, and no spread to tell what luck would give.
    """
    returns = found.returns
    return found.ranking.best in found.compared and bool((returns != returns[:, :1]).any())


def _apart(ranking: Ranking, scales: tuple[Scale, ...], positions: NDArray[np.int64]) -> tuple[Scale, ...]:
    """Return the axes that have one value on each footing, and several in all."""
    if len(ranking.footings) < 2:
        return ()
    known = ranking.group >= 0
    groups, own = ranking.group[known], positions[known]
    firsts = np.unique(groups, return_index=True)[1]
    is_one = (own == own[firsts][groups]).all(axis=0)
    return tuple(scale for scale in scales if is_one[scale.place] and np.unique(own[:, scale.place]).size > 1)


def _held_ns(finished: Finished, rows: NDArray[np.intp]) -> int:
    """Return for how long, in nanoseconds, 19 of 20 trades of any of some lanes lasted at most: their outcome is open."""
    days = numbers_of(finished.results.metrics.get("trade_days_95"), len(finished.results.trial))[rows]
    return int(np.nanmax(days) * DAY_NS) if np.isfinite(days).any() else 0


def _walk_of(instants: NDArray[np.int64], held_ns: int) -> WalkForward | None:
    if instants.size < LEAST_DAYS:
        return None
    length = int(instants[-1] - instants[0])
    return WalkForward(train_ns=max(length // 3, 1), test_ns=max(length // 12, 1), span_ns=held_ns, embargo_ns=length // 100)


def _verdict(found: Judged, sampled: NDArray[np.intp], records: Values) -> Verdict:
    finished, ranking = found.finished, found.ranking
    lanes = found.lanes
    ordinal = tuple(scale.is_ordinal for scale in found.scales)
    evidence = Evidence(
        returns=records,
        metric=ranking.height[sampled],
        positions=found.positions[sampled],
        is_ordinal=ordinal,
        trials=found.trials,
        instants=finished.instants,
        sampled_from=lanes if sampled.size < lanes else 0,
    )
    criteria = Criteria(periods_per_year=finished.periods_per_year, walk=found.walk)
    verdict = judge(evidence, criteria, Generator(PCG64(finished.seed)))
    if ranking.best is None or sampled.size == lanes:
        return verdict
    around = plateau(
        found.positions[ranking.is_judged],
        ranking.height[ranking.is_judged],
        is_ordinal=ordinal,
        radius=criteria.radius,
        tolerance=criteria.tolerance,
    )
    return replace(verdict, plateau=around)


def _walks(found: Judged) -> tuple[Walked, ...]:
    if found.walk is None or found.returns.size == 0:
        return ()
    walked = []
    for name in ("anchored", "rolling"):
        splits = walk_forward(found.finished.instants, replace(found.walk, is_anchored=name == "anchored"))
        if splits:
            tested = out_of_sample(found.returns, splits)
            starts = np.cumsum([0, *(split.test.size for split in splits[:-1])])
            walked.append(Walked(name, tested.rows, tested.equity, found.compared[tested.lanes], starts))
    return tuple(walked)
