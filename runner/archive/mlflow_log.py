"""A finished run written into MLflow, for teams that keep an account of all their experiments there.

1. The experiment is called like the run, unless somebody says otherwise; it is made where there is none.
2. A run that is there already, by the digest of its seal, isn't written again.
3. Parameters are the leaves of the spec, metrics the figures that are finite numbers; what tells the run from others, its
   tags and its notes are tags; the files that people open are artifacts.

What MLflow holds proves nothing: it is a copy to look at, and the run directory stays what is verified.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from runner.archive.notes import notes_of
from runner.archive.record import manifest_of
from runner.archive.seal import seal_digest
from runner.errors import Fault, RunError

__all__ = ["Logged", "log_run"]

SEAL, NOTE = "runner.seal", "mlflow.note.content"
"""Tags: what a run is found by, and what MLflow's pages show as its description."""
STATES = {"DONE": "FINISHED", "FAILED": "FAILED", "INTERRUPTED": "KILLED"}
FACTS = ("spec_hash", "result_digest", "mode", "engine", "seed", "data_as_of")
"""Entries of the manifest that become tags."""
ARTIFACTS = ("report.html", "session.html", "spec.yaml", "manifest.json", "metrics.json", "scorecard.json", "seal.json")
MOST_AT_ONCE = 100
LONGEST_KEY, LONGEST_VALUE = 250, 5_000
STRANGE = re.compile(r"[^\w./ -]", re.ASCII)
"""Signs that MLflow takes in no name."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Where a run is in MLflow."""

    id: str
    experiment: str
    is_new: bool
    """Whether it was written now."""


def log_run(folder: Path, values: Mapping[str, Any], *, to: str | None, experiment: str | None) -> Logged:
    """Write a run that has ended into MLflow.

    Args:
        folder: Its directory.
        values: The plain values of its spec.
        to: Address of the store; None is MLflow's own default: what its environment variable says, or a file where one is.
        experiment: What the experiment is called; None is the run's name.

    Raises:
        RunError: If the run isn't sealed, or MLflow can't take it.
    """
    manifest, seal = manifest_of(folder), seal_digest(folder)
    if seal is None or manifest.get("status") not in STATES:
        fix = "Wait until it has ended; what isn't sealed can't be told from what was changed."
        raise RunError(Fault(str(folder), "must be a run that has ended, and sealed", str(manifest.get("status")), fix))
    name = experiment or folder.resolve().parent.name
    try:
        client = MlflowClient(tracking_uri=to)
        own = _experiment(client, name)
        there = client.search_runs([own], f"tags.`{SEAL}` = '{seal}'", max_results=1)
        if there:
            return Logged(there[0].info.run_id, name, is_new=False)
        return Logged(_written(client, own, folder, manifest, values, seal), name, is_new=True)
    except (MlflowException, OSError) as error:
        fix = "Look whether it is there and may be written; runner mlflow --to URI names another, e.g. sqlite:///mlflow.db."
        reason = str(error).strip().splitlines()[0][:300]
        raise RunError(Fault("MLflow", "must take the run", reason, fix)) from error


def _experiment(client: MlflowClient, name: str) -> str:
    found = client.get_experiment_by_name(name)
    return str(client.create_experiment(name) if found is None else found.experiment_id)


def _written(
    client: MlflowClient, experiment: str, folder: Path, manifest: Mapping[str, Any], values: Mapping[str, Any], seal: str
) -> str:
    began = _milliseconds(manifest.get("created"))
    run: str = client.create_run(experiment, start_time=began, run_name=folder.resolve().name).info.run_id
    ended = _milliseconds(manifest.get("finished")) or began
    params = [Param(key, value) for key, value in _params(values)]
    for at in range(0, len(params), MOST_AT_ONCE):
        client.log_batch(run, params=params[at : at + MOST_AT_ONCE])
    client.log_batch(run, metrics=[Metric(key, value, ended or 0, 0) for key, value in _metrics(folder)])
    for name in ARTIFACTS:
        if (folder / name).is_file() and not (folder / name).is_symlink():
            client.log_artifact(run, str(folder / name))
    # The seal comes last: a run that was written in part isn't found by it, and is written again.
    client.log_batch(run, tags=[RunTag(key, value) for key, value in _tags(folder, manifest, seal)])
    client.set_terminated(run, STATES[manifest["status"]], ended)
    return run


def _params(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the leaves of a spec; names that MLflow would take for one another keep what tells them apart."""
    seen: set[str] = set()
    for path, value in _leaves(values, ""):
        key = STRANGE.sub("_", path)[: LONGEST_KEY - 8]
        while key in seen:
            key += "_"
        seen.add(key)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield key, text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _leaves(values: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        own = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, own)
        else:
            yield own, value


def _metrics(folder: Path) -> Iterator[tuple[str, float]]:
    path = folder / "metrics.json"
    found = json.loads(path.read_bytes()) if path.is_file() else {}
    for key, value in found.items():
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            yield key, float(value)


def _tags(folder: Path, manifest: Mapping[str, Any], seal: str) -> Iterator[tuple[str, str]]:
    said = notes_of(folder)
    yield from ((f"runner.{key}", str(manifest[key])) for key in FACTS if manifest.get(key) is not None)
    yield from ((f"runner.tag.{tag}", "true") for tag in said.tags)
    lines = [*map(str, manifest.get("remarks") or ()), *(note.text for note in said.notes)]
    if lines:
        yield NOTE, "\n\n".join(lines)[:LONGEST_VALUE]
    yield SEAL, seal


def _milliseconds(instant: object) -> int | None:
    return round(datetime.fromisoformat(instant).timestamp() * 1000) if isinstance(instant, str) else None
