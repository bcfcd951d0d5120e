"""What the command line says: each override checked by itself, before Hydra sees any.

1. Text that could run code, or read the environment, is refused whatever its grammar.
2. The grammar is Hydra's own parser; its complaint is translated.
3. Overrides that choose a file (`slippage=none`) are compared with the files there are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from runner.compose.checks import REFUSED_HYDRA_KEYS, leaves
from runner.compose.interpolation import interpolation_fault
from runner.errors import Fault, did_you_mean
from runner.spec.kind import Kinds
from runner.strict_yaml import CODE_KEYS, KeyPath, key_text, reads_environment

__all__ = ["COMMAND_LINE", "Checked", "checked_overrides", "choosing_faults", "is_choice", "key_path", "value_fault"]

COMMAND_LINE = "command line"
"""The source of everything that was given as an override."""

_CODE = re.compile("|".join(rf"(?<!\w){key}(?!\w)" for key in sorted(CODE_KEYS) if key.startswith("_")))


@dataclass(frozen=True, slots=True)
class Checked:
    """Overrides that can be composed, and the faults of those that can't."""

    sound: tuple[Override, ...]
    faults: tuple[Fault, ...]


def checked_overrides(overrides: Sequence[str], *, is_sweep: bool = False) -> Checked:
    """Parse and check each override; with `is_sweep`, several values for one key (`bps=0,5`) are allowed."""
    sound: list[Override] = []
    faults: list[Fault] = []
    for text in overrides:
        found = _text_fault(text) or _parsed(text)
        fault = found if isinstance(found, Fault) else value_fault(found, is_sweep=is_sweep)
        if fault:
            faults.append(fault)
        elif isinstance(found, Override):
            sound.append(found)
    return Checked(tuple(sound), tuple(faults))


def key_path(key: str) -> KeyPath:
    """Return the path of an override's key: `universe.symbols[0]` and `universe.symbols.0` are one."""
    parts = re.findall(r"[^.\[\]]+", key)
    return tuple(int(part) if part.isdigit() else part for part in parts)


def is_choice(override: Override, loader: ConfigLoaderImpl) -> bool:
    """Return whether the override chooses a file instead of setting a value."""
    key = override.key_or_group
    return override.package is not None or "/" in key or loader.repository.group_exists(key)


def choosing_faults(override: Override, loader: ConfigLoaderImpl, kinds: Kinds | None = None) -> Fault | None:
    """Return what is wrong with an override that chooses a file, None if the file is there.

    Args:
        override: What chooses.
        loader: Knows the files.
        kinds: Knows the kinds, which may be there without a file.
    """
    group = override.key_or_group
    if not loader.repository.group_exists(group):
        groups = [name for name in loader.list_groups("") if name != "hydra"]
        return _fault(group, "must be a folder of configurations", group, did_you_mean(group, groups))
    if override.is_force_add():
        return _fault(group, "must be chosen with one sign", f"++{group}", f"Write {override.input_line.lstrip('+')}.")  # type: ignore[union-attr]
    options = loader.get_group_options(group, ObjectType.CONFIG)
    value = override.value()
    chosen = value if isinstance(value, list) else [value]
    if override.is_delete():
        return None
    for option in chosen:
        if not isinstance(option, str):
            return _not_an_option(override, options)
        # A folder inside the group, as in data=examples/lean_daily, is looked into when it's named.
        if option not in {"???", *options} and not loader.repository.config_exists(f"{group}/{option}"):
            must = f"must name a file of {group}/"
            is_kind = kinds is not None and option in kinds.names(group)
            return _fault(group, must, option, _filed(group, option) if is_kind else did_you_mean(option, options))
    return None


def _filed(group: str, kind: str) -> str:
    """Return how a kind that has no file gets one."""
    text = f"rules: {{{kind}: {{kind: {kind}}}}}" if group == "risk" else f"kind: {kind}"
    return f"Write `{text}` into a file conf/{group}/{kind}.yaml, which {group}={kind} chooses then."


def _not_an_option(override: Override, options: Sequence[str]) -> Fault:
    group = override.key_or_group
    write = f"Write {group}=NAME to choose a file, or {group}.KEY=VALUE to set one of its keys. {did_you_mean('', options)}"
    was = str(override.input_line).partition("=")[2]
    return _fault(group, f"must name a file of {group}/", was, write)


def _fault(where: str, must: str, was: str = "", write: str = "") -> Fault:
    return Fault(where, must, was, write, COMMAND_LINE)


def _text_fault(text: str) -> Fault | None:
    key = text.partition("=")[0].lstrip("+~")
    if not key.strip() or key != key.strip():
        return _fault(
            text.strip() or "an empty word", "must be key=value without spaces around the =", repr(text), "Join the words."
        )
    code = _CODE.search(text)
    if code:
        must = "must not name Python, because configurations can't run code"
        return _fault(key, must, text, "Remove it; a model is chosen by its kind, e.g. slippage=fixed_bps.")
    if reads_environment(text):
        must = "must not read environment variables, because every run records its values"
        return _fault(
            key, must, text, "Where a secret is needed, give the variable's name; Runner reads it when it connects."
        )
    if not text.isprintable() or any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        return _fault(repr(text), "must be printable UTF-8 text", "", "Type it again.")
    return None


def _parsed(text: str) -> Override | Fault:
    try:
        return OverridesParser.create().parse_override(text)
    except HydraException:
        return _grammar_fault(text)


def _grammar_fault(text: str) -> Fault:
    key, equals, value = text.partition("=")
    name = key.lstrip("+~")
    if not equals and not text.startswith("~"):
        return _fault(text, "must be key=value", text, _no_equals(text))
    if not re.fullmatch(r"[\w.$@:/\[\]\-]+", name):
        return _fault(name or text, "must have a key before the =", text, "Write key=value without spaces around the =.")
    if "[" in name:
        return _fault(name, "must count items with dots", text, f"Write {key.replace('[', '.').replace(']', '')}={value}.")
    for opening, closing, sign in (("[", "]", "bracket"), ("{", "}", "brace"), ("(", ")", "parenthesis")):
        if value.count(opening) > value.count(closing):
            return _fault(name, f"must close the {sign} it opens", value, f"Write '{key}={value}{closing}'.")
    shown = value.replace("'", "\\'")
    write = f"Quote the value twice, once for the shell and once for Runner: \"{key}='{shown}'\"."
    return _fault(name, "must have a value that Hydra's grammar can read", value or "nothing", write)


def _no_equals(text: str) -> str:
    option = text.startswith("-")
    return (
        "Options stand before overrides; see runner --help."
        if option
        else f"Write {text}=VALUE, e.g. slippage=none or slippage.bps=5."
    )


def value_fault(override: Override, *, is_sweep: bool) -> Fault | None:
    """Return what is wrong with an override that could be parsed; with `is_sweep`, several values are no fault."""
    key = override.key_or_group
    for refused, write in REFUSED_HYDRA_KEYS.items():
        if key == refused or key.startswith(f"{refused}."):
            return _fault(key, "must not be set", "", write)
    if override.is_sweep_override():
        return None if is_sweep else _several_values(override)
    return _code_fault(override) or _leaf_fault(override)


def _several_values(override: Override) -> Fault:
    key, value = override.key_or_group, str(override.input_line).partition("=")[2]
    write = f"Add -m to run once per value, or write '{key}=[{value}]' for a list."
    return _fault(key, "must be one value", value, write)


def _code_fault(override: Override) -> Fault | None:
    value = override.value()
    keys = [key for path, _ in leaves(value) for key in path]
    for key in (*key_path(override.key_or_group), *keys):
        if key in CODE_KEYS:
            must = "must not name Python, because configurations can't run code"
            return _fault(override.key_or_group, must, str(key), "Remove it; a model is chosen by its kind.")
    return None


def _leaf_fault(override: Override) -> Fault | None:
    base = key_path(override.key_or_group)
    for path, leaf in leaves(override.value()):
        where = key_text((*base, *path))
        if isinstance(leaf, str) and "${" in leaf:
            found = interpolation_fault(leaf, is_hydra=base[:1] == ("hydra",))
            if found:
                return _fault(where, found.must, leaf, found.write)
        if isinstance(leaf, float) and not isfinite(leaf):
            return _fault(where, "must be a finite number", str(leaf), "Write a number, or null where nothing is allowed.")
        if isinstance(leaf, int) and not -(2**63) <= leaf < 2**63:
            return _fault(where, "must be a number that fits 64 bits", str(leaf), "Write a smaller number.")
    return None
