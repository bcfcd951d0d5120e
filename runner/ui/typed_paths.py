"""Which files the page may look into while somebody types: those whose names say that they are data.

A check reads the first line of the files that `data.path` leads to, and names their columns where these aren't the declared
ones. In a terminal that is the user's own doing; a page that is left open would show so the first line of any file that the
user may read. So a path that is typed must be a folder, of which only data count, or end as data of its kind do. Paths of
the run that somebody began with were looked into before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.errors import Fault
from runner.launch.kept_inputs import OF_EVENTS, SUFFIXES

__all__ = ["typed_path_faults"]

PARTS = 16
"""Depth to which parts of parts are followed."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """A path in a spec, and how the names of its files may end."""

    where: str
    path: str
    ends: tuple[str, ...]
    is_renamed: bool = False
    """Whether it is what the ends of other files' names are replaced by."""


def typed_path_faults(values: Mapping[str, Any], begun_with: Mapping[str, Any]) -> list[Fault]:
    """Return a fault for each path that leads to files which aren't called like data.

    Args:
        values: Plain values of the spec that is typed, whatever they are.
        begun_with: Those of the spec that it was before.
    """
    before = {each.path for each in _paths(begun_with)}
    return [_fault(each) for each in _paths(values) if each.path not in before and not _is_data(each)]


def _paths(values: Mapping[str, Any]) -> list[_Typed]:
    events = _mapping(values.get("events"))
    named = {name: _mapping(file).get("path") for name, file in events.items()}
    own = [_Typed(f"events.{name}.path", path, OF_EVENTS) for name, path in named.items() if isinstance(path, str)]
    return [*_of_data(_mapping(values.get("data")), "data"), *own]


def _of_data(data: Mapping[str, Any], where: str, deep: int = 0) -> Iterator[_Typed]:
    ends = SUFFIXES.get(str(data.get("kind")), ())
    if isinstance(data.get("path"), str):
        yield _Typed(f"{where}.path", data["path"], ends)
    beside = _mapping(data.get("beside"))
    find = str(beside.get("find", ""))
    if find and ("." in find or any(find in end for end in ends)):
        yield _Typed(f"{where}.beside.replace", str(beside.get("replace")), ends, is_renamed=True)
    for name, part in _mapping(data.get("parts")).items() if deep < PARTS else ():
        yield from _of_data(_mapping(part), f"{where}.parts.{name}", deep + 1)


def _is_data(typed: _Typed) -> bool:
    if not typed.ends or typed.path.endswith(typed.ends):
        return True  # a kind that nobody knows reads nothing
    # Of a folder, and of a pattern with an open end, only names that end as data do are taken.
    return not typed.is_renamed and (typed.path.endswith("*") or _is_folder(typed.path))


def _is_folder(path: str) -> bool:
    try:
        return Path(path).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):
        return False


def _fault(typed: _Typed) -> Fault:
    known = " or ".join(f"*{end}" for end in typed.ends)
    fix = "Other names are looked into in a terminal alone: write runner data check there, and start it there."
    return Fault(typed.where, f"must lead to {known}, or to a folder, on this page", typed.path, fix)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
