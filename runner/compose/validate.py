"""From plain values to a `RunSpec`, or to every fault in them at once, each in the user's words and with its source.

1. Pydantic validates; its errors are grouped by key path (`_key_path`), for a union reports one error per member.
2. `_fault` words each: unknown, stale and missing keys here, all others by `words`.
3. What a file's or override's fault has said already is left out, and so is a key that may stand in an unreadable file.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from runner.compose.origins import Origin, source_of
from runner.compose.overrides import COMMAND_LINE
from runner.compose.schema import Place, place_of
from runner.compose.words import NUMBER_OR_DURATION, WORD_OR_DURATION, Wrong, shown, words_of
from runner.errors import ConfigError, Fault, did_you_mean
from runner.spec.kind import Kinds
from runner.spec.run import RunSpec
from runner.strict_yaml import KeyPath, key_text

__all__ = ["errors_of", "faults_of", "faults_of_errors", "spec_of"]

_NOWHERE: Mapping[str, Origin] = MappingProxyType({})
_NOTHING: frozenset[KeyPath] = frozenset()


def spec_of(
    values: dict[str, Any],
    *,
    kinds: Kinds,
    origins: Mapping[str, Origin] = _NOWHERE,
    said: Collection[KeyPath] = _NOTHING,
    gaps: Collection[KeyPath] = _NOTHING,
) -> RunSpec:
    """Validate plain values.

    Args:
        values: What describes a run, as `Composed.values` or the content of a `spec.yaml`.
        kinds: Looks up the classes behind `kind`.
        origins: Key path → where it was written, as `Composed.origins`.
        said: Keys with a fault already, as `Composed.said`.
        gaps: Places of unreadable files, as `Composed.gaps`.

    Raises:
        ConfigError: With every fault found; with none, if `said` or `gaps` explain all that is wrong.
    """
    found = _validated(values, kinds)
    if isinstance(found, RunSpec):
        return found
    raise ConfigError(faults_of_errors(found, values, kinds, origins, said, gaps)) from None


def faults_of(
    values: dict[str, Any],
    *,
    kinds: Kinds,
    origins: Mapping[str, Origin] = _NOWHERE,
    said: Collection[KeyPath] = _NOTHING,
    gaps: Collection[KeyPath] = _NOTHING,
) -> list[Fault]:
    """Return what is wrong with plain values, nothing if they are a run; the arguments are those of `spec_of`."""
    found = _validated(values, kinds)
    return [] if isinstance(found, RunSpec) else faults_of_errors(found, values, kinds, origins, said, gaps)


def _validated(values: dict[str, Any], kinds: Kinds) -> RunSpec | list[ErrorDetails]:
    try:
        return RunSpec.of(values, kinds)
    except ValidationError as error:
        return errors_of(error)


def errors_of(error: ValidationError) -> list[ErrorDetails]:
    """Return what pydantic says is wrong, each error at the value it is about."""
    return [_pointed(each) for each in error.errors(include_url=False)]


def _pointed(error: ErrorDetails) -> ErrorDetails:
    """Return an error of a whole mapping at the value inside that its context names under `at`, if it names one."""
    at = tuple(error.get("ctx", {}).get("at", ()))
    value = error["input"]
    for key in at:
        value = value[key]
    return {**error, "loc": (*error["loc"], *at), "input": value}


def faults_of_errors(
    errors: list[ErrorDetails],
    values: dict[str, Any],
    kinds: Kinds,
    origins: Mapping[str, Origin],
    said: Collection[KeyPath],
    gaps: Collection[KeyPath],
) -> list[Fault]:
    """Return errors of pydantic's in the user's words; the other arguments are those of `spec_of`."""
    grouped: dict[KeyPath, list[ErrorDetails]] = {}
    for error in errors:
        grouped.setdefault(_key_path(error, values), []).append(error)
    shown_errors = {path: _foremost(group) for path, group in grouped.items()}
    misspelt = _misspelt(shown_errors, values, kinds)
    faults = []
    for path, error in shown_errors.items():
        is_explained = path in misspelt or _is_in_gap(path, gaps)
        if not _is_settled(path, said) and not (_is_absent(error) and is_explained) and not _is_told(error, kinds):
            faults.append(_fault(path, error, values, kinds, origins))
    return sorted(faults)


def _misspelt(errors: Mapping[KeyPath, ErrorDetails], values: dict[str, Any], kinds: Kinds) -> set[KeyPath]:
    """Return the keys that are there under a name that looks like theirs; the unknown name's fault is enough."""
    unknown = [path for path, error in errors.items() if error["type"] == "extra_forbidden"]
    near = ((path, get_close_matches(str(path[-1]), place_of(path[:-1], values, kinds).keys, n=1)) for path in unknown)
    return {(*path[:-1], found[0]) for path, found in near if found}


def _is_told(error: ErrorDetails, kinds: Kinds) -> bool:
    """Return whether another fault says enough: of a list's items, or of a kind that is known and whose lookup failed."""
    if error["type"] == "kind_unknown":
        return error["input"].get("kind") in kinds.names(str(error["ctx"]["family"]))
    return _is_echo(error)


def _is_echo(error: ErrorDetails) -> bool:
    """Return whether a list is only too short because its items, which have faults of their own, weren't counted."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _key_path(error: ErrorDetails, values: Any) -> KeyPath:
    """Return the path of the values an error is about: pydantic's, without the names of union members and kinds."""
    path: list[str | int] = []
    here = values
    for key in error["loc"]:
        is_there = (isinstance(here, dict) and key in here) or (
            isinstance(here, list) and isinstance(key, int) and key < len(here)
        )
        if not is_there:
            break
        path.append(key)
        here = here[key]
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    if error["type"] == "kind_unknown":
        path.append("kind")
    return tuple(path)


def _foremost(group: list[ErrorDetails]) -> ErrorDetails:
    """Return the error to show of several about one value, which may be neither of two things a union asks for."""
    types = {error["type"] for error in group}
    first = min(group, key=_rank)
    if first["type"].startswith("string_") and "float_type" in types:
        return {**first, "type": NUMBER_OR_DURATION}
    if "literal_error" in types and any(each.startswith("string_") for each in types):
        return {**first, "type": WORD_OR_DURATION}
    return first


def _rank(error: ErrorDetails) -> int:
    """Return how little an error says about its value: of a union's errors, the one that got furthest is shown."""
    return {"float_type": 1, "int_type": 2}.get(error["type"], 0)


def _is_settled(path: KeyPath, said: Collection[KeyPath]) -> bool:
    return any(path[: len(known)] == known for known in said)


def _is_absent(error: ErrorDetails) -> bool:
    return error["type"] == "missing" or (error["type"] == "kind_unknown" and "kind" not in error["input"])


def _is_in_gap(path: KeyPath, gaps: Collection[KeyPath]) -> bool:
    return any(path[: len(gap)] == gap[: len(path)] for gap in gaps)


def _fault(path: KeyPath, error: ErrorDetails, values: dict[str, Any], kinds: Kinds, origins: Mapping[str, Origin]) -> Fault:
    source = source_of(origins, path)
    if error["type"] == "kind_unknown":
        return _unknown_kind(path, error, source, kinds)
    if error["type"] == "missing":
        return _missing(path, place_of(path, values, kinds), source)
    if error["type"] == "extra_forbidden":
        return _unknown_key(path, values, source, kinds)
    is_key = error["loc"][-1] == "[key]"
    place = place_of(path, values, kinds)
    wrong = Wrong(error["type"], error["input"], error.get("ctx", {}), error["msg"], place, path, source == COMMAND_LINE)
    must, write = words_of(wrong)
    return Fault(key_text(path), must, "" if is_key else shown(error["input"]), write, source)


def _unknown_kind(path: KeyPath, error: ErrorDetails, source: str, kinds: Kinds) -> Fault:
    family = str(error["ctx"]["family"])
    name = error["input"].get("kind")
    if name is None:
        return Fault(key_text(path), "must be given", "", did_you_mean("", kinds.names(family)), source)
    hint = did_you_mean(str(name), kinds.names(family))
    return Fault(key_text(path), f"must name a kind of {family}", shown(name), hint, source)


def _missing(path: KeyPath, place: Place, source: str) -> Fault:
    key = str(path[-1])
    if len(path) == 1 and (place.family or place.model):
        write = f"Write the section `{key}:`, or choose a file in the defaults list of config.yaml: `- {key}: NAME`."
        return Fault(key, "must be given", "", write, source)
    return Fault(key_text(path), "must be given", "", f"Add `{key}: …`. {place.description}".strip(), source)


def _unknown_key(path: KeyPath, values: dict[str, Any], source: str, kinds: Kinds) -> Fault:
    key, above = str(path[-1]), place_of(path[:-1], values, kinds)
    kind = _mapping_at(values, path[:-1]).get("kind")
    others = list(kinds.having(above.family, key)) if above.family else []
    if others:
        group = key_text(path[:-1])
        choice = f"{group}={kind}, or `- override /{group}: {kind}` in a defaults list"
        instead = f"Write {choice}, instead of the kind alone: that replaces all of its keys."
        must = f"must not be left over from another kind: {kind} has no {key}"
        write = instead if group == above.family else "Remove it."
        return Fault(key_text(path), must, f"a key of {' and '.join(others)}", write, source)
    hint = _one_deeper(path, values, above) or did_you_mean(key, above.keys)
    return Fault(key_text(path), "must be a known key", "", hint, source)


def _one_deeper(path: KeyPath, values: dict[str, Any], above: Place) -> str:
    """Return where a mapping belongs that stands one level too high, as a risk rule beside `rules`; empty if nowhere."""
    names = [name for name, field in above.fields.items() if get_origin(field.annotation) is dict]
    if len(above.keys) != 1 or not names or not _mapping_at(values, path):
        return ""
    return f"Write it below {names[0]}: {key_text((*path[:-1], names[0], path[-1]))}."


def _mapping_at(values: Any, path: KeyPath) -> Mapping[str, Any]:
    for key in path:
        values = values[key]
    return values if isinstance(values, dict) else {}
