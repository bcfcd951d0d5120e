"""`runner [OVERRIDES]`: one run, every combination with `-m`, or a question to Hydra.

A single run composes the configuration itself, so that every fault of every file and override is told at once. `-m` and the
questions go through Hydra's own entry point, so that sweepers, launchers and completion work as Hydra's users know them.
"""

import os
import sys
from pathlib import Path

import hydra
from rich.console import Console
from rich.text import Text

from runner.archive.run import Run
from runner.cli.arguments import Arguments, arguments_of
from runner.cli.sweep import run_sweep
from runner.compose import VERSION_BASE, Composed, compose, config_directories, packaged_conf, user_directories
from runner.errors import ConfigError
from runner.launch import Launch, launch
from runner.prepare import prepare
from runner.report.progress import Bar
from runner.report.terminal import results_table
from runner.strict_yaml import write as yaml_text

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Run a command line and return its exit code."""
    arguments = arguments_of(words)
    if arguments.shows_config:
        return _show_config(arguments)
    if arguments.is_question:
        return _ask(arguments)
    if arguments.multirun:
        return run_sweep(arguments, argv=("runner", *words))
    composed = compose_here(arguments)
    prepared = prepare(composed)
    with Bar(Console(stderr=True)) as bar:
        done = launch(prepared, Launch(("runner", *words), composed, Path(composed.runs), bar))
    _show(done)
    return 0


def compose_here(arguments: Arguments) -> Composed:
    """Compose what a command line asks for, from where it was started."""
    return compose(
        arguments.overrides,
        config_name=arguments.config_name,
        config_dirs=arguments.config_dirs,
        working_directory=Path.cwd(),
    )


def _show_config(arguments: Arguments) -> int:
    """Print the configuration, resolved, as YAML that can be read again."""
    composed = compose_here(arguments)
    if composed.faults:
        raise ConfigError(composed.faults)
    print(yaml_text({**composed.values, "runs": composed.runs}), end="")  # noqa: T201 - the command line speaks here
    return 0


def _show(done: Run) -> None:
    """Print the results, the path last."""
    console = Console()
    console.print(results_table(done.metrics, str(done.manifest["name"])))
    console.print(Text(str(done.path)), soft_wrap=True)


def _ask(arguments: Arguments) -> int:
    """Let Hydra answer about the configuration, once it is known to be sound."""
    if "-sc" not in arguments.hydra_words and "--shell-completion" not in arguments.hydra_words:
        faults = compose_here(arguments).faults
        if faults:
            raise ConfigError(faults)
    directories = user_directories(arguments.config_dirs, Path.cwd())
    sys.argv = ["runner", *arguments.hydra_words]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    with config_directories(directories, config_name=arguments.config_name):
        hydra.main(config_path=str(packaged_conf()), config_name=arguments.config_name, version_base=VERSION_BASE)(
            _nothing
        )()
    return 0


def _nothing(config: object) -> None:
    """Stand where Hydra expects a task; a question runs none."""
    del config
