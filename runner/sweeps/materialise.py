"""A trial of a sweep made again as a run of its own, with everything a run writes, and held against what it came to.

1. `find_trial` looks for the trial in all stores of a runs folder.
2. `materialise` makes its spec again, measured from the instant the sweep was measured from, and launches it.
3. What differs is told, the first metric that does by name (`_difference`).

The run's spec hash isn't the trial's: the instant it is measured from is part of the run's spec, and isn't part of a lane's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runner.archive.provenance import code_of
from runner.archive.run import Run
from runner.compose.validate import spec_of
from runner.errors import ConfigError, Fault, RunError, TrialError
from runner.launch import Launch, launch
from runner.launch.written import RESULTS, instant_text
from runner.prepare import Prepared, known_kinds, prepare_spec
from runner.report.lane_digest import digest_of_tables
from runner.sweeps.store import FOLDER, TrialFound, TrialStore
from runner.sweeps.trial import code_digest, trial_of
from runner.tables import Tables

__all__ = ["LEAST_DIGITS", "find_trial", "materialise"]

LEAST_DIGITS = 6
"""Hex digits that a trial is asked for by at least."""
MOST_SHOWN = 20
"""Trials that are listed where several were meant."""
DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class _Match:
    store: TrialStore
    trial: str


def find_trial(runs: Path, prefix: str) -> TrialFound:
    """Return the trial whose name begins so.

    Args:
        runs: Folder that the sweep's runs went to.
        prefix: At least `LEAST_DIGITS` hex digits.

    Raises:
        ConfigError: If it isn't written as trials are.
        RunError: If there is none, or more than one, or its store isn't sound.
    """
    if not LEAST_DIGITS <= len(prefix) <= 16 or not DIGITS.issuperset(prefix):
        must = f"must be {LEAST_DIGITS} to 16 digits, 0 to 9 and a to f"
        raise ConfigError(Fault("TRIAL", must, prefix, "Write what stands under trial in trials.parquet.", "command line"))
    found = [_Match(store, trial) for store in _stores(runs) for trial in store.matching(prefix)]
    if not found:
        fix = "Write --runs DIR with the folder that the sweep's runs went to, or look the trial up in trials.parquet."
        raise RunError(Fault("TRIAL", f"must be a trial in {runs / FOLDER}", prefix, fix, "command line"))
    if len(found) > 1:
        shown = ", ".join(match.trial for match in found[:MOST_SHOWN])
        more = f" and {len(found) - MOST_SHOWN:,} more" if len(found) > MOST_SHOWN else ""
        fix = f"Write more digits: {shown}{more}."
        raise RunError(
            Fault("TRIAL", "must mean one trial", f"{prefix}, which {len(found):,} begin with", fix, "command line")
        )
    return found[0].store.found(found[0].trial)


def materialise(found: TrialFound, how: Launch) -> Run:
    """Run a trial again as a run of its own, and return the run if it comes to the same.

    Args:
        found: From `find_trial`.
        how: How it was asked for; its manifest names the trial.

    Raises:
        TrialError: If it comes to something else; its run directory stays, to be looked at.
        RunnerError: If it can't be run, as a trial that failed.
    """
    prepared = prepare_spec(spec_of(_values(found), kinds=known_kinds()))
    run = launch(prepared, replace(how, composed=None, trial=found.trial))
    difference = _difference(found, run, prepared)
    if difference is not None:
        raise TrialError(difference)
    return run


def _stores(runs: Path) -> Iterator[TrialStore]:
    folder = runs / FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir():
            yield TrialStore(path)


def _values(found: TrialFound) -> dict[str, Any]:
    """Return the plain values of the run that a trial is."""
    if found.start is None:
        return found.spec
    return {**found.spec, "report": {**found.spec["report"], "measured_from": instant_text(found.start)}}


def _difference(found: TrialFound, run: Run, prepared: Prepared) -> Fault | None:
    """Return how a run differs from a trial, None if it doesn't."""
    write = _why(found, run, prepared)
    if found.status != "DONE":
        return Fault(
            f"trial {found.trial}", "must fail as it did in the sweep", f"done; it had failed: {found.error}", write
        )
    metrics: Mapping[str, Any] = run.metrics
    for name in dict.fromkeys((*found.metrics, *metrics)):
        was, now = found.metrics.get(name), metrics.get(name)
        if not _is_same(was, now):
            return Fault(f"metrics.{name}", f"must be {was!r} as in trial {found.trial}", f"{now!r} in {run.path}", write)
    tables = Tables(**{name: run.table(name) for name in RESULTS})
    rules = [name for name, _ in prepared.pipeline.rules]
    digest = digest_of_tables(tables, symbols=prepared.spec.universe.symbols, rules=rules)
    if digest != found.digest:
        must = f"must have the digest {found.digest} as trial {found.trial}"
        return Fault("tables", must, f"{digest} in {run.path}", write)
    return None


def _is_same(one: Any, other: Any) -> bool:
    """Return whether two cells are the same number, text or nothing."""
    return bool(one == other)


def _why(found: TrialFound, run: Run, prepared: Prepared) -> str:
    """Return what a difference comes from, as far as that can be told."""
    code = code_digest(code_of(), prepared.plugins)
    every = prepared.spec.report.equity_every
    if trial_of(found.strategy, found.data_digest, code, found.start, every) == found.trial:
        return "Neither spec nor code has changed since: look whether the data have, or report a fault of Runner's."
    return (
        "Data, Runner's code or a file of your own have changed since the sweep; "
        f"{run.path / 'manifest.json'} has their digests. Run the sweep again."
    )
