"""Hydra's own answer to a question about the configuration: `hydra.main`, looking into the folders a run would look into."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import hydra

from runner.cli.arguments import Arguments
from runner.compose import VERSION_BASE, config_directories, packaged_conf, user_directories

__all__ = ["hydra_answer"]


def hydra_answer(arguments: Arguments, words: Sequence[str]) -> None:
    """Let Hydra read the words, and print what it says; it runs nothing."""
    directories = user_directories(arguments.config_dirs, Path.cwd())
    sys.argv = ["runner", *words]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    app = hydra.main(config_path=str(packaged_conf()), config_name=arguments.config_name, version_base=VERSION_BASE)(
        _nothing
    )
    with config_directories(directories, config_name=arguments.config_name):
        app()


def _nothing(config: object) -> None:
    """Stand where Hydra expects a task; a question runs none."""
    del config
