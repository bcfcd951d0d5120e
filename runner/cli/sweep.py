"""`runner -m`: every combination of the values given, one run directory each, and a table of them all.

Hydra's own sweeper makes the combinations and its launcher runs them. Hydra would write into its sweep folder before it
knows whether the configuration is sound, so it is given a temporary one; what is kept is moved beside the runs at the end.
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Glob, Override
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.text import Text

from runner.archive.directory import new_folder
from runner.archive.files import write_text
from runner.cli.arguments import Arguments
from runner.cli.composing import compose_here, for_hydra
from runner.compose import (
    VERSION_BASE,
    Reading,
    checked_overrides,
    composed_of,
    config_directories,
    packaged_conf,
    user_directories,
)
from runner.errors import ConfigError, Fault, RunnerError
from runner.launch import Launch, launch
from runner.prepare import prepare
from runner.report.progress import Bar
from runner.report.terminal import leaderboard

__all__ = ["run_sweep"]

KEPT_METRICS = ("total_return", "sharpe", "max_drawdown", "trades", "years")


@dataclass
class _Lanes:
    """What became of each lane, in the order they ran."""

    argv: tuple[str, ...]
    reading: Reading
    bar: Bar
    now: int
    """UTC nanoseconds: all lanes judge by one moment which bars are still forming."""
    name: str = ""
    runs: Path = Path("runs")
    rows: list[dict[str, Any]] = field(default_factory=list)
    errors: list[tuple[int, RunnerError]] = field(default_factory=list)

    def run(self, config: DictConfig) -> None:
        """Run one lane; a fault of the user's is kept, and the other lanes go on."""
        settings = HydraConfig.get()
        overrides = [str(line) for line in settings.overrides.task]
        row: dict[str, Any] = {"lane": len(self.rows) + 1, **dict(map(_axis, overrides))}
        self.bar.stage(f"lane {len(self.rows) + 1}: {' '.join(overrides)}")
        try:
            composed = composed_of(config, OmegaConf.structured(settings), self.reading)
            done = launch(prepare(composed), Launch(self.argv, composed, Path(composed.runs), self.bar, self.now))
        except RunnerError as error:
            self.errors.append((row["lane"], error))
            self.rows.append({**row, "status": "FAILED", "error": str(error)})
            return
        self.runs = Path(composed.runs)
        self.name = self.name or str(done.manifest["name"])
        figures = {name: done.metrics[name] for name in KEPT_METRICS}
        digests = {"result_digest": done.result_digest, "spec_hash": done.spec_hash}
        self.rows.append({**row, **figures, "status": done.status, **digests, "run": str(done.path)})


def run_sweep(arguments: Arguments, *, argv: tuple[str, ...]) -> int:
    """Run every combination and return the exit code: 2 if any lane failed."""
    composed = _check(arguments)
    directories = user_directories(arguments.config_dirs, Path.cwd())
    os.environ["HYDRA_FULL_ERROR"] = "1"
    with (
        tempfile.TemporaryDirectory(prefix="runner-sweep-") as scratch,
        Bar(Console(stderr=True)) as bar,
        config_directories(directories, config_name=arguments.config_name) as reading,
    ):
        lanes = _Lanes(argv, reading, bar, time.time_ns())
        sys.argv = ["runner", *for_hydra(arguments.hydra_words, composed), *_quiet(scratch)]
        app = hydra.main(config_path=str(packaged_conf()), config_name=arguments.config_name, version_base=VERSION_BASE)
        try:
            app(lanes.run)()
        finally:
            folder = _keep(lanes)
    _show(lanes, folder)
    return 2 if lanes.errors else 0


def _axis(override: str) -> tuple[str, str]:
    """Return a key without its sign, and its value; nothing for a key that is taken out."""
    key, _, value = override.partition("=")
    return key.lstrip("+"), value


def _check(arguments: Arguments) -> list[str]:
    """Prepare one lane for every value of every axis, so that nothing runs when one of them is wrong.

    Returns the overrides of all these lanes as they were composed.

    That is as many lanes as there are values, not as there are combinations; what only a combination gets wrong is told in
    its lane's row.
    """
    checked = checked_overrides(arguments.overrides, is_sweep=True)
    if checked.faults:
        raise ConfigError(checked.faults)
    axes = [values for override in checked.sound if (values := _values(override))]
    first = [values[0] for values in axes]
    lanes = [first] + [
        [*first[:place], value, *first[place + 1 :]] for place, values in enumerate(axes) for value in values[1:]
    ]
    faults: list[Fault] = []
    overrides: list[str] = []
    for lane in lanes:
        composed = compose_here(replace(arguments, overrides=tuple(lane)))
        overrides += composed.overrides
        try:
            prepare(composed)
        except RunnerError as error:
            faults.extend(error.faults)
    if faults:
        raise ConfigError(faults)
    return overrides


def _values(override: Override) -> list[str]:
    """Return the overrides an axis stands for; one that isn't an axis, or lists files by a pattern, stands for itself."""
    if not override.is_sweep_override():
        return [str(override.input_line)]
    if not override.is_discrete_sweep():
        fix = "Write the values: 1,2,3 or range(1,10,3)."
        raise ConfigError(Fault(override.get_key_element(), "must be a list of values", str(override.input_line), fix))
    if isinstance(override.value(), Glob):
        return []
    return [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]


def _quiet(scratch: str) -> list[str]:
    """Return the overrides that keep Hydra from writing logs and folders of its own."""
    return [
        f"hydra.sweep.dir={scratch}",
        "hydra.sweep.subdir=.",
        "hydra.output_subdir=null",
        "hydra/job_logging=none",
        "hydra/hydra_logging=none",
    ]


def _keep(lanes: _Lanes) -> Path | None:
    """Write the table of lanes beside their run directories; None if no lane got that far.

    Also when the sweep is interrupted: the lanes that are done are worth keeping, and worth finding.
    """
    if not lanes.name:
        return None
    folder = new_folder(lanes.runs / lanes.name, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-sweep")
    write_text(folder / "trials.json", json.dumps(lanes.rows, indent=2, allow_nan=False) + "\n")
    return folder


def _show(lanes: _Lanes, folder: Path | None) -> None:
    """Print the table, what failed, and the path last."""
    console = Console()
    axes = [key for key in lanes.rows[0] if "=" not in key and key not in KEPT_METRICS] if lanes.rows else []
    varied = [axis for axis in axes if len({str(row.get(axis)) for row in lanes.rows}) > 1 and axis in lanes.rows[-1]]
    known = {"lane", "status", "result_digest", "spec_hash", "run", "error"}
    console.print(leaderboard(lanes.rows, ["lane", *(axis for axis in varied if axis not in known)]))
    for lane, error in lanes.errors:
        Console(stderr=True).print(Text(f"lane {lane}: {error}"), soft_wrap=True)
    if folder:
        console.print(Text(str(folder)), soft_wrap=True)
