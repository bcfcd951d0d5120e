"""`runner -m`, or a sweep that a file declares: every lane, and a table of them all.

`hydra/sweeper=batch`, the default, runs the lanes through `runner.sweeps`. Any other sweeper is Hydra's own way: it makes
the combinations and its launcher runs them. Hydra would write into its sweep folder before it knows whether the
configuration is sound, so it is given a temporary one; what is kept is moved beside the runs at the end.
"""

import json
import os
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.text import Text

from runner.archive.directory import new_folder
from runner.archive.files import write_text
from runner.archive.redact import Redactor
from runner.archive.run import Run
from runner.cli.arguments import Arguments
from runner.cli.composing import files_here, for_hydra, own_words
from runner.compose import VERSION_BASE, Reading, composed_of, config_directories, packaged_conf, user_directories
from runner.compose.overrides import COMMAND_LINE
from runner.errors import ConfigError, Fault, RunnerError
from runner.launch import Launch, launch
from runner.prepare import prepare
from runner.report.progress import Bar
from runner.report.terminal import leaderboard
from runner.spec.sweep import Sweep
from runner.sweeps.asking import Planned, plan_sweep
from runner.sweeps.from_python import cores
from runner.sweeps.pages import show
from runner.sweeps.sweeping import Asked, sweep

__all__ = ["plan_here", "run_sweep"]

BATCH = "Write hydra/sweeper=batch, or `- override hydra/sweeper: batch` at the end of the defaults list of config.yaml."
KEPT_METRICS = ("total_return", "sharpe", "max_drawdown", "trades", "years")


@dataclass
class _Rows:
    """What became of each lane, in the order they ran."""

    runs: Path
    sweep: Sweep
    name: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    errors: list[tuple[int, RunnerError]] = field(default_factory=list)

    def add(self, overrides: list[str], outcome: Run | RunnerError) -> None:
        """Keep a row."""
        row: dict[str, Any] = {"lane": len(self.rows) + 1, **dict(map(_axis, overrides))}
        if isinstance(outcome, RunnerError):
            self.errors.append((row["lane"], outcome))
            self.rows.append({**row, "status": "FAILED", "error": str(outcome)})
            return
        self.name = self.name or str(outcome.manifest["name"])
        figures = {name: outcome.metrics.get(name) for name in dict.fromkeys((*KEPT_METRICS, self.sweep.metric))}
        digests = {"result_digest": outcome.result_digest, "spec_hash": outcome.spec_hash}
        self.rows.append({**row, **figures, "status": outcome.status, **digests, "run": str(outcome.path)})


def plan_here(arguments: Arguments, bar: Bar) -> Planned:
    """Return the sweep that a command line asks for, every lane of it checked; raises ConfigError with all faults."""
    bar.stage("checking lanes")
    planned = plan_sweep(own_words(arguments.overrides), files_here(arguments), bar.done)
    _check_sweeper(planned)
    return planned


def run_sweep(arguments: Arguments, *, argv: tuple[str, ...]) -> int:
    """Run every lane and return the exit code: 2 if any failed."""
    now = datetime.now(UTC)
    with Bar(Console(stderr=True)) as bar:
        planned = plan_here(arguments, bar)
        if planned.first.sweeper == "batch":
            redact = Redactor(os.environ)
            words = tuple(redact(word) for word in argv)
            workers = planned.sweep.workers or cores()
            found = sweep(planned, Asked(words, Path(planned.first.runs).expanduser(), now, workers, bar))
            rows = None
        else:
            rows = _Rows(Path(planned.first.runs), planned.sweep)
            try:
                _through_hydra(arguments, planned, rows, Started(argv, int(now.timestamp() * 1e9), bar))
            finally:
                folder = _keep(rows)
    if rows is not None:
        _show(rows, folder)
        return 2 if rows.errors else 0
    console = Console()
    if found.known:
        console.print(f"{found.known:,} of {len(planned.lanes):,} lanes were known from before")
    show(console, found.judged, found.folder)
    return 2 if "FAILED" in found.results.status else 0


@dataclass(frozen=True, slots=True)
class Started:
    """How a sweep that Hydra runs was started."""

    argv: tuple[str, ...]
    """The command line."""
    now: int
    """UTC nanoseconds: all lanes judge by one moment which bars are still forming."""
    progress: Bar


def _check_sweeper(planned: Planned) -> None:
    """Refuse what the chosen sweeper or launcher would pass over without a word."""
    first, sweep = planned.first, planned.sweep
    if first.sweeper == "batch" and first.launcher != "basic":
        write = f"Write hydra/sweeper=basic hydra/launcher={first.launcher}, or leave the launcher out."
        raise ConfigError(Fault("hydra/launcher", "must be left to Hydra's own sweepers", first.launcher, write))
    declared = [axis.key for axis in planned.lanes.asked.axes if axis.source != COMMAND_LINE]
    asked = {"axes": declared, "zip": sweep.zip, "where": sweep.where}
    if first.sweeper != "batch":
        faults = [
            Fault(f"sweep.{key}", f"must be left to hydra/sweeper=batch, was beside {first.sweeper}", "", BATCH)
            for key, value in asked.items()
            if value
        ]
        if faults:
            raise ConfigError(faults)


def _through_hydra(arguments: Arguments, planned: Planned, rows: _Rows, started: Started) -> None:
    """Let Hydra's sweeper and launcher run the lanes."""
    directories = user_directories(arguments.config_dirs, Path.cwd())
    os.environ["HYDRA_FULL_ERROR"] = "1"
    composed = [override for bed in planned.lanes.beds.known for override in bed.composed.overrides]
    with (
        tempfile.TemporaryDirectory(prefix="runner-sweep-") as scratch,
        config_directories(directories, config_name=arguments.config_name) as reading,
    ):
        sys.argv = ["runner", *for_hydra(arguments.hydra_words, composed), *_quiet(scratch)]
        app = hydra.main(config_path=str(packaged_conf()), config_name=arguments.config_name, version_base=VERSION_BASE)
        app(_Task(rows, started, reading).run)()


@dataclass(frozen=True, slots=True)
class _Task:
    """What Hydra calls for each lane."""

    rows: _Rows
    started: Started
    reading: Reading

    def run(self, config: DictConfig) -> None:
        """Run one lane; a fault of the user's is kept, and the other lanes go on."""
        settings, started = HydraConfig.get(), self.started
        overrides = [str(line) for line in settings.overrides.task]
        started.progress.stage(f"lane {len(self.rows.rows) + 1}: {' '.join(overrides)}")
        try:
            composed = composed_of(config, OmegaConf.structured(settings), self.reading)
            how = Launch(started.argv, composed, Path(composed.runs), started.progress, started.now)
            self.rows.add(overrides, launch(prepare(composed), how))
        except RunnerError as error:
            self.rows.add(overrides, error)


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


def _keep(rows: _Rows) -> Path | None:
    """Write the table of lanes beside their run directories; None if no lane got that far.

    Also when the sweep is interrupted: the lanes that are done are worth keeping, and worth finding.
    """
    if not rows.name:
        return None
    folder = new_folder(rows.runs / rows.name, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-sweep")
    write_text(folder / "trials.json", json.dumps(rows.rows, indent=2, allow_nan=False) + "\n")
    return folder


def _show(found: _Rows, folder: Path | None) -> None:
    """Print the table, what failed, and the path last."""
    console = Console()
    rows = found.rows
    known = {"lane", "status", "result_digest", "spec_hash", "run", "error", *KEPT_METRICS, found.sweep.metric}
    axes = [key for key in rows[0] if key not in known] if rows else []
    varied = [axis for axis in axes if len({str(row.get(axis)) for row in rows}) > 1 and axis in rows[-1]]
    is_less_better = found.sweep.direction == "minimise"
    console.print(leaderboard(rows, ["lane", *varied], metric=found.sweep.metric, is_less_better=is_less_better))
    for lane, error in found.errors:
        Console(stderr=True).print(Text(f"lane {lane}: {error}"), soft_wrap=True)
    if folder:
        console.print(Text(str(folder)), soft_wrap=True)
