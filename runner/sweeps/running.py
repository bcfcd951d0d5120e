"""Runs the lanes of a sweep that haven't been run before.

1. Lanes that share a market become batches, made of all lanes, known or not, so that every process that runs the same sweep
   has the same ones (`SharedWork`).
2. A batch is claimed, its missing lanes are made and handed to whoever runs them: threads of this machine, or others.
3. What comes back is stored before the batch is let go of. Killed at any moment, a sweep has lost what it was just doing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from runner.archive.column import Cell, Column
from runner.errors import Fault, RunError
from runner.sweeps.asking import Planned
from runner.sweeps.claims import SharedWork, Taken
from runner.sweeps.kept_specs import Base, base_of
from runner.sweeps.lanes import LaneSpec
from runner.sweeps.markets import Market
from runner.sweeps.pages.sample import spread
from runner.sweeps.results import Results
from runner.sweeps.store import TrialStore, Tried
from runner.sweeps.survey import Known, Survey
from runner.sweeps.work import Batch

__all__ = ["Executor", "Running", "most_lanes", "together"]

MOST = 128
"""Lanes of a batch at most, if they take long: what is done is kept batch by batch."""
MOST_SHORT = 512
"""Lanes of a batch at most, if its rows go by in no time: each batch is a file, and a line of the ledger."""
MOST_ROWS = 1 << 21
"""Rows that the lanes of a batch pass over together, beyond the least."""
LEAST_BATCHES = 16
"""Batches that a sweep has at least, if it has as many lanes."""
MOST_RETURNS = 2_000
"""Lanes whose session returns are kept: these are compared by the verdict, the others by their figures alone."""
BEAT = 30.0
"""Seconds between two signs of life of a batch that takes long."""


class Executor(Protocol):
    """Whoever runs batches."""

    room: int
    """Batches that it takes at once."""

    def submit(self, batch: Batch) -> "Future[Results]":
        """Take a batch."""


@dataclass(slots=True)
class _Work:
    """The batches of lanes on one market."""

    store: TrialStore
    batches: list[list[Known]]
    shared: SharedWork


@dataclass(slots=True)
class Running:
    """A sweep that runs."""

    planned: Planned
    survey: Survey
    runs: Path
    """Folder that run directories go to."""
    done: int = 0
    """Lanes whose results are there."""
    known: int = 0
    """Those that were there before."""
    stores: dict[str, TrialStore] = field(default_factory=dict)
    """Digest of data → their store; handed on where several run on the same."""
    _work: list[_Work] = field(default_factory=list)
    _bases: dict[tuple[str, ...], Base] = field(default_factory=dict)
    _spread: NDArray[np.intp] | None = None
    """Lanes whose session returns are kept."""

    def lay_out(self) -> None:
        """Find out what is known and make batches of all lanes.

        Raises:
            RunError: If the store can't be written, or its ledger isn't sound.
        """
        lanes = self.survey.lanes
        share = max(-(-len(lanes) // LEAST_BATCHES), 1)
        markets: dict[tuple[str, ...], list[Known]] = {}
        for lane in lanes:
            markets.setdefault(lane.market, []).append(lane)
        for key, own in markets.items():
            market = self.survey.markets.all[key]
            store = self._store(market.digest)
            batches = [
                list(each)
                for group in _alike(own)
                for each in _cut(group, min(share, most_lanes(_rows(group[0], market))) if group[0].shares else 1)
            ]
            shared = SharedWork(store, [[lane.trial for lane in batch] for batch in batches])
            self._work.append(_Work(store, batches, shared))
            self.known += int(store.is_known([lane.trial for lane in own]).sum())
        self.done = self.known

    def _store(self, digest: str) -> TrialStore:
        found = self.stores.get(digest)
        if found is None:
            found = self.stores[digest] = TrialStore.open(self.runs, digest)
        return found

    @property
    def missing(self) -> int:
        """How many lanes aren't known yet."""
        return len(self.survey.lanes) - self.done

    @property
    def ledgers(self) -> list[dict[str, int | str]]:
        """How far the ledgers are that the lanes are counted in."""
        return [store.head for store in self._own_stores()]

    @property
    def trials_counted(self) -> int:
        """How many trials were ever made on these data."""
        return sum(store.trials_counted for store in self._own_stores())

    @property
    def specs_counted(self) -> int:
        """How many different specs these were."""
        return sum(store.specs_counted for store in self._own_stores())

    def _own_stores(self) -> list[TrialStore]:
        """Return the stores that lanes are counted in, each once: several markets may have the same rows."""
        return list({work.store.data_digest: work.store for work in self._work}.values())

    def run(self, executor: Executor, on_progress: Callable[[float], None]) -> None:
        """Run what is missing, with whoever else runs the same sweep."""
        for work in self._work:
            self._run(work, executor, on_progress)

    def _run(self, work: _Work, executor: Executor, on_progress: Callable[[float], None]) -> None:
        running: dict[Future[Results], tuple[Taken, list[LaneSpec]]] = {}
        ran: set[int] = set()
        try:
            while True:
                while len(running) < executor.room:
                    taken = work.shared.take(waits=not running)
                    if taken is None:
                        break
                    if taken.place in ran:
                        taken.__exit__()
                        raise RunError(work.store.told or _forgotten(work.store))
                    ran.add(taken.place)
                    specs = self._specs_of(work, taken)
                    running[executor.submit(self._batch(work, taken, specs))] = taken, specs
                if not running:
                    return
                ended, _ = wait(running, timeout=BEAT, return_when=FIRST_COMPLETED)
                for taken, _ in running.values():
                    taken.beat()
                for each in ended:
                    taken, specs = running.pop(each)
                    with taken:
                        self._keep(work, taken, specs, each.result())
                    self.done += taken.missing.size
                    on_progress(self.done / max(len(self.survey.lanes), 1))
        finally:
            for each, (taken, _) in running.items():
                each.cancel()
                with taken:
                    pass

    def _specs_of(self, work: _Work, taken: Taken) -> list[LaneSpec]:
        """Return the lanes of a batch that are to be run, as the runs they are."""
        lanes = self.planned.lanes
        return [lanes.spec(lanes[work.batches[taken.place][number].number]) for number in taken.missing.tolist()]

    def _batch(self, work: _Work, taken: Taken, specs: Sequence[LaneSpec]) -> Batch:
        known = [work.batches[taken.place][number] for number in taken.missing.tolist()]
        lanes = [(lane, spec.prepared) for lane, spec in zip(known, specs, strict=True)]
        first = known[0]
        return Batch(self.survey.markets.all[first.market], first.clock, first.every, lanes, first.shares)

    def _keep(self, work: _Work, taken: Taken, specs: Sequence[LaneSpec], results: Results) -> None:
        """Store what lanes came to, with what it takes to make them again."""
        first = work.batches[taken.place][0]
        base = self._bases.setdefault(first.market, base_of(specs[0].sections))
        changes = [base.changes(spec.sections) for spec in specs]
        keeps = self._is_recorded(results.number)
        hashes, strategies = [spec.spec_hash for spec in specs], [spec.strategy for spec in specs]
        work.store.append(Tried(results, hashes, strategies, changes, base, first.start, keeps))

    def results(self) -> tuple[Results, NDArray[np.int64]]:
        """Return what became of all lanes, in their order, as far as it is known.

        Returns:
            The results, with the session returns of some lanes only; and which rows of the results these are, ascending.
        """
        found, kept = [failures(self.survey)], list[tuple[NDArray[np.int64], NDArray[np.float64]]]()
        every = np.arange(len(self.planned.lanes))
        kept_ones = frozenset(every[self._is_recorded(every)].tolist())
        for work in self._work:
            own = [lane for batch in work.batches for lane in batch]
            numbers, trials = np.array([lane.number for lane in own], dtype=np.int64), [lane.trial for lane in own]
            work.store.refresh()
            known = work.store.known(trials, with_returns=False).results
            found.append(replace(known, number=numbers[known.number], returns=np.empty((known.number.size, 0))))
            for group in _alike(own):
                # Lanes whose lines of equity differ in length have other sessions.
                recorded = [lane for lane in group if lane.number in kept_ones]
                if not recorded:
                    continue
                places, returns = work.store.returns([lane.trial for lane in recorded])
                kept.append((np.array([lane.number for lane in recorded], dtype=np.int64)[places], returns))
        results = together(found)
        order = np.argsort(results.number, kind="stable")
        results = _picked(results, order)
        lanes, returns = _longest(kept)
        rows = np.searchsorted(results.number, lanes)
        is_there = results.number[np.minimum(rows, results.number.size - 1)] == lanes if results.number.size else rows < 0
        return replace(results, returns=returns[is_there]), rows[is_there].astype(np.int64)

    def _is_recorded(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which lanes' session returns are kept: of a large sweep those of some, spread over it."""
        if self._spread is None:
            self._spread = spread(np.arange(len(self.planned.lanes)), MOST_RETURNS)
        return np.isin(numbers, self._spread)


def _longest(kept: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return lanes and their session returns, ascending; of several markets those with the most sessions.

    Returns over other sessions can't be compared.
    """
    if not kept:
        return np.empty(0, np.int64), np.empty((0, 0))
    length = max(returns.shape[1] for _, returns in kept)
    same = [(numbers, returns) for numbers, returns in kept if returns.shape[1] == length]
    numbers = np.concatenate([each for each, _ in same])
    order = np.argsort(numbers, kind="stable")
    return numbers[order], np.concatenate([each for _, each in same])[order]


def most_lanes(rows: int) -> int:
    """Return how many lanes a batch has at most that pass over so many rows: the same in every process."""
    return min(max(MOST_ROWS // max(rows, 1), MOST), MOST_SHORT)


def _forgotten(store: TrialStore) -> Fault:
    """Return the fault of a store that doesn't have what was just stored."""
    return Fault(
        str(store.folder), "must have what was stored in it", "something else", "Run the sweep in a new runs folder."
    )


def failures(survey: Survey) -> Results:
    """Return the lanes that can't run as results."""
    numbers = sorted(survey.failed)
    count = len(numbers)
    errors = [survey.failed[number] for number in numbers]
    none = [""] * count
    return Results(np.array(numbers, dtype=np.int64), none, ["FAILED"] * count, errors, none, {}, np.empty((count, 0)))


def together(results: Sequence[Results]) -> Results:
    """Return several results as one, without session returns."""
    results = [each for each in results if each.number.size] or results[:1]
    if len(results) == 1:
        return replace(results[0], returns=np.empty((results[0].number.size, 0)))
    names = dict.fromkeys(name for each in results for name in each.metrics)
    counts = [each.number.size for each in results]

    def joined(parts: Iterable[Sequence[Cell] | None]) -> Any:
        return Column.joined(
            [Column.nothing(count) if part is None else part for part, count in zip(parts, counts, strict=True)]
        )

    return Results(
        np.concatenate([each.number for each in results]),
        joined(each.trial for each in results),
        joined(each.status for each in results),
        joined(each.error for each in results),
        joined(each.digest for each in results),
        {name: joined(each.metrics.get(name) for each in results) for name in names},
        np.empty((sum(counts), 0)),
    )


def _picked(results: Results, order: NDArray[np.intp]) -> Results:
    if np.array_equal(order, np.arange(order.size)):
        return results

    def taken(cells: Sequence[Cell]) -> Any:
        return Column.of(cells).taken(order)

    return Results(
        results.number[order],
        taken(results.trial),
        taken(results.status),
        taken(results.error),
        taken(results.digest),
        {name: taken(cells) for name, cells in results.metrics.items()},
        results.returns,
    )


def _alike(lanes: Sequence[Known]) -> Iterator[list[Known]]:
    """Yield lanes that may be in one batch, in their order."""

    def key(lane: Known) -> tuple[str, str, bool]:
        return lane.clock, lane.every or "", lane.shares

    for _, group in groupby(sorted(lanes, key=key), key=key):
        yield list(group)


def _rows(lane: Known, market: Market) -> int:
    return market.ground(lane.clock).tape.rows


def _cut(lanes: Sequence[Known], size: int) -> Iterator[Sequence[Known]]:
    for first in range(0, len(lanes), size):
        yield lanes[first : first + size]
