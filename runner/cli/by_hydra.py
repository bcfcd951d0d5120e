"""Sweeps Hydra's own way: its sweeper makes the combinations, its launcher runs them, one run directory each.

1. All lanes are looked at first, as `hydra/sweeper=batch` does, so that the runs on one market are measured from one instant
   and come to the same numbers (`_starts`).
2. Hydra is handed a task (`HydraLane`) that a launcher may send to other processes: it holds plain values and no secrets.
3. What became of a lane comes back as a file of its own in a scratch folder (`HydraLane.run`), from whichever process.

Hydra would write into its sweep folder before it knows whether the configuration is sound, so that is a temporary one too;
the table of lanes is moved beside the runs at the end.
"""

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from rich.text import Text

from runner.archive.directory import new_folder
from runner.archive.files import write_text
from runner.archive.run import Run
from runner.archive.seal import write_seal
from runner.cli.arguments import Arguments
from runner.cli.composing import for_hydra
from runner.compose import (
    VERSION_BASE,
    Composed,
    composed_of,
    config_directories,
    packaged_conf,
    user_directories,
)
from runner.compose.reading import Directory
from runner.errors import RunnerError
from runner.launch import Launch, launch
from runner.launch.progress import Progress, Silent
from runner.launch.written import instant_text
from runner.prepare import composed_spec, prepare
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.report.terminal import leaderboard
from runner.spec.run import RunSpec, canonical_json
from runner.spec.sweep import Sweep
from runner.strict_yaml import write
from runner.sweeps.asking import Planned
from runner.sweeps.markets import SECTIONS
from runner.sweeps.survey import check_can_share, surveyed

__all__ = ["HydraLane", "run_by_hydra"]

KEPT_METRICS = ("total_return", "sharpe", "max_drawdown", "trades", "years")


def run_by_hydra(arguments: Arguments, planned: Planned, argv: tuple[str, ...], now: int, bar: Bar) -> int:
    """Run every lane through Hydra's sweeper and launcher, and return the exit code: 2 if any failed.

    Args:
        arguments: The command line.
        planned: What it asks for.
        argv: The same, secrets replaced.
        now: UTC nanoseconds after which bars of files count as still forming.
        bar: Is told how far it is; lanes in other processes tell nobody.
    """
    bar.stage("reading data")
    starts = _starts(planned, now, bar)
    is_here = planned.first.launcher == "basic"
    bar.stage(f"{len(planned.lanes):,} lanes")
    with tempfile.TemporaryDirectory(prefix="runner-sweep-") as scratch:
        lanes = Path(scratch) / "lanes"
        lanes.mkdir()
        directories = user_directories(arguments.config_dirs, Path.cwd())
        task = HydraLane(
            lanes, argv, now, directories, arguments.config_name, starts, planned.sweep.metric, bar if is_here else Silent()
        )
        rows: list[dict[str, Any]] = []
        try:
            _through_hydra(arguments, planned, task, scratch)
        finally:
            found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(lanes.glob("*.json"))]
            rows = [each["row"] for each in found]
            folder = _keep([each["name"] for each in found], rows, Path(planned.first.runs).expanduser())
    _show(rows, planned.sweep, folder)
    return 2 if any(row["status"] == "FAILED" for row in rows) else 0


def _through_hydra(arguments: Arguments, planned: Planned, task: "HydraLane", scratch: str) -> None:
    """Let Hydra's sweeper and launcher run the lanes."""
    os.environ["HYDRA_FULL_ERROR"] = "1"
    composed = [override for bed in planned.lanes.beds.known for override in bed.composed.overrides]
    with config_directories(task.directories, config_name=task.config_name):
        sys.argv = ["runner", *for_hydra(arguments.hydra_words, composed), *_quiet(scratch)]
        app = hydra.main(config_path=str(packaged_conf()), config_name=task.config_name, version_base=VERSION_BASE)
        app(task.run)()


@dataclass(frozen=True, slots=True)
class HydraLane:
    """What Hydra calls for each lane, in this process or another."""

    rows: Path
    """Folder of the files that say what became of lanes."""
    argv: tuple[str, ...]
    """The command line, secrets replaced."""
    now: int
    """UTC nanoseconds: all lanes judge by one moment which bars are still forming."""
    directories: tuple[Directory, ...]
    """The user's directories of configurations."""
    config_name: str
    starts: Mapping[str, str]
    """Market, as `_market` names it → the instant that lanes on it are measured from."""
    metric: str
    """What lanes are ranked by."""
    progress: Progress

    def run(self, config: DictConfig) -> None:
        """Run one lane; a fault of the user's is kept, and the other lanes go on."""
        settings = HydraConfig.get()
        overrides = [str(line) for line in settings.overrides.task]
        number = int(settings.job.num) + 1
        self.progress.stage(f"lane {number}: {' '.join(overrides)}")
        with config_directories(self.directories, config_name=self.config_name) as reading:
            row: dict[str, Any] = {"lane": number, **dict(map(_axis, overrides))}
            name = ""
            try:
                composed = self._from_the_start(composed_of(config, OmegaConf.structured(settings), reading))
                prepared = prepare(composed)
                check_can_share(prepared)
                how = Launch(self.argv, composed, Path(composed.runs), self.progress, self.now)
                run = launch(prepared, how)
                row |= self._found(run)
                name = str(run.manifest["name"])
            except RunnerError as error:
                row |= {"status": "FAILED", "error": str(error)}
        write_text(self.rows / f"{number:09d}.json", json.dumps({"name": name, "row": row}, allow_nan=False))

    def _from_the_start(self, composed: Composed) -> Composed:
        """Return a configuration that is measured from the instant that all lanes on its market are measured from."""
        spec, faults = composed_spec(composed)
        start = None if spec is None or faults else self.starts.get(_market(spec))
        if start is None:
            return composed
        report = {**composed.values.get("report", {}), "measured_from": start}
        values = {**composed.values, "report": report}
        files = {**composed.hydra_files, "config.yaml": write(values)}
        return replace(composed, values=values, hydra_files=MappingProxyType(files))

    def _found(self, run: Run) -> dict[str, Any]:
        figures = {name: run.metrics.get(name) for name in dict.fromkeys((*KEPT_METRICS, self.metric))}
        digests = {"result_digest": run.result_digest, "spec_hash": run.spec_hash}
        return {**figures, "status": run.status, **digests, "run": str(run.path)}


def _starts(planned: Planned, now: int, bar: Bar) -> dict[str, str]:
    """Return market → the instant that all lanes on it are measured from."""
    first = {lane.market: lane for lane in reversed(surveyed(planned, now=now, on_progress=bar.done).lanes)}
    specs = planned.lanes
    return {_market(specs.spec(specs[lane.number]).spec): str(instant_text(lane.start)) for lane in first.values()}


def _market(spec: RunSpec) -> str:
    """Return what tells the markets of lanes apart in every process."""
    return canonical_json(spec.model_dump(mode="json", include=set(SECTIONS)))


def _axis(override: str) -> tuple[str, str]:
    """Return a key without its sign, and its value; nothing for a key that is taken out."""
    key, _, value = override.partition("=")
    return key.lstrip("+"), value


def _quiet(scratch: str) -> list[str]:
    """Return the overrides that keep Hydra from writing logs and folders of its own."""
    return [
        f"hydra.sweep.dir={scratch}",
        "hydra.sweep.subdir=.",
        "hydra.output_subdir=null",
        "hydra/job_logging=none",
        "hydra/hydra_logging=none",
    ]


def _keep(names: Sequence[str], rows: Sequence[dict[str, Any]], runs: Path) -> Path | None:
    """Write the table of lanes beside their run directories; None if no lane got that far.

    Also when the sweep is interrupted: the lanes that are done are worth keeping, and worth finding.
    """
    name = next(filter(None, names), None)
    if name is None:
        return None
    folder = new_folder(runs / name, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-sweep")
    write_text(folder / "trials.json", json.dumps(rows, indent=2, allow_nan=False) + "\n")
    write_seal(folder)
    return folder


def _show(rows: Sequence[dict[str, Any]], sweep: Sweep, folder: Path | None) -> None:
    """Print the table, what failed, and the path last."""
    console = SafeConsole()
    known = {"lane", "status", "result_digest", "spec_hash", "run", "error", *KEPT_METRICS, sweep.metric}
    axes = [key for key in rows[0] if key not in known] if rows else []
    varied = [axis for axis in axes if len({str(row.get(axis)) for row in rows}) > 1 and axis in rows[-1]]
    console.print(leaderboard(rows, ["lane", *varied], metric=sweep.metric, is_less_better=sweep.direction == "minimise"))
    for row in rows:
        if "error" in row:
            SafeConsole(stderr=True).print(Text(f"lane {row['lane']}: {row['error']}"), soft_wrap=True)
    if folder:
        console.print(Text(str(folder)), soft_wrap=True)
