"""What the command line asks Hydra for: overrides and flags, taken apart by Hydra's own parser."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra._internal.utils import get_args_parser

from runner.errors import ConfigError, Fault

__all__ = ["Arguments", "arguments_of"]


@dataclass(frozen=True, slots=True)
class Arguments:
    """One command line."""

    overrides: tuple[str, ...]
    """`KEY=VALUE` words."""
    config_dirs: tuple[Path, ...]
    """Folders of `--config-dir`."""
    config_name: str
    """File to start from."""
    multirun: bool
    """Whether to run every combination."""
    hydra_words: tuple[str, ...]
    """The command line without `--config-dir` and `--config-name`, for Hydra's own entry point."""
    is_question: bool
    """Whether it asks Hydra for something else than a run: `--cfg hydra`, `--info`, `--shell-completion`, `--hydra-help`."""
    shows_config: bool
    """Whether it asks to see the configuration: `--cfg job`."""


def arguments_of(words: Sequence[str]) -> Arguments:
    """Take a command line apart; a flag Hydra doesn't know ends the process with code 2 and the usage."""
    parser = get_args_parser()
    parser.prog = "runner"
    # Hydra takes one --config-dir and keeps the last; here each counts, the first before the others.
    folders = argparse.ArgumentParser(prog="runner", add_help=False, allow_abbrev=False)
    folders.add_argument("--config-dir", "-cd", action="append", default=[])
    given, rest = folders.parse_known_args(list(words))
    found: argparse.Namespace = parser.parse_intermixed_args(rest)
    _refuse_flags(found)
    return Arguments(
        overrides=tuple(found.overrides),
        config_dirs=tuple(Path(folder) for folder in given.config_dir),
        config_name=found.config_name or "config",
        multirun=bool(found.multirun),
        hydra_words=_without(rest, {"--config-name", "-cn"}),
        shows_config=found.cfg == "job" and not found.package,
        is_question=bool(found.cfg or found.info or found.shell_completion or found.hydra_help),
    )


def _refuse_flags(found: argparse.Namespace) -> None:
    """Refuse what Hydra offers and Runner can't: a rerun reads a pickle, which runs whatever code stands in it."""
    refused = {
        "--experimental-rerun": (found.experimental_rerun, "Start the run again from its spec.yaml instead."),
        "--config-path": (found.config_path, "Write --config-dir DIR to add a folder of YAML files."),
    }
    faults = [
        Fault(flag, "must not be used", str(value), fix, "command line") for flag, (value, fix) in refused.items() if value
    ]
    if faults:
        raise ConfigError(faults)


def _without(words: Sequence[str], flags: set[str]) -> tuple[str, ...]:
    """Return the words without some flags and their values."""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in flags:
            skip = True
        elif word.partition("=")[0] not in flags:
            kept.append(word)
    return tuple(kept)
