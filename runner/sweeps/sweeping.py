"""One sweep from its lanes to its folder.

1. `survey` looks at every lane; `Running.lay_out` finds those that are known.
2. The folder is made, with what was asked for.
3. Missing lanes are run and kept as they come.
4. Table, verdict and page are written, also of a sweep that was interrupted, from what is known.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from runner.archive.provenance import code_of
from runner.archive.redact import secret_faults
from runner.collector import collected_seldom
from runner.errors import ConfigError, Fault
from runner.launch.progress import Progress
from runner.launch.written import instant_text
from runner.spec.run import canonical_json
from runner.sweeps.asking import Planned
from runner.sweeps.axes import Axis
from runner.sweeps.best_lane import dependence_of, session_instants
from runner.sweeps.executors import executor_of
from runner.sweeps.folder import SweepFolder
from runner.sweeps.footing import Footings, footings_of, ranked_apart
from runner.sweeps.pages import Finished, Judged, finished_pages
from runner.sweeps.pages.ranking import numbers_of, ranking_of
from runner.sweeps.results import Results
from runner.sweeps.running import Running
from runner.sweeps.searching import Searching, searching
from runner.sweeps.survey import Known, Survey, surveyed
from runner.sweeps.trials_table import write_trials
from runner.sweeps.work import Batch, Worker

__all__ = ["Asked", "Swept", "sweep"]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a sweep was asked for."""

    argv: tuple[str, ...]
    """The command line, secrets replaced; empty when called from Python."""
    runs: Path
    """Folder that run directories go to."""
    now: datetime
    """When it starts; all lanes judge by one moment which bars are still forming."""
    workers: int
    """Threads."""
    progress: Progress
    environment: Mapping[str, str] = field(default_factory=dict)
    """Of the process: values of it that look like secrets must not stand in a sweep."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep came to."""

    folder: Path
    results: Results
    """All lanes that are known, in their order."""
    judged: Judged
    """The verdict, and what is shown of it."""
    known: int
    """Lanes whose results were there before."""
    not_run: int
    """Lanes that weren't run, because it was interrupted."""


@collected_seldom()
def sweep(planned: Planned, asked: Asked) -> Swept:
    """Run a sweep.

    Raises:
        RunnerError: If results can't be kept.
        KeyboardInterrupt: If somebody asked to stop; what is known is written before.
    """
    secrets = _secrets(planned, asked.environment)
    if secrets:
        raise ConfigError(secrets)
    progress = asked.progress
    progress.stage("reading data")
    nanoseconds = int(asked.now.timestamp() * 1e9)
    survey = surveyed(planned, now=nanoseconds, on_progress=progress.done)
    running = _running(planned, survey, asked.runs)
    identity = _identity(planned, survey)
    folder = SweepFolder.create(asked.runs, _name(planned), identity, _facts(planned, survey, asked), asked.now)
    try:
        if running.missing:
            progress.stage("compiling the engine, once per version")
            with executor_of(planned.sweep, asked.workers) as executor:
                progress.stage(f"{running.missing:,} lanes")
                running.run(executor, progress.done)
    except BaseException as error:
        _write(folder, running)
        _finish_badly(folder, running, error)
        raise
    try:
        results, recorded = _write(folder, running)
        finished = _with_best(_finished(running, results, recorded), running, progress)
        progress.stage("verdict and page")
        judged = finished_pages(folder.path, finished)
    except BaseException as error:
        _finish_badly(folder, running, error)
        raise
    folder.finish(
        "DONE",
        lanes=len(running.planned.lanes),
        lanes_done=running.done,
        lanes_known=running.known,
        trials_counted=running.trials_counted,
        specs_counted=running.specs_counted,
        ledgers=running.ledgers,
    )
    return Swept(folder.path, results, judged, running.known, len(running.planned.lanes) - results.number.size)


def _finish_badly(folder: SweepFolder, running: Running | Searching, error: BaseException) -> None:
    status: Literal["INTERRUPTED", "FAILED"] = "INTERRUPTED" if isinstance(error, KeyboardInterrupt) else "FAILED"
    folder.finish(status, lanes_done=running.done, error=str(error))


def _secrets(planned: Planned, environment: Mapping[str, str]) -> list[Fault]:
    """Return a fault for each value of an axis, of the sweep's own keys or of what all lanes have, that holds a secret."""
    lanes = planned.lanes
    first = next((number for number in range(len(lanes)) if number not in planned.checked.failed), None)
    whole = {} if first is None else lanes.spec(lanes[first]).spec.model_dump(mode="json")
    axes = {axis.key: list(axis.values) for axis in lanes.asked.axes}
    own = {"sweep": planned.sweep.model_dump(mode="json")}
    return secret_faults(axes, environment) or secret_faults({**whole, **own}, environment)


def _running(planned: Planned, survey: Survey, runs: Path) -> Running | Searching:
    if planned.sweep.search is not None:
        return searching(planned, planned.sweep.search, survey, runs)
    running = Running(planned, survey, runs)
    running.lay_out()
    return running


def _write(folder: SweepFolder, running: Running | Searching) -> tuple[Results, NDArray[np.int64]]:
    results, recorded = running.results()
    if results.number.size:
        axes, places = _laid(running.planned)
        write_trials(folder.path, axes, places, results)
    return results, recorded


def _laid(planned: Planned) -> tuple[tuple[Axis, ...], NDArray[np.int32]]:
    """Return the axes, and the place of every lane on each; of intervals the values that lanes have, in their order."""
    lanes = planned.lanes
    axes, places = list(lanes.asked.axes), lanes.grid.all_places(lanes.cells).copy()
    for column, axis in enumerate(axes):
        if axis.interval is None:
            continue
        used = sorted(np.unique(places[:, column]).tolist(), key=axis.plain.__getitem__)
        plain, values = tuple(axis.plain[place] for place in used), tuple(axis.values[place] for place in used)
        axes[column] = replace(axis, plain=plain, values=values)
        rank = np.zeros(len(axis.plain), dtype=np.int32)
        rank[used] = np.arange(len(used), dtype=np.int32)
        places[:, column] = rank[places[:, column]]
    return tuple(axes), places


def _finished(running: Running | Searching, results: Results, recorded: NDArray[np.int64]) -> Finished:
    """Return the sweep as its pages take it."""
    planned, lanes, survey = running.planned, running.planned.lanes, running.survey
    axes, places = _laid(planned)
    footings = footings_of(survey, len(lanes))
    spec = lanes.spec(lanes[survey.lanes[0].number]).spec if survey.lanes else None
    return Finished(
        name=_name(planned),
        axes=tuple(axes),
        places=places,
        results=results,
        instants=_instants(survey, results, footings),
        sweep=planned.sweep,
        trials=max(running.specs_counted, len(results.trial)),
        periods_per_year=252.0 if spec is None else spec.timezone.sessions_per_year,
        market=_market(survey),
        recorded=recorded,
        footings=footings,
    )


def _instants(survey: Survey, results: Results, footings: Footings) -> NDArray[np.int64]:
    """Return when each session's return was known: by lanes that are judged, if returns were kept of these."""
    length = results.returns.shape[1]
    done = np.array([status == "DONE" for status in results.status], dtype=np.bool_)
    order = ranked_apart(footings, results.number, done, numbers_of(results.metrics.get("total_return"), done.size))
    judged = (lane for lane in survey.lanes if footings.of_lane[lane.number] in order[:1])
    alike: dict[tuple[object, ...], Known] = {}
    for lane in chain(islice(judged, 1), survey.lanes):
        alike.setdefault((lane.market, lane.clock, lane.start), lane)
    for lane in alike.values():
        found = session_instants(lane, survey.markets.all[lane.market])
        if found.size == length:
            return found
    return np.arange(length, dtype=np.int64)


def _with_best(finished: Finished, running: Running | Searching, progress: Progress) -> Finished:
    """Add what the best lane's result depends on, and its session returns where they weren't kept."""
    best = ranking_of(finished).best
    if best is None:
        return finished
    number = int(finished.results.number[best])
    known = next(lane for lane in running.survey.lanes if lane.number == number)
    lanes, market = running.planned.lanes, running.survey.markets.all[known.market]
    prepared = lanes.spec(lanes[number]).prepared
    depends = replace(finished, sensitivity=dependence_of(known, prepared, market, progress))
    recorded, returns = finished.rows, finished.results.returns
    if best in recorded or finished.instants.size == 0:
        return depends
    again = Worker().run(Batch(market, known.clock, known.every, [(known, prepared)], known.shares)).returns
    if again.shape[1] != finished.instants.size:
        return depends
    place = int(np.searchsorted(recorded, best))
    results = replace(finished.results, returns=np.insert(returns, place, again[0], axis=0))
    return replace(depends, results=results, recorded=np.insert(recorded, place, best))


def _market(survey: Survey) -> str:
    """Return what was traded, in a few words."""
    markets = list(survey.markets.all.values())
    if not markets:
        return ""
    symbols = sorted({symbol for market in markets for symbol in market.data.tape.symbols})
    named = ", ".join(symbols[:4]) + (f" and {len(symbols) - 4} more" if len(symbols) > 4 else "")
    first = min(int(market.data.tape.ts.min()) for market in markets if market.data.tape.rows)
    last = max(int(market.data.tape.ts.max()) for market in markets if market.data.tape.rows)
    return f"{named}, {str(instant_text(first))[:10]} to {str(instant_text(last))[:10]}"


def _name(planned: Planned) -> str:
    return str(planned.first.values.get("name", "sweep"))


def _identity(planned: Planned, survey: Survey) -> str:
    """Return hex digits over the trials of all lanes, and how they are searched among."""
    search = planned.sweep.search
    how = [] if search is None else [canonical_json(search.model_dump(mode="json"))]
    return hashlib.sha256(" ".join([*(lane.trial for lane in survey.lanes), *how]).encode()).hexdigest()


def _facts(planned: Planned, survey: Survey, asked: Asked) -> dict[str, Any]:
    axes = planned.lanes.asked.axes
    starts = {lane.market: lane.start for lane in survey.lanes}
    return {
        "argv": list(asked.argv),
        "fixed": list(planned.lanes.asked.fixed),
        "axes": {axis.key: list(axis.values) if axis.interval is None else [str(axis.interval)] for axis in axes},
        "sweep": planned.sweep.model_dump(mode="json"),
        "lanes": len(planned.lanes),
        "lanes_failed_before": len(survey.failed),
        "data": [
            {"digest": market.digest, "measured_from": instant_text(starts.get(key))}
            for key, market in survey.markets.all.items()
        ],
        "code": code_of(),
    }
