"""One run from its prepared pipeline to its directory; the steps are those of the package."""

import os
import time

from runner.archive.directory import RunDirectory, unwritable
from runner.archive.redact import Redactor, secret_faults
from runner.archive.run import Run, load
from runner.errors import ConfigError, Fault, RunError
from runner.launch.by_whole import by_whole, whole_data
from runner.launch.by_windows import by_windows
from runner.launch.ending import finish_badly
from runner.launch.how import Launch
from runner.launch.timer import Timer
from runner.launch.written import metrics_of, provenance_of, write_inputs, write_results
from runner.market.run_windows import RunWindows, run_windows
from runner.prepare import Prepared
from runner.report.cross_check import cross_check

__all__ = ["launch"]


def launch(prepared: Prepared, how: Launch) -> Run:
    """Read the data, run the engine and write the run directory; see the package's steps."""
    redact = Redactor(os.environ)
    timer = Timer()
    spec = prepared.spec
    if spec.mode.kind not in {"backtest", "replay"}:
        write = "Launch a session by itself: never as one of many, and never through Hydra's own sweepers."
        raise ConfigError(Fault("mode.kind", "must be backtest or replay here", spec.mode.kind, write))
    secrets = secret_faults(spec.model_dump(mode="json"), os.environ)
    if secrets:
        raise ConfigError(secrets)
    how.progress.stage("reading data")
    now = time.time_ns() if how.now is None else how.now
    with timer("read"):
        data = whole_data(prepared, now) if spec.engine.window is None else run_windows(spec, now=now)
    provenance, diff = provenance_of(prepared, how, data, redact, now)
    directory = RunDirectory.create(
        how.runs.expanduser(), name=spec.name, spec_hash=spec.hash, provenance=provenance, redact=redact
    )
    try:
        write_inputs(directory, prepared, how, diff)
        if isinstance(data, RunWindows):
            outcome = by_windows(directory, prepared, data, how.progress, timer)
        else:
            outcome = by_whole(directory, prepared, data, how.progress, timer)
        if outcome.second is not None:
            directory.write_json("engine.json", cross_check(outcome.second, metrics_of(prepared, outcome)))
        write_results(directory, prepared, outcome, timer)
    except BaseException as error:
        finish_badly(directory, error)
        if isinstance(error, OSError):
            raise RunError(unwritable(directory.path, error)) from error
        raise
    return load(directory.path)
