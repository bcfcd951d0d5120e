"""Launches a run: configuration → pipeline → tape → engine → run directory.

    1. `compose` and `prepare` find every fault of the configuration before anything is read or written.
    2. `load` reads the market data through time-zone policy and quality gate.
    3. `RunDirectory.create` makes the folder; from here on every end is written into its manifest.
    4. The engine runs the pipeline, a backtest under other fill clocks and costs as well, unless that is switched off.
    5. Metrics, tables, sensitivity and report are written; the manifest says `DONE`.

The clock, the environment and the working directory are read here and in `archive`, and nowhere below.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from runner.archive.digest import result_digest, table_digest
from runner.archive.directory import RunDirectory, unwritable
from runner.archive.provenance import code_of, environment_of, project_of
from runner.archive.redact import Redactor, secret_faults
from runner.archive.run import Run, load
from runner.archive.shield import shielded
from runner.compose import Composed, compose
from runner.engine.clocks import check_columns
from runner.engine.native import backtest, evaluated, named_nodes, replay
from runner.engine.results import measured_from
from runner.engine.sensitivity import alternatives, fill_kinds
from runner.engine.surroundings import first_decisions, surroundings_of
from runner.engine.undefined import undefined_rules
from runner.errors import ConfigError, DataError, Fault, RunError, RunnerError
from runner.kinds import FolderKinds
from runner.market.digest import market_digest
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.market.tape import Tape
from runner.prepare import Prepared, known_kinds, prepare, prepare_spec
from runner.report.breakdown import breakdown_of
from runner.report.cross_check import Figures, cross_check
from runner.report.html import render
from runner.report.metrics import Metrics, metrics
from runner.report.page import ReportInput
from runner.report.regimes import market_of
from runner.report.remarks import remarks
from runner.report.robustness import robustness_remarks
from runner.report.sensitivity import Sensitivity, sensitivity
from runner.signal.evaluate import Evaluated
from runner.signal.sheet import Surroundings
from runner.spec.run import RunSpec
from runner.strict_yaml import write as yaml_text
from runner.tables import Tables
from runner.trading.fill import Fill
from runner.trading.kernel.advance import compiled_advance

__all__ = ["Launch", "Progress", "configure", "launch", "run"]

RESULTS = ("orders", "fills", "equity", "positions", "refusals", "charges")
"""The tables that make up a run's result digest."""


class Progress(Protocol):
    """Is told how far a run is."""

    def stage(self, name: str) -> None:
        """Begin a stage."""

    def done(self, share: float) -> None:
        """Say which share of the stage is done, 0 to 1."""


class Silent:
    """Tells nobody."""

    def stage(self, name: str) -> None:
        """Ignore it."""

    def done(self, share: float) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a run was asked for, for its provenance."""

    argv: tuple[str, ...] = ()
    """The command line, or empty when called from Python."""
    composed: Composed | None = None
    """The composed configuration; None for a spec made in Python."""
    runs: Path = Path("runs")
    """Folder that run directories go to."""
    progress: Progress = field(default_factory=Silent)
    """Is told how far the run is."""
    now: int | None = None
    """UTC nanoseconds after which bars of files count as still forming; None is the moment they are read."""


def configure(overrides: Sequence[str] = (), *, config_dirs: Sequence[str | Path] = ()) -> RunSpec:
    """Return the spec that overrides make of the shipped configuration, without running it.

    Args:
        overrides: As on the command line: `["signal.params.lookback=10", "slippage=none"]`.
        config_dirs: Folders of YAML files that add to the shipped ones and come before them.

    Raises:
        ConfigError: With every fault found.
    """
    return prepare(_composed(overrides, config_dirs)).spec


def run(
    spec: RunSpec | None = None,
    *,
    overrides: Sequence[str] = (),
    config_dirs: Sequence[str | Path] = (),
    runs: str | Path | None = None,
) -> Run:
    """Run a strategy and write its run directory.

    Args:
        spec: A spec made in Python or by `runner.configure`; None composes the configuration.
        overrides: As on the command line; not together with a spec.
        config_dirs: Folders of YAML files that add to the shipped ones and come before them.
        runs: Folder that run directories go to; None takes the configuration's, or `runs`.

    Raises:
        RunnerError: The configuration, the data or the folder is not what it must be; nothing is left half-written.
        ValueError: Both a spec and overrides are given.
    """
    if spec is not None:
        if not isinstance(spec, RunSpec):
            raise TypeError(f"spec must be a RunSpec, was {type(spec).__name__}; overrides are given as overrides=[...]")
        if overrides or config_dirs:
            raise ValueError("give a spec or overrides, not both: a spec is complete; change it with spec.model_copy")
        return launch(prepare_spec(spec), Launch(runs=Path(runs or "runs")))
    composed = _composed(overrides, config_dirs)
    return launch(prepare(composed), Launch(composed=composed, runs=Path(runs or composed.runs)))


def _composed(overrides: Sequence[str], config_dirs: Sequence[str | Path]) -> Composed:
    if isinstance(overrides, str):
        raise TypeError(f'overrides must be a list of texts, was one text; write overrides=["{overrides}"]')
    folders = [Path(folder) for folder in config_dirs]
    return compose(overrides, config_dirs=folders, working_directory=Path.cwd(), kinds=known_kinds())


def launch(prepared: Prepared, how: Launch) -> Run:
    """Read the data, run the engine and write the run directory; see the module's steps."""
    redact = Redactor(os.environ)
    timer = _Timer()
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
    provenance, diff = _provenance(prepared, how, market, redact)
    directory = RunDirectory.create(
        how.runs.expanduser(), name=spec.name, spec_hash=spec.hash, provenance=provenance, redact=redact
    )
    try:
        _write_inputs(directory, prepared, how, market, diff)
        with timer("engine"):
            tables, found, second = _compute(prepared, market, around, how.progress)
        with timer("sensitivity"):
            depends = None if found is None else _sensitivity(prepared, market, found, tables, how.progress)
        if second is not None:
            directory.write_json("engine.json", cross_check(second, _metrics(prepared, market, tables)))
        _write_results(directory, prepared, market, tables, depends, timer)
    except BaseException as error:
        _finish_badly(directory, error)
        if isinstance(error, OSError):
            raise RunError(unwritable(directory.path, error)) from error
        raise
    return load(directory.path)


def _compute(
    prepared: Prepared, market: MarketData, around: Surroundings, progress: Progress
) -> tuple[Tables, Evaluated | None, Figures | None]:
    """Return the tables, the rules' values where they are to be traded on otherwise, and another engine's figures."""
    spec, pipeline, signals = prepared.spec, prepared.pipeline, prepared.spec.report.signals
    progress.stage("compiling the engine, once per version")
    compiled_advance()
    every = spec.report.equity_every
    progress.stage(f"{spec.mode.kind} of {market.tape.rows:,} {market.tape.stream}")
    with _telling(progress) as on_progress:
        if spec.engine.kind == "backtrader":
            return _through_backtrader(prepared, market, around, on_progress)
        if spec.mode.kind == "replay":
            again = replay(pipeline, market.tapes, around, signals=signals, on_progress=on_progress, every=every)
            return again, None, None
        found = evaluated(pipeline, market.tapes, around, named_nodes(pipeline, signals=signals))
        tables = backtest(pipeline, market.tapes, around, signals=signals, on_progress=on_progress, every=every, found=found)
        return tables, found if spec.report.sensitivity else None, None


def _through_backtrader(
    prepared: Prepared, market: MarketData, around: Surroundings, on_progress: Callable[[float], None]
) -> tuple[Tables, None, Figures]:
    """Run through Backtrader, which takes half a second to load and may not be there."""
    from runner.engine.backtrader import run as second  # noqa: PLC0415 - only who asks for it pays

    spec, own = prepared.spec, prepared.strategy
    with nullcontext() if own is None else own.told():
        outcome = second.backtest(
            prepared.pipeline,
            market.tapes,
            around,
            signals=spec.report.signals,
            on_progress=on_progress,
            how=second.How(
                None if own is None else second.Own(own.made, spec.engine.params), spec.timezone.sessions_per_year
            ),
        )
    return outcome.tables, None, outcome.figures


@contextmanager
def _telling(progress: Progress) -> Iterator[Callable[[float], None]]:
    """Give a callback that tells how far the work is; a request to stop waits until it is called."""
    with shielded() as deliver:

        def on_progress(share: float) -> None:
            deliver()
            progress.done(share)

        yield on_progress


def _sensitivity(
    prepared: Prepared, market: MarketData, found: Evaluated, tables: Tables, progress: Progress
) -> Sensitivity:
    """Return what the result depends on: other fill clocks and costs, years, markets, symbols."""
    spec, pipeline = prepared.spec, prepared.pipeline
    tape = _deciding(prepared, market)
    sessions, year = _sessions(prepared, market, tables), spec.timezone.sessions_per_year
    kinds, left_out = fill_kinds(pipeline, market.tapes, _known_fills())
    breakdown = breakdown_of(tables, tape, market_of(tape), capital=spec.capital, sessions_per_year=year, sessions=sessions)
    progress.stage("other fill clocks and costs")
    with _telling(progress) as on_progress:
        others = alternatives(pipeline, market.tapes, found, kinds, on_progress=on_progress, every=spec.report.equity_every)
        return sensitivity(
            others, breakdown, left_out=left_out, capital=spec.capital, sessions_per_year=year, sessions=sessions
        )


def _known_fills() -> list[Fill]:
    """Return every fill kind that can be had without parameters."""
    kinds = FolderKinds()
    found = (kinds.find("fill", name) for name in kinds.names("fill"))
    bare = [kind for kind in found if kind and not any(field.is_required() for field in kind.model_fields.values())]
    return [fill for kind in bare if isinstance(fill := kind.model_validate({}), Fill)]


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


def _provenance(prepared: Prepared, how: Launch, market: MarketData, redact: Redactor) -> tuple[dict[str, Any], str]:
    project, diff = project_of(Path.cwd(), redact)
    composed = how.composed
    return {
        "argv": [redact(word) for word in how.argv],
        "overrides": list(composed.overrides) if composed else [],
        "choices": dict(composed.choices) if composed else {},
        "seed": prepared.spec.seed,
        "mode": prepared.spec.mode.kind,
        "engine": prepared.spec.engine.kind,
        "data_digests": dict(market.digests),
        "data_as_of": None if market.as_of is None else f"{np.datetime64(market.as_of, 'ns')}Z",
        "tape_digest": market_digest(market.tapes),
        "code": code_of(),
        "plugins": {file.name: file.digest for file in prepared.plugins},
        "project": project,
        "environment": environment_of(),
    }, diff


def _write_inputs(directory: RunDirectory, prepared: Prepared, how: Launch, market: MarketData, diff: str) -> None:
    directory.write_text("spec.yaml", yaml_text(prepared.spec.model_dump(mode="json")))
    directory.write_json("quality.json", market.quality)
    if diff:
        directory.write_text("project.diff", diff)
    for file in prepared.plugins:
        directory.write_text(f"plugins/{file.name}", file.source.decode())
    if how.composed:
        for name, text in how.composed.hydra_files.items():
            directory.write_text(f".hydra/{name}", text)
    rows, held = (sum(figure) for figure in zip(*((tape.rows, tape.nbytes) for tape in market.tapes.values()), strict=True))
    directory.log("data read", rows=rows, symbols=len(market.tape.symbols), bytes=held)


def _write_results(
    directory: RunDirectory,
    prepared: Prepared,
    market: MarketData,
    tables: Tables,
    depends: Sensitivity | None,
    timer: "_Timer",
) -> None:
    with timer("write"):
        written = {name: getattr(tables, name) for name in RESULTS}
        if tables.signals:
            written["signals"] = tables.signals
        for name, table in written.items():
            directory.write_table(name, table)
        digests = {name: table_digest(table) for name, table in written.items()}
        figures = _metrics(prepared, market, tables)
        directory.write_json("metrics.json", figures)
        if depends is not None:
            directory.write_json("sensitivity.json", depends)
    directory.log("tables written", **{name: int(table["ts"].size) for name, table in written.items()})
    directory.update(
        result_digest=result_digest({name: digests[name] for name in RESULTS}),
        table_digests=digests,
        remarks=[
            *remarks(
                tables,
                market.tape,
                market.quality,
                metrics=figures,
                sessions_per_year=prepared.spec.timezone.sessions_per_year,
                undefined={} if prepared.strategy else undefined_rules(prepared.pipeline, prepared.spec, market, tables),
            ),
            *([] if depends is None else robustness_remarks(depends)),
        ],
        timings=timer.seconds,
    )
    if prepared.spec.report.html:
        directory.write_text("report.html", _report(directory, prepared, market, tables, figures, depends))
    directory.finish("DONE")


def _metrics(prepared: Prepared, market: MarketData, tables: Tables) -> Metrics:
    return metrics(
        tables,
        capital=prepared.spec.capital,
        sessions_per_year=prepared.spec.timezone.sessions_per_year,
        sessions=_sessions(prepared, market, tables),
    )


def _sessions(prepared: Prepared, market: MarketData, tables: Tables) -> NDArray[np.int32]:
    """Return the session date of each row of equity."""
    return _session_of(_deciding(prepared, market), np.asarray(tables.equity["ts"], dtype=np.int64))


def _deciding(prepared: Prepared, market: MarketData) -> Tape:
    """Return the rows that decide."""
    return next(tape for stream, tape in market.tapes.items() if stream == prepared.pipeline.clock)


def _session_of(tape: Tape, instants: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the session date of each instant at which a row of the tape is known."""
    order = np.argsort(tape.ts, kind="stable")
    found = np.searchsorted(tape.ts[order], instants)
    sessions: NDArray[np.int32] = tape.session[order][found]
    return sessions


def _report(
    directory: RunDirectory,
    prepared: Prepared,
    market: MarketData,
    tables: Tables,
    figures: Mapping[str, Any],
    depends: Sensitivity | None,
) -> str:
    spec = prepared.spec
    return render(
        ReportInput(
            name=spec.name,
            spec=spec,
            spec_yaml=yaml_text(spec.model_dump(mode="json")),
            metrics=dict(figures),
            quality=market.quality,
            manifest={**directory.manifest, "status": "DONE"},
            tables=tables,
            tape=_deciding(prepared, market),
            symbols=market.tape.symbols,
            sensitivity=depends,
        )
    )


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


class _Timer:
    """Seconds spent per stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stage = ""
        self._began = 0.0

    def __call__(self, stage: str) -> "_Timer":
        self._stage = stage
        return self

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds[self._stage] = round(time.perf_counter() - self._began, 4)
