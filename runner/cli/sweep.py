"""`runner -m`, or a sweep that a file declares: every lane, and a table of them all.

`hydra/sweeper=batch`, the default, runs the lanes through `runner.sweeps`. Any other is Hydra's own way (`by_hydra`).
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from runner.archive.redact import Redactor
from runner.cli.arguments import Arguments
from runner.cli.by_hydra import run_by_hydra
from runner.cli.composing import files_here, own_words
from runner.compose.overrides import COMMAND_LINE
from runner.errors import ConfigError, Fault
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.sweeps.asking import Planned, plan_sweep
from runner.sweeps.from_python import cores
from runner.sweeps.pages import show
from runner.sweeps.sweeping import Asked, sweep

__all__ = ["plan_here", "run_sweep"]

BATCH = "Write hydra/sweeper=batch, or `- override hydra/sweeper: batch` at the end of the defaults list of config.yaml."


def plan_here(arguments: Arguments, bar: Bar) -> Planned:
    """Return the sweep that a command line asks for, every lane of it checked; raises ConfigError with all faults."""
    bar.stage("checking lanes")
    planned = plan_sweep(own_words(arguments.overrides), files_here(arguments), bar.done)
    _check_sweeper(planned)
    return planned


def run_sweep(arguments: Arguments, *, argv: tuple[str, ...]) -> int:
    """Run every lane and return the exit code: 2 if any failed."""
    now, redact = datetime.now(UTC), Redactor(os.environ)
    words = tuple(redact(word) for word in argv)
    with Bar(SafeConsole(stderr=True)) as bar:
        planned = plan_here(arguments, bar)
        if planned.first.sweeper != "batch":
            return run_by_hydra(arguments, planned, words, int(now.timestamp() * 1e9), bar)
        workers = planned.sweep.workers or cores()
        found = sweep(planned, Asked(words, Path(planned.first.runs).expanduser(), now, workers, bar, os.environ))
    console = SafeConsole()
    if found.known:
        console.print(f"{found.known:,} of {len(planned.lanes):,} lanes were known from before")
    show(console, found.judged, found.folder)
    return 2 if "FAILED" in found.results.status else 0


def _check_sweeper(planned: Planned) -> None:
    """Refuse what the chosen sweeper or launcher would pass over without a word."""
    first, sweep = planned.first, planned.sweep
    if first.sweeper == "batch" and first.launcher != "basic":
        write = f"Write hydra/sweeper=basic hydra/launcher={first.launcher}, or leave the launcher out."
        raise ConfigError(Fault("hydra/launcher", "must be left to Hydra's own sweepers", first.launcher, write))
    declared = [axis.key for axis in planned.lanes.asked.axes if axis.source != COMMAND_LINE]
    asked = {"axes": declared, "zip": sweep.zip, "where": sweep.where, "search": sweep.search}
    asked |= {"executor": sweep.executor if sweep.executor != "local" else None}
    if first.sweeper != "batch":
        faults = [
            Fault(f"sweep.{key}", f"must be left to hydra/sweeper=batch, was beside {first.sweeper}", "", BATCH)
            for key, value in asked.items()
            if value
        ]
        if faults:
            raise ConfigError(faults)
