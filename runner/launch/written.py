"""What of a run goes into its directory: inputs before the engine runs, results and report after."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from runner.archive.digest import result_digest, table_digest
from runner.archive.directory import RunDirectory
from runner.archive.provenance import code_of, environment_of, project_of
from runner.archive.redact import Redactor
from runner.engine.idle import idle_rules
from runner.engine.undefined import undefined_rules
from runner.launch.how import Launch
from runner.launch.rows import deciding, sessions_of
from runner.launch.timer import Timer
from runner.market.digest import market_digest
from runner.market.load import MarketData
from runner.prepare import Prepared
from runner.report.engine import engine_remarks
from runner.report.html import render
from runner.report.idle import idle_remarks, is_idle
from runner.report.metrics import Metrics, metrics
from runner.report.page import ReportInput
from runner.report.remarks import remarks
from runner.report.robustness import robustness_remarks
from runner.report.sensitivity import Sensitivity
from runner.report.sizes import size_remarks
from runner.strict_yaml import write as yaml_text
from runner.tables import Tables

__all__ = ["metrics_of", "provenance_of", "write_inputs", "write_results"]

RESULTS = ("orders", "fills", "equity", "positions", "refusals", "charges")
"""The tables that make up a run's result digest."""


def provenance_of(prepared: Prepared, how: Launch, market: MarketData, redact: Redactor) -> tuple[dict[str, Any], str]:
    """Return what the manifest says from the beginning, and the uncommitted changes of the project."""
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


def write_inputs(directory: RunDirectory, prepared: Prepared, how: Launch, market: MarketData, diff: str) -> None:
    """Write what the run is made from: spec, data quality, the user's own files and configuration."""
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


def write_results(
    directory: RunDirectory,
    prepared: Prepared,
    market: MarketData,
    tables: Tables,
    depends: Sensitivity | None,
    timer: Timer,
) -> None:
    """Write what came of the run, the report last, and finish its manifest."""
    with timer("write"):
        written = {name: getattr(tables, name) for name in RESULTS}
        if tables.signals:
            written["signals"] = tables.signals
        for name, table in written.items():
            directory.write_table(name, table)
        digests = {name: table_digest(table) for name, table in written.items()}
        figures = metrics_of(prepared, market, tables)
        directory.write_json("metrics.json", figures)
        if depends is not None:
            directory.write_json("sensitivity.json", depends)
    directory.log("tables written", **{name: int(table["ts"].size) for name, table in written.items()})
    directory.update(
        result_digest=result_digest({name: digests[name] for name in RESULTS}),
        table_digests=digests,
        remarks=remarks_of(prepared, market, tables, figures, depends),
        timings=timer.seconds,
    )
    if prepared.spec.report.html:
        directory.write_text("report.html", _report(directory, prepared, market, tables, figures, depends))
    directory.finish("DONE")


def remarks_of(
    prepared: Prepared, market: MarketData, tables: Tables, figures: Metrics, depends: Sensitivity | None
) -> list[str]:
    """Return what must be known beside the figures."""
    spec, strategy = prepared.spec, prepared.strategy
    found = remarks(
        tables,
        market.tape,
        market.quality,
        metrics=figures,
        sessions_per_year=spec.timezone.sessions_per_year,
        undefined={} if strategy else undefined_rules(prepared.pipeline, spec, market, tables),
    )
    return [
        *(_idle(prepared, market, tables) if is_idle(tables) else []),
        *found,
        *size_remarks(tables, spec.sizing.kind),
        *engine_remarks(spec),
        *([] if depends is None else robustness_remarks(depends)),
    ]


def _idle(prepared: Prepared, market: MarketData, tables: Tables) -> Iterator[str]:
    if prepared.strategy is not None:
        return idle_remarks(tables, None, prepared.strategy.name)
    return idle_remarks(tables, idle_rules(prepared.pipeline, prepared.spec, market))


def metrics_of(prepared: Prepared, market: MarketData, tables: Tables) -> Metrics:
    """Return the metrics of a run."""
    return metrics(
        tables,
        capital=prepared.spec.capital,
        sessions_per_year=prepared.spec.timezone.sessions_per_year,
        sessions=sessions_of(prepared, market, tables),
    )


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
            tape=deciding(prepared, market),
            symbols=market.tape.symbols,
            sensitivity=depends,
        )
    )
