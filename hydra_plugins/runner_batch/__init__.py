"""Hydra's door to sweeps: `hydra/sweeper=batch`, which hands the words of `-m` to Runner as a whole.

Hydra finds sweepers only below `hydra_plugins`, and imports this at every start: nothing that computes is imported here.
"""

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

__all__ = ["BatchSweeper"]


@dataclass
class BatchConfig:
    """What `hydra/sweeper=batch` says to Hydra: by which class it is served."""

    _target_: str = "hydra_plugins.runner_batch.BatchSweeper"


class BatchSweeper(Sweeper):
    """Runs all combinations of the words as one sweep of Runner's.

    `runner -m` does so by itself where this sweeper is chosen; another program that chooses it comes through here.
    """

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Keep nothing: what is run is a strategy, not the program's task."""

    def sweep(self, arguments: list[str]) -> Any:
        """Run every combination of the words; ends the process with the command's code where a lane failed."""
        code: int = import_module("runner.cli.main").run_command(["--multirun", *arguments])
        if code:
            sys.exit(code)


ConfigStore.instance().store(group="hydra/sweeper", name="batch", node=BatchConfig, provider="runner")
