"""One sweep from its lanes to its folder.

1. `survey` looks at every lane; `Running.lay_out` finds those that are known.
2. The folder is made, with what was asked for.
3. Missing lanes are run and kept as they come.
4. Table, verdict and page are written, also of a sweep that was interrupted, from what is known.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from runner.archive.provenance import code_of
from runner.launch.progress import Progress
from runner.launch.written import instant_text
from runner.sweeps.asking import Planned
from runner.sweeps.folder import SweepFolder
from runner.sweeps.local import Local
from runner.sweeps.results import Results
from runner.sweeps.running import Running
from runner.sweeps.survey import Survey, surveyed
from runner.sweeps.trials_table import write_trials

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
    progress.stage("table and verdict")
    results = _write(folder, planned, running)
    folder.finish(
        "DONE",
        lanes_done=running.done,
        lanes_known=running.known,
        trials_counted=running.trials_counted,
        specs_counted=running.specs_counted,
    )
    return Swept(folder.path, results, running.known, len(planned.lanes) - results.number.size)


def _write(folder: SweepFolder, planned: Planned, running: Running) -> Results:
    results, _ = running.results()
    lanes = planned.lanes
    write_trials(folder.path, lanes.asked.axes, lanes.grid.all_places(lanes.cells), results)
    return results


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
