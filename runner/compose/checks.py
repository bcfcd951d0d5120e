"""What a configuration file can have wrong beyond its YAML: header, defaults list, interpolations, Hydra's own keys."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from runner.compose.interpolation import interpolation_fault
from runner.compose.reading import ConfigFile
from runner.errors import Fault
from runner.strict_yaml import Document, KeyPath, Problem, key_text

__all__ = ["REFUSED_HYDRA_KEYS", "checked_file", "leaves"]

REFUSED_HYDRA_KEYS = {
    "hydra.searchpath": "Give further directories by --config-dir.",
    "hydra.job.env_copy": "Secrets are named, never copied: give the variable's name where a setting asks for one.",
    "hydra.callbacks": "Runner's own records are always written; remove the key.",
}
"""Keys of Hydra that would get round the strict reader, record secrets or run code; and what to do instead."""

_HEADER = re.compile(r"^#\s*@package\s+(\S+)\s*$")
_LIKE_HEADER = re.compile(r"^\s*#\s*@")
_EXAMPLE = re.compile(r"(/?data/)?examples/[^\s@]+")
"""An example taken up by another file without saying where its keys go: below `examples`, where nobody looks for them."""
_ITEM = re.compile(r"((optional|override) )*[^\s@]+(@\S+)?")


def checked_file(name: str, shown: str, text: str, document: Document, *, is_primary: bool) -> ConfigFile:
    """Return the file with all its problems, and with what was refused left out of the value Hydra is given."""
    value = deepcopy(document.value)
    package, header_problem = _header(text, shown)
    incomplete = list(_defaults_problems(value, document, shown))
    found = [
        *document.problems,
        *header_problem,
        *incomplete,
        *_self_problems(value, document, shown, is_primary=is_primary),
        *_hydra_problems(name, value, document, shown),
        *_interpolation_problems(name, value, document, shown),
    ]
    _silence(value, {problem.path for problem in found})
    is_readable = document.is_readable and not incomplete
    checked = replace(document, problems=tuple(found), is_readable=is_readable)
    return ConfigFile(name, shown, checked, value, package)


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every scalar and every empty mapping or list with its path."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [found for key, item in items for found in leaves(item, (*path, key))]
    yield from below or [(path, value)]


def _problem(path: KeyPath, document: Document, shown: str, must: str, was: str, write: str) -> Problem:
    mark = document.marks.get(path)
    source = f"{shown}:{mark.line}:{mark.column}" if mark else shown
    return Problem(path, Fault(key_text(path), must, was, write, source))


def _header(text: str, shown: str) -> tuple[str | None, list[Problem]]:
    """Return the package a `# @package` line among the first comments names."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        found = _HEADER.match(line.strip())
        if found:
            return found[1], []
        if _LIKE_HEADER.match(line):
            write = "Write `# @package _global_` to set keys from the top, or remove the line."
            fault = Fault(
                shown, "must have a header of the form `# @package NAME`", line.strip(), write, f"{shown}:{number}"
            )
            return None, [Problem((), fault)]
    return None, []


def _defaults_problems(value: dict[str, Any], document: Document, shown: str) -> Iterator[Problem]:
    """Yield what is no choice in the defaults list, and keep what is."""
    items = value.get("defaults", [])
    if not isinstance(items, list):
        write = "Write `defaults:` and below it one `- group: option` for each choice."
        yield _problem(("defaults",), document, shown, "must be a list of choices", _kind(items), write)
        value["defaults"] = ["_self_"]
        return
    for index, item in enumerate(items):
        if not _is_item(item):
            write = "Write one `- group: option` for each choice, e.g. `- slippage: fixed_bps`."
            yield _problem(("defaults", index), document, shown, "must choose one option of one group", _kind(item), write)
        elif isinstance(item, str) and _EXAMPLE.fullmatch(item):
            must = "must say that an example's keys belong where this file's own do"
            write = f"Write `- {item}@_here_`: without it they would all stand below a key called examples."
            yield _problem(("defaults", index), document, shown, must, item, write)
    if "defaults" in value:
        value["defaults"] = [_here(item) for item in items if _is_item(item)]


def _here(item: Any) -> Any:
    """Read an example as it is meant, so that what follows from the slip isn't told as well."""
    return f"{item}@_here_" if isinstance(item, str) and _EXAMPLE.fullmatch(item) else item


def _self_problems(value: dict[str, Any], document: Document, shown: str, *, is_primary: bool) -> Iterator[Problem]:
    """Yield what is wrong with the place of the file's own keys among its choices, and put them at the end."""
    items = value.get("defaults", [])
    times = items.count("_self_")
    if times > 1:
        write = "Keep the one that stands where this file's own keys should take effect."
        yield _problem(("defaults",), document, shown, "must hold `_self_` once", f"{times} times", write)
    elif is_primary and items and not times:
        write = "Add `- _self_` at the end: then the keys of this file win over the files it chooses."
        yield _problem(
            ("defaults",), document, shown, "must say where this file's own keys come in", "without `_self_`", write
        )
    else:
        return
    value["defaults"] = [*(item for item in items if item != "_self_"), "_self_"]


def _is_item(item: Any) -> bool:
    if isinstance(item, str):
        return _ITEM.fullmatch(item) is not None
    if not isinstance(item, dict) or len(item) != 1:
        return False
    ((group, option),) = item.items()
    options = option if isinstance(option, list) else [option]
    return _ITEM.fullmatch(group) is not None and all(each is None or isinstance(each, str) for each in options)


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping of " + ", ".join(f"{key}" for key in value) if value else "an empty mapping"
    return "a list" if isinstance(value, list) else "nothing" if value is None else str(value)


def _hydra_problems(name: str, value: dict[str, Any], document: Document, shown: str) -> Iterator[Problem]:
    """Yield and remove the keys of Hydra that a file may not set."""
    for key, write in REFUSED_HYDRA_KEYS.items():
        path: KeyPath = tuple(key.split("."))
        inner = path[len(name.split("/")) - 1 :] if name.startswith("hydra/") else path
        parent: Any = value
        for part in inner[:-1]:
            parent = parent.get(part) if isinstance(parent, dict) else None
        if inner and isinstance(parent, dict) and inner[-1] in parent:
            del parent[inner[-1]]
            yield _problem(inner, document, shown, "must not be set", "", write)


def _interpolation_problems(name: str, value: dict[str, Any], document: Document, shown: str) -> Iterator[Problem]:
    refused = {problem.path for problem in document.problems}
    for path, leaf in leaves(value):
        if isinstance(leaf, str) and "${" in leaf and path not in refused:
            fault = interpolation_fault(leaf, is_hydra=name.startswith("hydra/") or path[:1] == ("hydra",))
            if fault:
                yield _problem(path, document, shown, fault.must, leaf, fault.write)


def _silence(value: dict[str, Any], paths: set[KeyPath]) -> None:
    """Blank every refused text, so that nothing of it is ever resolved."""
    for path, leaf in list(leaves(value)):
        if path in paths and isinstance(leaf, str) and "${" in leaf:
            parent: Any = value
            for key in path[:-1]:
                parent = parent[key]
            parent[path[-1]] = ""
