"""`--cfg`, `--info`, `--shell-completion`, `--hydra-help`: questions about the configuration, answered by Hydra.

Nothing that computes is imported here: completion asks at every press of the tab key.
"""

import os
import sys
from pathlib import Path

import hydra

from runner.cli.arguments import Arguments, arguments_of, compose_here
from runner.compose import VERSION_BASE, config_directories, packaged_conf, user_directories
from runner.errors import ConfigError, Fault
from runner.strict_yaml import write as yaml_text

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Answer a question."""
    arguments = arguments_of(words)
    return _show_config(arguments) if arguments.shows_config else _ask(arguments)


def _show_config(arguments: Arguments) -> int:
    """Print the configuration, resolved, as YAML that can be read again."""
    composed = compose_here(arguments)
    if composed.faults:
        raise ConfigError(composed.faults)
    print(yaml_text({**composed.values, "runs": composed.runs}), end="")  # noqa: T201 - the command line speaks here
    return 0


def _ask(arguments: Arguments) -> int:
    """Let Hydra answer about the configuration, once it is known to be sound."""
    if "-sc" not in arguments.hydra_words and "--shell-completion" not in arguments.hydra_words:
        faults = compose_here(arguments).faults
        if faults:
            raise ConfigError(faults)
    directories = user_directories(arguments.config_dirs, Path.cwd())
    sys.argv = ["runner", *arguments.hydra_words]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    app = hydra.main(config_path=str(packaged_conf()), config_name=arguments.config_name, version_base=VERSION_BASE)(
        _nothing
    )
    with config_directories(directories, config_name=arguments.config_name):
        try:
            app()
        except (KeyError, ValueError) as error:
            # Hydra's completion asks its environment and words directly, and fails like this when they aren't a shell's.
            fix = "Write install=bash, or uninstall=bash, zsh or fish likewise."
            raise ConfigError(Fault("--shell-completion", "must be asked by a shell", str(error), fix)) from error
    return 0


def _nothing(config: object) -> None:
    """Stand where Hydra expects a task; a question runs none."""
    del config
