"""One sweep from its lanes to its folder.

1. `survey` looks at every lane; `Running.lay_out` finds those that are known.
2. The folder is made, with what was asked for.
3. Missing lanes are run and kept as they come.
4. Table, verdict and page are written, also of a sweep that was interrupted, from what is known.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.archive.provenance import code_of
from runner.launch.progress import Progress
from runner.launch.written import instant_text
from runner.sweeps.asking import Planned
from runner.sweeps.best_lane import dependence_of, session_instants
from runner.sweeps.folder import SweepFolder
from runner.sweeps.local import Local
from runner.sweeps.pages import Finished, Judged, finished_pages
from runner.sweeps.pages.ranking import ranking_of
from runner.sweeps.results import Results
from runner.sweeps.running import Running
from runner.sweeps.survey import Survey, surveyed
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


def sweep(planned: Planned, asked: Asked) -> Swept:
    """Run a sweep.

    Raises:
        RunnerError: If results can't be kept.
        KeyboardInterrupt: If somebody asked to stop; what is known is written before.
    """
    progress = asked.progress
    progress.stage("reading data")
    nanoseconds = int(asked.now.timestamp() * 1e9)
    survey = surveyed(planned, now=nanoseconds, on_progress=progress.done)
    running = Running(planned, survey, asked.runs)
    running.lay_out()
    folder = SweepFolder.create(asked.runs, _name(planned), _identity(survey), _facts(planned, survey, asked), asked.now)
    try:
        if running.missing:
            progress.stage("compiling the engine, once per version")
            with Local(asked.workers) as executor:
                progress.stage(f"{running.missing:,} lanes")
                running.run(executor, progress.done)
    except BaseException as error:
        _write(folder, planned, running)
        folder.finish(
            "INTERRUPTED" if isinstance(error, KeyboardInterrupt) else "FAILED", lanes_done=running.done, error=str(error)
        )
        raise
    results, recorded = _write(folder, planned, running)
    finished = _finished(planned, running, results, recorded)
    finished = _with_best(finished, planned, running, progress)
    progress.stage("verdict and page")
    judged = finished_pages(folder.path, finished)
    folder.finish(
        "DONE",
        lanes_done=running.done,
        lanes_known=running.known,
        trials_counted=running.trials_counted,
        specs_counted=running.specs_counted,
    )
    return Swept(folder.path, results, judged, running.known, len(planned.lanes) - results.number.size)


def _write(folder: SweepFolder, planned: Planned, running: Running) -> tuple[Results, NDArray[np.int64]]:
    results, recorded = running.results()
    lanes = planned.lanes
    if results.number.size:
        write_trials(folder.path, lanes.asked.axes, lanes.grid.all_places(lanes.cells), results)
    return results, recorded


def _finished(planned: Planned, running: Running, results: Results, recorded: NDArray[np.int64]) -> Finished:
    """Return the sweep as its pages take it."""
    lanes, survey = planned.lanes, running.survey
    axes, places = lanes.asked.axes, lanes.grid.all_places(lanes.cells)
    spec = lanes.spec(lanes[survey.lanes[0].number]).spec if survey.lanes else None
    instants = _instants(survey, results)
    return Finished(
        name=_name(planned),
        axes=tuple(axes),
        places=places,
        results=results,
        instants=instants,
        sweep=planned.sweep,
        trials=max(running.specs_counted, len(results.trial)),
        periods_per_year=252.0 if spec is None else spec.timezone.sessions_per_year,
        market=_market(survey),
        recorded=recorded,
    )


def _instants(survey: Survey, results: Results) -> NDArray[np.int64]:
    """Return when each session's return was known; by the market that has most sessions, where there are several."""
    length = results.returns.shape[1]
    for lane in survey.lanes:
        found = session_instants(lane, survey.markets.all[lane.market])
        if found.size == length:
            return found
    return np.arange(length, dtype=np.int64)


def _with_best(finished: Finished, planned: Planned, running: Running, progress: Progress) -> Finished:
    """Add what the best lane's result depends on, and its session returns where they weren't kept."""
    best = ranking_of(finished).best
    if best is None:
        return finished
    number = int(finished.results.number[best])
    known = next(lane for lane in running.survey.lanes if lane.number == number)
    market, prepared = running.survey.markets.all[known.market], planned.lanes.spec(planned.lanes[number]).prepared
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


def _identity(survey: Survey) -> str:
    """Return hex digits over the trials of all lanes."""
    return hashlib.sha256(" ".join(lane.trial for lane in survey.lanes).encode()).hexdigest()


def _facts(planned: Planned, survey: Survey, asked: Asked) -> dict[str, Any]:
    axes = planned.lanes.asked.axes
    starts = {lane.market: lane.start for lane in survey.lanes}
    return {
        "argv": list(asked.argv),
        "fixed": list(planned.lanes.asked.fixed),
        "axes": {axis.key: list(axis.values) for axis in axes},
        "sweep": planned.sweep.model_dump(mode="json"),
        "lanes": len(planned.lanes),
        "lanes_failed_before": len(survey.failed),
        "data": [
            {"digest": market.digest, "measured_from": instant_text(starts.get(key))}
            for key, market in survey.markets.all.items()
        ],
        "code": code_of(),
    }
