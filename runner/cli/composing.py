"""Composes what a command line asks for, from where it was started, and says it to Hydra the way Hydra takes it."""

from collections.abc import Sequence
from pathlib import Path

from runner.cli.arguments import Arguments
from runner.compose import Composed, Configurations, compose
from runner.errors import ConfigError, Fault
from runner.prepare import known_kinds

__all__ = ["compose_here", "files_here", "for_hydra", "own_words"]


def compose_here(arguments: Arguments) -> Composed:
    """Compose what a command line asks for, from where it was started."""
    return compose(
        own_words(arguments.overrides),
        config_name=arguments.config_name,
        config_dirs=arguments.config_dirs,
        working_directory=Path.cwd(),
        kinds=known_kinds(),
    )


def files_here(arguments: Arguments) -> Configurations:
    """Return the files that a command line composes from, from where it was started."""
    return Configurations(arguments.config_name, arguments.config_dirs, Path.cwd())


def for_hydra(words: Sequence[str], composed: Sequence[str]) -> list[str]:
    """Return the words with `++` before those that set a key which no file lists: Hydra itself takes them only so.

    Args:
        words: A command line.
        composed: The overrides as they were composed, `Composed.overrides`: there such keys have the sign.
    """
    unlisted = {override.partition("=")[0] for override in composed if override.startswith("++")}
    return [f"++{word}" if f"++{word.partition('=')[0]}" in unlisted else word for word in words]


def own_words(overrides: Sequence[str]) -> Sequence[str]:
    """Refuse settings of Hydra's output folders, which Runner doesn't use: they would be ignored without a word."""
    keys = ("hydra.run.", "hydra.sweep.", "hydra.output_subdir", "hydra.job.chdir")
    faults = [
        Fault(word.partition("=")[0], "must not be set", word, "Write runs=FOLDER and name=NAME.", "command line")
        for word in overrides
        if word.lstrip("+~").startswith(keys)
    ]
    if faults:
        raise ConfigError(faults)
    return overrides
