"""Hydra's complaints about a defaults list, in our words: where, what must hold, what it was, what to write.

Hydra raises one exception for everything and says what happened only in its text, so `_WORDS` maps the beginnings of the
texts of the version that is pinned; `tests/golden/configs` holds one case for each. What no line knows becomes a fault
that names the first line of Hydra's text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.object_type import ObjectType
from hydra.errors import HydraException, MissingConfigException
from omegaconf.errors import OmegaConfBaseException

from runner.compose.overrides import COMMAND_LINE
from runner.compose.reading import ConfigFile, Reading
from runner.errors import Fault, did_you_mean

__all__ = ["COMPLAINTS", "composing_fault"]

COMPLAINTS = (HydraException, OmegaConfBaseException, ValueError, AssertionError, RecursionError)
"""What Hydra raises for configurations it can't compose."""


def composing_fault(error: Exception, loader: ConfigLoaderImpl, reading: Reading) -> Fault:
    """Return the fault behind an exception of Hydra's."""
    if isinstance(error, RecursionError):
        return _circle(reading)
    if isinstance(error, MissingConfigException):
        return _not_found(error, loader, reading)
    text = str(error)
    for pattern, make in _WORDS.items():
        found = re.search(pattern, text)
        if found:
            return make(_Case(found.groupdict(), loader, reading))
    write = "Compare the defaults lists and overrides with the shipped configuration."
    return Fault(reading.primary, "must be a configuration that can be composed", text.partition("\n")[0], write)


def _not_found(error: MissingConfigException, loader: ConfigLoaderImpl, reading: Reading) -> Fault:
    name = str(error.missing_cfg_file or reading.primary)
    group, _, option = name.rpartition("/")
    options = [known for known in loader.get_group_options(group, ObjectType.CONFIG) if not known.startswith("_")]
    if name == reading.primary:
        return Fault("--config-name", "must name a file of conf/", name, did_you_mean(name, options), COMMAND_LINE)
    source = _item_source(reading, group, option) or COMMAND_LINE
    renamed = _other_suffix(reading, name)
    write = f"Rename {renamed} to end in .yaml." if renamed else did_you_mean(option, options)
    if group and not loader.repository.group_exists(group):
        groups = [known for known in loader.list_groups("") if known != "hydra"]
        return Fault(group, "must be a folder of configurations", group, did_you_mean(group, groups), source)
    return Fault(group or name, f"must name a file of {group}/" if group else "must name a file", option, write, source)


def _other_suffix(reading: Reading, name: str) -> str:
    for directory in reading.directories:
        for suffix in (".yml", ".YAML", ".YML"):
            if (directory.path / f"{name}{suffix}").is_file():
                return f"{directory.shown}/{name}{suffix}"
    return ""


def _circle(reading: Reading) -> Fault:
    """Return the fault of defaults lists that lead back to where they began."""
    edges = {file.name: _included(file) for file in reading.files.values()}
    for start in sorted(edges):
        circle = _way_back(start, start, edges, ())
        if circle:
            shown = " → ".join([*circle, start])
            write = "Remove one of these files from the other's defaults list."
            return Fault(
                start, "must not include itself through defaults lists", shown, write, _list_source(reading.files[start])
            )
    write = "Remove one of the entries that lead back."
    return Fault(reading.primary, "must not include itself through defaults lists", "", write)


def _way_back(start: str, here: str, edges: Mapping[str, list[str]], path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names from `here` to the one that includes `start`, empty if there is no way."""
    if here in path:
        return ()
    for below in edges.get(here, []):
        found = (*path, here) if below == start else _way_back(start, below, edges, (*path, here))
        if found:
            return found
    return ()


def _included(file: ConfigFile) -> list[str]:
    group = file.name.rpartition("/")[0]
    names = [_item_name(item) for item in file.value.get("defaults", [])]
    return [name.lstrip("/") if name.startswith("/") or not group else f"{group}/{name}" for name in names if name]


def _item_name(item: Any) -> str:
    if isinstance(item, str):
        return "" if item == "_self_" else item.partition("@")[0]
    ((key, option),) = item.items()
    return f"{key.split(' ')[-1].partition('@')[0]}/{option}" if isinstance(option, str) else ""


def _item_source(reading: Reading, group: str, option: str) -> str:
    """Return file and line of the defaults item that chose the option; empty if it was chosen on the command line."""
    for file in reading.files.values():
        for index, item in enumerate(file.document.value.get("defaults") or []):
            name = _item_name(item) if isinstance(item, str | dict) and item else ""
            if name and f"{group}/{option}".endswith(name.lstrip("/")):
                mark = file.document.marks[("defaults", index)]
                return f"{file.shown}:{mark.line}"
    return ""


def _list_source(file: ConfigFile) -> str:
    mark = file.document.marks.get(("defaults",))
    return f"{file.shown}:{mark.line}" if mark else file.shown


def _source_in(reading: Reading, parent: str) -> str:
    """Return file and line of a file's defaults list, `command line` without a file."""
    file = reading.files.get(parent)
    return _list_source(file) if file else COMMAND_LINE


@dataclass(frozen=True, slots=True)
class _Case:
    """One complaint: the words its text was matched to, and where to look further."""

    words: Mapping[str, str | None]
    loader: ConfigLoaderImpl
    reading: Reading

    def __getitem__(self, name: str) -> str:
        return str(self.words.get(name) or "")


def _not_chosen(case: _Case) -> Fault:
    group, parent = case["key"], case["parent"]
    source = _source_in(case.reading, parent)
    file = case.reading.files.get(parent)
    if "@" in group and file is not None and file.package is None:
        must = "must say where its keys go, because it replaces what other files have chosen"
        return Fault(parent, must, "", "Begin the file with the line `# @package _global_`.", source)
    write = (
        f"Remove the word override: `- /{group}: …`." if parent else f"Write +{group}={case['value'] or 'NAME'} to add it."
    )
    return Fault(group, "must be chosen in a defaults list before it can be replaced", "", write, source)


def _chosen_twice(case: _Case) -> Fault:
    group = case["key"]
    again = [
        (file, name) for file in case.reading.files.values() for name in _included(file) if name.startswith(f"{group}/")
    ]
    if len(again) < 2:
        write = f"Write {group}=NAME, without the +."
        return Fault(group, "must be chosen once", "in a defaults list and again with +", write, COMMAND_LINE)
    file, name = again[-1]
    write = f"Write `- override /{group}: {name.rpartition('/')[2]}` in the file that changes the choice."
    return Fault(group, "must be chosen once", "in two defaults lists", write, _list_source(file))


def _nothing_to_delete(case: _Case) -> Fault:
    return Fault(case["key"], "must be chosen to be removed", "", "Remove the override.", COMMAND_LINE)


def _to_be_chosen(case: _Case) -> Fault:
    group = case["key"]
    known = did_you_mean("", case.loader.get_group_options(group.partition("@")[0], ObjectType.CONFIG))
    source = _item_source(case.reading, group, "???") or COMMAND_LINE
    return Fault(group, "must be chosen", "", f"Write {group}=NAME on the command line. {known}", source)


def _too_early(case: _Case) -> Fault:
    write = "Move the override to the end of the list."
    source = _source_in(case.reading, case["parent"])
    return Fault(case["key"], "must be replaced after it was chosen", "the other way round", write, source)


def _unknown_choice(case: _Case) -> Fault:
    write = "Write the option's name, or ${GROUP} with the name of a group of the same list."
    return Fault("defaults", "must refer to a group that is chosen", case["value"], write)


def _unmergeable(case: _Case) -> Fault:
    name = case["parent"]
    file = case.reading.files.get(name)
    write = "Write the key with the same shape as in the files before it: a mapping, a list, or one value."
    return Fault(name, "must fit what the files before it say", "", write, file.shown if file else "")


_WORDS: dict[str, Callable[[_Case], Fault]] = {
    r"^(In '(?P<parent>.*?)': )?Could not override '(?P<key>.*?)'(?s:.* use \+[^=]*=(?P<value>\S+))?": _not_chosen,
    r"^Multiple values for (?P<key>\S+)\.": _chosen_twice,
    r"^(?P<key>\S+) appears more than once": _chosen_twice,
    r"^Could not delete '(?P<key>[^'=]*)": _nothing_to_delete,
    r"^You must specify '(?P<key>.*?)'": _to_be_chosen,
    r"^In (?P<parent>\S+): Override '(?P<key>\S+) : .*?' is defined before": _too_early,
    r"^Error resolving interpolation '(?P<value>.*?)'": _unknown_choice,
    r"^In '(?P<parent>.*?)': \w+ raised while composing": _unmergeable,
}
"""How Hydra 1.3's texts begin → the fault they mean."""
