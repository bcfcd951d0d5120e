"""Sweeps as Python asks for them."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from runner.compose import Configurations
from runner.launch.progress import Silent
from runner.sweeps.asking import plan_sweep
from runner.sweeps.sweep import Sweep, load_sweep
from runner.sweeps.sweeping import Asked
from runner.sweeps.sweeping import sweep as swept

__all__ = ["cores", "sweep"]


def sweep(
    overrides: Sequence[str] = (),
    *,
    config_dirs: Sequence[str | Path] = (),
    runs: str | Path | None = None,
    workers: int | None = None,
) -> Sweep:
    """Run a sweep and write its folder.

    Args:
        overrides: As after `runner -m`: `["signal.params.lookback=5,10,20", "slippage.bps=0,5"]`.
        config_dirs: Folders of YAML files that add to the shipped ones and come before them.
        runs: Folder that results go to; None takes the configuration's, or `runs`.
        workers: Threads; None takes the configuration's, or one per core.

    Raises:
        RunnerError: The configuration, the data or the folder is not what it must be; nothing is left half-written.
    """
    if isinstance(overrides, str):
        raise TypeError(f'overrides must be a list of texts, was one text; write overrides=["{overrides}"]')
    files = Configurations(config_dirs=tuple(Path(folder) for folder in config_dirs), working_directory=Path.cwd())
    planned = plan_sweep(overrides, files)
    threads = workers or planned.sweep.workers or cores()
    folder = Path(runs or planned.first.runs).expanduser()
    return load_sweep(swept(planned, Asked((), folder, datetime.now(UTC), threads, Silent(), os.environ)).folder)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
