"""Composes with Hydra, and finds every override that doesn't fit instead of the first.

1. All of them at once: the way a sound command line takes.
2. If that fails, only those that choose files; if this fails too, the defaults lists are at fault, unless a file that
   couldn't be read is: its own fault says so.
3. Otherwise the others are applied one by one; those whose key no file lists come last, when all kinds are known, and are
   taken as if they had been written with `++` if the spec has such a key. Each that doesn't fit is a fault of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import ConfigCompositionException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from runner.compose.checks import leaves
from runner.compose.faults import COMPLAINTS, composing_fault
from runner.compose.near import nearest_keys
from runner.compose.overrides import COMMAND_LINE, is_choice, key_path
from runner.compose.reading import Reading
from runner.compose.unlisted import Known
from runner.errors import Fault, did_you_mean
from runner.spec.kind import Kinds
from runner.strict_yaml import KeyPath, key_text

__all__ = ["Applied", "applied"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What composing came to."""

    config: DictConfig | None
    """The composed configuration with Hydra's own node; None if the defaults lists are at fault."""
    overrides: tuple[Override, ...]
    """Those that are in it; one whose key no file lists begins with `++`."""
    faults: tuple[tuple[KeyPath, Fault], ...]
    """What is wrong, with the key it is about."""


def applied(
    overrides: Sequence[Override], loader: ConfigLoaderImpl, reading: Reading, kinds: Kinds | None = None
) -> Applied:
    """Compose the reading's primary file with the overrides; `kinds` are those whose keys may be set though unlisted."""
    try:
        config = _composed(overrides, loader, reading)
        return Applied(config, tuple(overrides), tuple(_without_effect(overrides, config)))
    except COMPLAINTS:
        choices = [override for override in overrides if is_choice(override, loader)]
    try:
        config = _composed(choices, loader, reading)
    except COMPLAINTS as error:
        fault = composing_fault(error, loader, reading)
        is_whole = all(file.document.is_readable for file in reading.files.values())
        return Applied(None, (), (((), fault),) if is_whole else ())
    others = [override for override in overrides if override not in choices]
    return _one_by_one(choices, others, config, kinds)


def _one_by_one(choices: Sequence[Override], others: Sequence[Override], config: DictConfig, kinds: Kinds | None) -> Applied:
    settled = list(choices)
    faults: list[tuple[KeyPath, Fault]] = []
    for override in sorted(others, key=lambda override: _is_unlisted(override, config)):  # the order of each sort is kept
        through = _through_a_value(override, config)
        known = Known(_plain(config), kinds)
        each = _lifted(override) if _is_unlisted(override, config) and _is_known(override, known) else override
        try:
            if through is None:
                ConfigLoaderImpl._apply_overrides_to_config([each], config)  # noqa: SLF001  (what Hydra itself does with it)
                settled.append(each)
        except COMPLAINTS as error:
            through = _misfit(override, known, error)
        if through is not None:
            faults.append((key_path(override.key_or_group), through))
    return Applied(config, tuple(settled), (*faults, *_without_effect(settled, config)))


def _without_effect(overrides: Sequence[Override], config: DictConfig) -> Iterator[tuple[KeyPath, Fault]]:
    """Yield a fault for each `KEY={}` of a mapping that isn't empty: mappings are merged, and nothing adds nothing."""
    for override in overrides:
        path = key_path(override.key_or_group)
        if not override.is_delete() and not override.is_sweep_override() and override.value() == {}:
            above, found = _deepest(_plain(config), path)
            if len(above) == len(path) and isinstance(found, dict) and found:
                key = override.key_or_group
                must = "must be emptied by removing it, because a mapping that is given is added to the one there is"
                yield path, _fault(key, must, "{}", f"Write ~{key}.")


def _is_unlisted(override: Override, config: DictConfig) -> bool:
    """Return whether an override sets a key that isn't there, without saying that it is new."""
    if override.is_add() or override.is_force_add() or override.is_delete():
        return False
    path = key_path(override.key_or_group)
    return len(_deepest(_plain(config), path)[0]) < len(path)


def _is_known(override: Override, known: Known) -> bool:
    path = key_path(override.key_or_group)
    above, stop = _deepest(known.values, path)
    return (stop is None or isinstance(stop, dict)) and known.has(path, len(above))


def _lifted(override: Override) -> Override:
    return OverridesParser.create().parse_override(f"++{override.input_line}")


def _plain(config: DictConfig) -> Any:
    return OmegaConf.to_container(config, resolve=False)


def _composed(overrides: Sequence[Override], loader: ConfigLoaderImpl, reading: Reading) -> DictConfig:
    lines = [str(override.input_line) for override in overrides]
    return loader.load_configuration(reading.primary, lines, RunMode.RUN, from_shell=False)


def _through_a_value(override: Override, config: DictConfig) -> Fault | None:
    """Return the fault of a key that goes on below a single value; applied, it would replace that value."""
    key = override.key_or_group
    above, stop = _deepest(_plain(config), key_path(key))
    if isinstance(stop, dict | list) or stop is None or len(above) == len(key_path(key)):
        return None
    shown, value = key_text(above), str(override.input_line).partition("=")[2]
    return _fault(key, f"must stop at {shown}, which holds one value", value, f"Write {shown}={value}.")


def _misfit(override: Override, known: Known, error: Exception) -> Fault:
    key = override.key_or_group
    value = str(override.input_line).partition("=")[2]
    plain = known.values
    above, stop = _deepest(plain, key_path(key))
    if override.is_delete():
        return _nothing_to_remove(override, plain)
    if override.is_add() and len(above) == len(key_path(key)):
        return _fault(key, "must be a new key when it is written with +", f"+{key}", f"Write {key}={value}, without the +.")
    if isinstance(stop, list):
        return _fault(key, f"must be one of the {len(stop)} items of {key_text(above)}", value, "Items are counted from 0.")
    if len(above) < len(key_path(key)):
        return _unknown_key(key, value, above, stop, known)
    reason = str(error.__cause__ if isinstance(error, ConfigCompositionException) and error.__cause__ else error)
    return _fault(key, "must take this value", value, f"Write another: {reason.partition(chr(10))[0]}.")


def _fault(where: str, must: str, was: str, write: str) -> Fault:
    return Fault(where, must, was, write, COMMAND_LINE)


def _deepest(value: Any, path: KeyPath) -> tuple[KeyPath, Any]:
    """Return how far the path exists, and what is there."""
    for depth, key in enumerate(path):
        is_there = (isinstance(value, dict) and key in value) or (
            isinstance(value, list) and isinstance(key, int) and key < len(value)
        )
        if not is_there:
            return path[:depth], value
        value = value[key]
    return path, value


def _nothing_to_remove(override: Override, plain: Any) -> Fault:
    key = override.key_or_group
    above, found = _deepest(plain, key_path(key))
    if len(above) == len(key_path(key)):
        return _fault(key, f"must be {found} to be removed by this override", str(override.value()), f"Write ~{key} alone.")
    return _fault(
        key, "must be a key of the configuration to be removed", key, did_you_mean(str(key_path(key)[-1]), _names(found))
    )


def _unknown_key(key: str, value: str, above: KeyPath, found: Any, known: Known) -> Fault:
    word = str(key_path(key)[len(above)])
    must = f"must be a key of {key_text(above) or 'the configuration'}"
    owners = known.kinds_with(word, above)
    if owners:
        return _fault(key, must, _another_kinds(word, owners), _switched(key, value, above, owners))
    hint = did_you_mean(word, {*_names(found), *known.keys(above)})
    elsewhere = nearest_keys(key, {*_own_keys(known.values), *known.of_sections()})
    is_exact = bool(elsewhere) and all(each.rpartition(".")[2] == word for each in elsewhere)
    if elsewhere and (is_exact or not hint.startswith("Did you mean")):
        hint = f"Did you mean {' or '.join(elsewhere)}?"
    if known.takes_any(above):
        hint = f"{hint} A new parameter, node, rule or event file is added with +: {quote(f'+{key}={value}')}."
    return _fault(key, must, word, hint)


def _another_kinds(word: str, owners: Sequence[str]) -> str:
    return f"{word}, a key of {' and '.join(owners)}"


def _switched(key: str, value: str, above: KeyPath, owners: Sequence[str]) -> str:
    """Return how to choose a kind that has the key."""
    group = key_text(above)
    choice = f"{group}={owners[0]}" if len(above) == 1 else f"{group}.kind={owners[0]}"
    return f"Write {choice} {quote(f'{key}={value}')}, or leave it out."


def _names(found: Any) -> list[str]:
    return [str(key) for key in found if key != "hydra"] if isinstance(found, dict) else []


def _own_keys(plain: Any) -> list[str]:
    return [key_text(path) for path, _ in leaves(plain) if path[:1] != ("hydra",)]
