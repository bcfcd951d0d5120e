"""Launches a run: configuration → pipeline → tape → engine → run directory.

    1. `compose` and `prepare` find every fault of the configuration before anything is read or written.
    2. `load` reads the market data through time-zone policy and quality gate.
    3. `RunDirectory.create` makes the folder; from here on every end is written into its manifest.
    4. The engine runs the pipeline, a backtest under other fill clocks and costs as well, unless that is switched off.
       With `engine.window` steps 2 and 4 are one: the data are read window by window while the engine runs.
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
from runner.engine.onward import Sessions
from runner.engine.results import measured_from
from runner.engine.sensitivity import alternatives, fill_kinds
from runner.engine.surroundings import first_decisions, surroundings_of
from runner.engine.through_windows import through_windows
from runner.engine.undefined import undefined_rules
from runner.errors import ConfigError, DataError, Fault, RunError, RunnerError
from runner.kinds import FolderKinds
from runner.market.digest import market_digest
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.market.run_windows import RunWindows, run_windows
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.prepare import Prepared, prepare, prepare_spec
from runner.report.breakdown import breakdown_of
from runner.report.cross_check import Figures, cross_check
from runner.report.html import render
from runner.report.metrics import Metrics, metrics
from runner.report.page import ReportInput
from runner.report.regimes import market_of
from runner.report.remarks import remarks
from runner.report.robustness import robustness_remarks
from runner.report.sensitivity import Sensitivity, sensitivity
from runner.report.window_remarks import window_remarks
from runner.signal.evaluate import Evaluated
from runner.signal.sheet import Surroundings
from runner.spec.run import RunSpec
from runner.strict_yaml import write as yaml_text
from runner.tables import Tables
from runner.trading.fill import Fill
from runner.trading.kernel.advance import compiled_advance
from runner.trading.kernel.settle import compiled_settle

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
    return compose(overrides, config_dirs=[Path(folder) for folder in config_dirs], working_directory=Path.cwd())


def launch(prepared: Prepared, how: Launch) -> Run:
    """Read the data, run the engine and write the run directory; see the module's steps."""
    redact = Redactor(os.environ)
    timer = _Timer()
    spec = prepared.spec
    secrets = secret_faults(spec.model_dump(mode="json"), os.environ)
    if secrets:
        raise ConfigError(secrets)
    how.progress.stage("reading data")
    now = time.time_ns() if how.now is None else how.now
    with timer("read"):
        data = _whole(prepared, now) if spec.engine.window is None else run_windows(spec, now=now)
    provenance, diff = _provenance(prepared, how, data, redact)
    directory = RunDirectory.create(
        how.runs.expanduser(), name=spec.name, spec_hash=spec.hash, provenance=provenance, redact=redact
    )
    try:
        _write_inputs(directory, prepared, how, diff)
        if isinstance(data, RunWindows):
            outcome = _by_windows(directory, prepared, data, how.progress, timer)
        else:
            outcome = _by_whole(directory, prepared, data, how.progress, timer)
        if outcome.second is not None:
            directory.write_json("engine.json", cross_check(outcome.second, _metrics(prepared, outcome)))
        _write_results(directory, prepared, outcome, timer)
    except BaseException as error:
        _finish_badly(directory, error)
        if isinstance(error, OSError):
            raise RunError(unwritable(directory.path, error)) from error
        raise
    return load(directory.path)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a run came to, and what it says of the market beside its tables."""

    market: MarketData
    """What it ran on; of data that were read window by window the last prices of sessions."""
    tables: Tables
    sessions: NDArray[np.int32]
    """Session date of each row of equity."""
    undefined: Mapping[str, str]
    """Rules that were never defined → why."""
    depends: Sensitivity | None
    second: Figures | None = None
    """Another engine's own figures."""


def _whole(prepared: Prepared, now: int) -> MarketData:
    """Read the data whole, and hold them against what the pipeline needs."""
    market = run_data(prepared.spec, prepared.source, now=now)
    check_columns(prepared.pipeline, market.tapes)
    start = measured_from(*first_decisions(prepared.pipeline, market.tapes, surroundings_of(prepared.spec, market)))
    # A strategy has a warm-up of its own.
    if start is None and prepared.strategy is None:
        raise _too_short(prepared, int(np.diff(market.tape.offsets).max()))
    return market


def _by_whole(
    directory: RunDirectory, prepared: Prepared, market: MarketData, progress: Progress, timer: "_Timer"
) -> _Outcome:
    """Compute a run on data that were read whole."""
    _write_market(directory, market, {stream: tape.rows for stream, tape in market.tapes.items()})
    around = surroundings_of(prepared.spec, market)
    with timer("engine"):
        tables, found, second = _compute(prepared, market, around, progress)
    sessions = Sessions.of(_deciding(prepared, market)).at(np.asarray(tables.equity["ts"], dtype=np.int64))
    with timer("sensitivity"):
        depends = None if found is None else _sensitivity(prepared, market, found, tables, sessions, progress)
    undefined = {} if prepared.strategy else undefined_rules(prepared.pipeline, prepared.spec, market, tables)
    return _Outcome(market, tables, sessions, undefined, depends, second)


def _by_windows(
    directory: RunDirectory, prepared: Prepared, windows: RunWindows, progress: Progress, timer: "_Timer"
) -> _Outcome:
    """Compute a run while its data are read window by window."""
    spec, year = prepared.spec, prepared.spec.timezone.sessions_per_year
    progress.stage("compiling the engine, once per version")
    compiled_advance()
    compiled_settle()
    progress.stage(f"backtest by windows of {spec.engine.window}")
    with timer("engine"), _telling(progress) as on_progress:
        through = through_windows(prepared.pipeline, spec, windows, known=_known_fills(), on_progress=on_progress)
    passage, market = through.passage, through.market
    rows = {stream: int(counts.sum()) for stream, counts in passage.rows.items()}
    directory.update(rows_digest=windows.rows_digest, data_as_of=_instant(windows.as_of))
    _write_market(directory, market, rows)
    if passage.start is None:
        raise _too_short(prepared, int(next(iter(passage.rows.values())).max()))
    sessions = passage.sessions.at(np.asarray(passage.tables.equity["ts"], dtype=np.int64))
    depends = None
    if spec.report.sensitivity:
        tape = _deciding(prepared, market)
        breakdown = breakdown_of(
            passage.tables, tape, market_of(tape), capital=spec.capital, sessions_per_year=year, sessions=sessions
        )
        ends = np.asarray(through.alternatives[0].equity["ts"], dtype=np.int64)
        depends = sensitivity(
            through.alternatives,
            breakdown,
            left_out=through.left_out,
            capital=spec.capital,
            sessions_per_year=year,
            sessions=passage.sessions.at(ends),
        )
    return _Outcome(market, passage.tables, sessions, through.undefined, depends)


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
    prepared: Prepared,
    market: MarketData,
    found: Evaluated,
    tables: Tables,
    sessions: NDArray[np.int32],
    progress: Progress,
) -> Sensitivity:
    """Return what the result depends on: other fill clocks and costs, years, markets, symbols."""
    spec, pipeline = prepared.spec, prepared.pipeline
    tape = _deciding(prepared, market)
    year = spec.timezone.sessions_per_year
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


def _too_short(prepared: Prepared, rows: int) -> DataError:
    """Return the error of data in which no symbol ever gets past its warm-up: such a run could only say nothing."""
    must = f"must have more rows than the warm-up of {prepared.pipeline.warm_up}"
    fix = "Widen window.start and window.end, or shorten the lookbacks of the signal."
    return DataError(Fault("universe.symbols", must, f"{rows} rows of the longest symbol", fix))


def _provenance(
    prepared: Prepared, how: Launch, data: MarketData | RunWindows, redact: Redactor
) -> tuple[dict[str, Any], str]:
    project, diff = project_of(Path.cwd(), redact)
    composed = how.composed
    # Of data that are read while the engine runs it is known only then, and by another name: `rows_digest`.
    digest = {} if isinstance(data, RunWindows) else {"tape_digest": market_digest(data.tapes)}
    return {
        "argv": [redact(word) for word in how.argv],
        "overrides": list(composed.overrides) if composed else [],
        "choices": dict(composed.choices) if composed else {},
        "seed": prepared.spec.seed,
        "mode": prepared.spec.mode.kind,
        "engine": prepared.spec.engine.kind,
        "data_digests": dict(data.digests),
        "data_as_of": _instant(data.as_of),
        **digest,
        "code": code_of(),
        "plugins": {file.name: file.digest for file in prepared.plugins},
        "project": project,
        "environment": environment_of(),
    }, diff


def _instant(ns: int | None) -> str | None:
    return None if ns is None else f"{np.datetime64(ns, 'ns')}Z"


def _write_inputs(directory: RunDirectory, prepared: Prepared, how: Launch, diff: str) -> None:
    directory.write_text("spec.yaml", yaml_text(prepared.spec.model_dump(mode="json")))
    if diff:
        directory.write_text("project.diff", diff)
    for file in prepared.plugins:
        directory.write_text(f"plugins/{file.name}", file.source.decode())
    if how.composed:
        for name, text in how.composed.hydra_files.items():
            directory.write_text(f".hydra/{name}", text)


def _write_market(directory: RunDirectory, market: MarketData, rows: Mapping[Stream, int]) -> None:
    directory.write_json("quality.json", market.quality)
    held = sum(tape.nbytes for tape in market.tapes.values())
    directory.log("data read", rows=sum(rows.values()), symbols=len(market.tape.symbols), bytes=held)


def _write_results(directory: RunDirectory, prepared: Prepared, outcome: _Outcome, timer: "_Timer") -> None:
    tables, market, depends = outcome.tables, outcome.market, outcome.depends
    with timer("write"):
        written = {name: getattr(tables, name) for name in RESULTS}
        if tables.signals:
            written["signals"] = tables.signals
        for name, table in written.items():
            directory.write_table(name, table)
        digests = {name: table_digest(table) for name, table in written.items()}
        figures = _metrics(prepared, outcome)
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
                undefined=outcome.undefined,
            ),
            *window_remarks(prepared.spec),
            *([] if depends is None else robustness_remarks(depends)),
        ],
        timings=timer.seconds,
    )
    if prepared.spec.report.html:
        directory.write_text("report.html", _report(directory, prepared, outcome, figures))
    directory.finish("DONE")


def _metrics(prepared: Prepared, outcome: _Outcome) -> Metrics:
    return metrics(
        outcome.tables,
        capital=prepared.spec.capital,
        sessions_per_year=prepared.spec.timezone.sessions_per_year,
        sessions=outcome.sessions,
    )


def _deciding(prepared: Prepared, market: MarketData) -> Tape:
    """Return the rows that decide."""
    return next(tape for stream, tape in market.tapes.items() if stream == prepared.pipeline.clock)


def _report(directory: RunDirectory, prepared: Prepared, outcome: _Outcome, figures: Mapping[str, Any]) -> str:
    spec, market = prepared.spec, outcome.market
    return render(
        ReportInput(
            name=spec.name,
            spec=spec,
            spec_yaml=yaml_text(spec.model_dump(mode="json")),
            metrics=dict(figures),
            quality=market.quality,
            manifest={**directory.manifest, "status": "DONE"},
            tables=outcome.tables,
            tape=_deciding(prepared, market),
            symbols=market.tape.symbols,
            sensitivity=outcome.depends,
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
