"""Which schemas a set of configuration folders asks for: one of the whole, one per group, by where a group's keys go."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from runner.compose.json_schema import DIALECT, Schema, part_schema, whole_schema
from runner.compose.reading import Directory, packaged_conf
from runner.spec.kind import Kinds
from runner.spec.run import RunSpec
from runner.spec.sweep import BesideRun
from runner.strict_yaml import KeyPath

__all__ = ["WHOLE", "schema_files", "schemas"]

WHOLE = "config"
"""Name of the schema of the whole."""

PACKAGE = re.compile(r"^#\s*@package\s+(\S+)\s*$", re.MULTILINE)
GLOBAL = "_global_"
HEAD = 4096
"""Characters in which the header is looked for."""


def schemas(directories: Sequence[Directory], kinds: Kinds) -> Mapping[str, Schema]:
    """Return the schemas by the names of their files.

    `config` is the whole; every group of the spec has its own, and so has every group of the folders: a group whose files
    begin with `# @package _global_` speaks of the whole, one with another package of what lies there. A group of a group is
    called `group.inner`; one that only sorts the options of the group around it has no schema of its own.

    Args:
        directories: The user's folders; the packaged one is looked at as well.
        kinds: Looks up the classes behind `kind`.
    """
    found = {WHOLE: whole_schema(kinds)}
    sections = (*RunSpec.model_fields, *BesideRun.model_fields)
    found |= {name: part for name in sections if (part := _part((name,), kinds)) is not None}
    for folder, group in _groups([*(directory.path for directory in directories), packaged_conf()]):
        name, places = group.replace("/", "."), {_place_of(path, group, kinds) for path in folder.glob("*.yaml")}
        parts = [part for place in sorted(places) if (part := _part(place, kinds) if place else found[WHOLE]) is not None]
        if name not in found and places != {(group.split("/")[0],)} and parts:
            found[name] = parts[0] if len(parts) == 1 else {"anyOf": parts}
    return dict(sorted(found.items()))


def schema_files(found: Mapping[str, Schema]) -> Mapping[str, Schema]:
    """Return schemas as the files of one folder: what speaks of the whole refers to the file of the whole.

    The whole is large, and every group of experiments speaks of it.
    """
    whole: Schema = {"$schema": DIALECT, "$ref": f"{WHOLE}.json"}
    return {name: whole if name != WHOLE and schema == found[WHOLE] else schema for name, schema in found.items()}


def _part(place: KeyPath, kinds: Kinds) -> Schema | None:
    """Return the schema of a place that a file can hold, which is a mapping; None of any other."""
    part = part_schema(place, kinds)
    return part if part is not None and part.get("type") == "object" else None


def _groups(folders: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield every folder with options and its name as a group."""
    for folder in folders:
        for inner in sorted({path.parent for path in folder.glob("*/**/*.yaml")}):
            group = inner.relative_to(folder).as_posix()
            if not group.startswith((".", "hydra")) and "/." not in group:
                yield inner, group


def _place_of(path: Path, group: str, kinds: Kinds) -> KeyPath:
    """Return where a file's keys go, or the nearest place around it that the spec knows; the top is ()."""
    found = PACKAGE.search(path.read_text("utf-8", errors="replace")[:HEAD])
    package = group.replace("/", ".") if found is None or found[1] == "_group_" else found[1]
    place: KeyPath = () if package == GLOBAL else tuple(package.removeprefix(f"{GLOBAL}.").split("."))
    while len(place) > 1 and _part(place, kinds) is None:
        place = place[:-1]
    return place
