"""What of a run goes into its directory: inputs before the engine runs, results and report after."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from runner.archive.digest import result_digest, table_digest
from runner.archive.directory import RunDirectory
from runner.archive.provenance import code_of, environment_of, project_of
from runner.archive.redact import Redactor
from runner.compiler.target import target
from runner.launch.how import Launch
from runner.launch.outcome import Outcome
from runner.launch.rows import deciding
from runner.launch.timer import Timer
from runner.market.digest import market_digest
from runner.market.load import MarketData
from runner.market.run_windows import RunWindows
from runner.market.streams import Stream
from runner.prepare import Prepared
from runner.report.engine import engine_remarks
from runner.report.html import render
from runner.report.idle import idle_remarks, is_idle
from runner.report.metrics import Metrics, metrics
from runner.report.page import ReportInput
from runner.report.remarks import remarks
from runner.report.robustness import robustness_remarks
from runner.report.scorecard import scorecard_of
from runner.report.scorecard.row import as_json
from runner.report.sizes import size_remarks
from runner.report.thinned import thinned_remarks
from runner.report.window_remarks import window_remarks
from runner.strict_yaml import write as yaml_text

__all__ = ["instant_text", "metrics_of", "provenance_of", "write_inputs", "write_market", "write_results"]

RESULTS = ("orders", "fills", "equity", "positions", "refusals", "charges")
"""The tables that make up a run's result digest."""


def provenance_of(
    prepared: Prepared, how: Launch, data: MarketData | RunWindows, redact: Redactor, now: int
) -> tuple[dict[str, Any], str]:
    """Return what the manifest says from the beginning, and the uncommitted changes of the project.

    Args:
        prepared: The run.
        how: How it was asked for.
        data: What it is about to be run on.
        redact: Replaces secrets.
        now: UTC nanoseconds after which bars of files counted as still forming.
    """
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
        "data_as_of": instant_text(data.as_of),
        "read_at": instant_text(now),
        **digest,
        **({} if how.trial is None else {"trial": how.trial}),
        **({} if how.rerun_of is None else {"rerun_of": how.rerun_of}),
        "code": code_of(),
        "plugins": {file.name: file.digest for file in prepared.plugins},
        "project": project,
        "environment": environment_of(),
        "kernel": target(),
    }, diff


def instant_text(ns: int | None) -> str | None:
    """Return UTC nanoseconds as the manifest writes them."""
    return None if ns is None else f"{np.datetime64(ns, 'ns')}Z"


def write_inputs(directory: RunDirectory, prepared: Prepared, how: Launch, diff: str) -> None:
    """Write what the run is made from: spec, the user's own files and configuration."""
    directory.write_text("spec.yaml", yaml_text(prepared.spec.model_dump(mode="json")))
    if diff:
        directory.write_text("project.diff", diff)
    for file in prepared.plugins:
        directory.write_text(f"plugins/{file.name}", file.source.decode())
    if how.composed:
        for name, text in how.composed.hydra_files.items():
            directory.write_text(f".hydra/{name}", text)


def write_market(directory: RunDirectory, market: MarketData, rows: Mapping[Stream, int]) -> None:
    """Write what is known of the data: their quality, and how many rows of each stream were read."""
    directory.write_json("quality.json", market.quality)
    held = sum(tape.nbytes for tape in market.tapes.values())
    directory.log("data read", rows=sum(rows.values()), symbols=len(market.tape.symbols), bytes=held)


def write_results(directory: RunDirectory, prepared: Prepared, outcome: Outcome, timer: Timer) -> None:
    """Write what came of the run, the report last, and finish its manifest."""
    tables, depends = outcome.tables, outcome.depends
    with timer("write"):
        written = {name: getattr(tables, name) for name in RESULTS}
        if tables.signals:
            written["signals"] = tables.signals
        for name, table in written.items():
            directory.write_table(name, table)
        digests = {name: table_digest(table) for name, table in written.items()}
        figures = metrics_of(prepared, outcome)
        directory.write_json("metrics.json", figures)
        if depends is not None:
            directory.write_json("sensitivity.json", depends)
    directory.log("tables written", **{name: int(table["ts"].size) for name, table in written.items()})
    directory.update(
        result_digest=result_digest({name: digests[name] for name in RESULTS}),
        table_digests=digests,
        remarks=remarks_of(prepared, outcome, figures),
        timings=timer.seconds,
    )
    shown = _shown(directory, prepared, outcome, figures)
    directory.write_json("scorecard.json", as_json(scorecard_of(shown)))
    if prepared.spec.report.html:
        directory.write_text("report.html", render(shown))
    directory.finish("DONE")


def remarks_of(prepared: Prepared, outcome: Outcome, figures: Metrics) -> list[str]:
    """Return what must be known beside the figures."""
    spec, tables, market = prepared.spec, outcome.tables, outcome.market
    strategy = "" if prepared.strategy is None else prepared.strategy.name
    found = remarks(
        tables,
        market.tape,
        market.quality,
        metrics=figures,
        sessions_per_year=spec.timezone.sessions_per_year,
        undefined=outcome.undefined,
    )
    return [
        *(idle_remarks(tables, outcome.idle, strategy) if is_idle(tables) else []),
        *found,
        *size_remarks(tables, spec.sizing.kind),
        *engine_remarks(spec),
        *window_remarks(spec),
        *thinned_remarks(spec),
        *([] if outcome.depends is None else robustness_remarks(outcome.depends)),
    ]


def metrics_of(prepared: Prepared, outcome: Outcome) -> Metrics:
    """Return the metrics of a run."""
    return metrics(
        outcome.tables,
        capital=prepared.spec.capital,
        sessions_per_year=prepared.spec.timezone.sessions_per_year,
        sessions=outcome.sessions,
    )


def _shown(directory: RunDirectory, prepared: Prepared, outcome: Outcome, figures: Mapping[str, Any]) -> ReportInput:
    """Return what the report shows."""
    spec, market = prepared.spec, outcome.market
    return ReportInput(
        name=spec.name,
        spec=spec,
        spec_yaml=yaml_text(spec.model_dump(mode="json")),
        metrics=dict(figures),
        quality=market.quality,
        manifest={**directory.manifest, "status": "DONE"},
        tables=outcome.tables,
        tape=deciding(prepared, market),
        symbols=market.tape.symbols,
        sensitivity=outcome.depends,
        sessions=outcome.sessions,
        session=outcome.session,
    )
