"""`runner schema [GROUP]`: the JSON Schema of the configuration, or of one group's options; `--write [FOLDER]` for editors.

`--write` puts one schema per group, and one of the whole, into `FOLDER/.schema` (`conf/.schema` if none is named), which
Hydra doesn't take for a group; they refer to one another, and stay together. Groups are those of the spec, and those of the
user's own folders by the package of their files. Kinds are those that Runner brings and those of the user's files, all of
which are run for that. An editor with a YAML language server finds the schema by a line of the file:

    # yaml-language-server: $schema=../.schema/signal.json
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.text import Text

from runner.archive.files import write_text
from runner.cli.arguments import arguments_of
from runner.cli.flags import Flags
from runner.compose import user_directories
from runner.compose.schema_files import WHOLE, schema_files, schemas
from runner.errors import ConfigError, Fault, FileError, did_you_mean
from runner.prepare import known_kinds
from runner.report.safe_console import SafeConsole

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Print a schema, or write all of them."""
    flags = Flags("schema")
    flags.add_argument("--write", nargs="?", const="conf", type=Path)
    given, rest = flags.split(words)
    arguments = arguments_of(rest)
    if arguments.multirun or arguments.is_question or arguments.shows_config:
        raise ConfigError(Fault("schema", "must stand without flags of a run", " ".join(rest), "Leave the flag out."))
    kinds = known_kinds()
    broken = kinds.broken()
    if broken:
        raise ConfigError(broken)
    found = schemas(user_directories(arguments.config_dirs, Path.cwd()), kinds)
    if given.write is None:
        print(_text(_chosen(arguments.overrides, found)), end="")  # noqa: T201 - the command line speaks here
        return 0
    if arguments.overrides:
        write = "Leave the words out; every schema is written."
        raise ConfigError(Fault("--write", "must stand without the name of a group", " ".join(arguments.overrides), write))
    _write(given.write / ".schema", schema_files(found))
    return 0


def _chosen(words: tuple[str, ...], found: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    name = words[0] if words else WHOLE
    if len(words) > 1 or name not in found:
        hint = did_you_mean(name, found)
        raise ConfigError(Fault("schema", "must be followed by the name of one group, or by none", " ".join(words), hint))
    return found[name]


def _write(folder: Path, found: Mapping[str, Mapping[str, Any]]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, schema in found.items():
            write_text(folder / f"{name}.json", _text(schema), is_private=False)
    except OSError as error:
        write = "Name a folder that you may write to."
        raise FileError(Fault(str(folder), "must be a folder that can be written", str(error.strerror), write)) from error
    console = SafeConsole()
    line = "# yaml-language-server: $schema=../.schema/GROUP.json"
    console.print(Text(f"{len(found)} schemas; begin the files of a group with a line {line}"), soft_wrap=True)
    console.print(Text(str(folder)), soft_wrap=True)


def _text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
