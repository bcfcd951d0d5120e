"""One run from its prepared pipeline to its directory; the steps are those of the package."""

import os
import time

import numpy as np

from runner.archive.directory import RunDirectory, unwritable
from runner.archive.redact import Redactor, secret_faults
from runner.archive.run import Run, load
from runner.engine.clocks import check_columns
from runner.engine.results import measured_from
from runner.engine.surroundings import first_decisions, surroundings_of
from runner.errors import ConfigError, DataError, Fault, RunError, RunnerError
from runner.launch.computed import computed, dependence
from runner.launch.how import Launch
from runner.launch.timer import Timer
from runner.launch.written import metrics_of, provenance_of, write_inputs, write_results
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.prepare import Prepared
from runner.report.cross_check import cross_check
from runner.signal.sheet import Surroundings

__all__ = ["launch"]


def launch(prepared: Prepared, how: Launch) -> Run:
    """Read the data, run the engine and write the run directory; see the package's steps."""
    redact = Redactor(os.environ)
    timer = Timer()
    spec = prepared.spec
    secrets = secret_faults(spec.model_dump(mode="json"), os.environ)
    if secrets:
        raise ConfigError(secrets)
    how.progress.stage("reading data")
    with timer("read"):
        market = run_data(spec, prepared.source, now=time.time_ns() if how.now is None else how.now)
        check_columns(prepared.pipeline, market.tapes)
        around = surroundings_of(spec, market)
        _check_long_enough(prepared, market, around)
    provenance, diff = provenance_of(prepared, how, market, redact)
    directory = RunDirectory.create(
        how.runs.expanduser(), name=spec.name, spec_hash=spec.hash, provenance=provenance, redact=redact
    )
    try:
        write_inputs(directory, prepared, how, market, diff)
        with timer("engine"):
            tables, found, second = computed(prepared, market, around, how.progress)
        with timer("sensitivity"):
            depends = None if found is None else dependence(prepared, market, found, tables, how.progress)
        if second is not None:
            directory.write_json("engine.json", cross_check(second, metrics_of(prepared, market, tables)))
        write_results(directory, prepared, market, tables, depends, timer)
    except BaseException as error:
        _finish_badly(directory, error)
        if isinstance(error, OSError):
            raise RunError(unwritable(directory.path, error)) from error
        raise
    return load(directory.path)


def _check_long_enough(prepared: Prepared, market: MarketData, around: Surroundings) -> None:
    """Refuse data in which no symbol ever gets past its warm-up: such a run could only say nothing."""
    if prepared.strategy is not None:
        return  # it has a warm-up of its own
    if measured_from(*first_decisions(prepared.pipeline, market.tapes, around)) is not None:
        return
    longest = int(np.diff(market.tape.offsets).max())
    must = f"must have more rows than the warm-up of {prepared.pipeline.warm_up}"
    fix = "Widen window.start and window.end, or shorten the lookbacks of the signal."
    raise DataError(Fault("universe.symbols", must, f"{longest} rows of the longest symbol", fix))


def _finish_badly(directory: RunDirectory, error: BaseException) -> None:
    """Write into the manifest how the run ended; the error itself goes on to the caller."""
    if directory.is_finished:
        return
    status = "INTERRUPTED" if isinstance(error, KeyboardInterrupt) else "FAILED"
    text = str(error) if isinstance(error, RunnerError | KeyboardInterrupt) else f"{type(error).__name__}: {error}"
    try:
        directory.finish(status, error=text or "interrupted")
    except OSError as second:
        error.add_note(f"The manifest of {directory.path} could not be written either: {second}")
