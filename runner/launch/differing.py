"""What differs between a run and the same run made again, layer by layer: what it was made from first, then what came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from runner.archive.digest import table_digest
from runner.archive.files import json_of
from runner.archive.parquet import read_table
from runner.archive.run import Run
from runner.tables import Column, Table

__all__ = ["LAYERS", "Difference", "first_row", "made_from", "result_differences"]

LAYERS = ("record", "spec", "code", "plugin source", "environment", "data", "kernel", "result")
"""From the first cause to the last effect. The record is what a run says of itself: manifest, seal, log."""
MOST_SHOWN = 8
FIGURES = ("metrics.json", "sensitivity.json")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that isn't the same."""

    layer: str
    """One of `LAYERS`."""
    what: str
    """What it is, e.g. `fills, row 3 of 226, column price`."""
    then: str
    """As the run has it."""
    now: str
    """As it is today, or came out."""


def made_from(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield how two manifests differ in code, environment, data and kernel; what one of them doesn't say isn't compared.

    Args:
        then: The run's.
        now: That of the run made again.
    """
    was, found = then["code"], now["code"]
    if was["digest"] != found["digest"]:
        yield Difference("code", "Runner's source", _named(was), _named(found))
    if then["plugins"] != now["plugins"]:
        yield from _each("plugin source", "plugins", then["plugins"], now["plugins"])
    was, found = dict(then["environment"]), dict(now["environment"])
    packages = _each("environment", "package", was.pop("packages"), found.pop("packages"))
    yield from _each("environment", "", {key: was[key] for key in _RUNS_ON}, {key: found[key] for key in _RUNS_ON})
    yield from packages
    yield from _data(then, now)
    if "kernel" in then:
        yield from _each("kernel", "", then["kernel"], now["kernel"])


_RUNS_ON = ("python", "implementation", "machine")


def _named(code: Mapping[str, str]) -> str:
    return f"{code['version']}, {code['digest'][:16]}"


def _data(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    was, found = then["data_digests"], now["data_digests"]
    if sorted(was.values()) != sorted(found.values()):
        yield from _each("data", "", was, found)
    for key in ("tape_digest", "rows_digest"):
        if key in then and then[key] != now.get(key):
            yield Difference("data", key.replace("_", " "), str(then[key])[:16], str(now.get(key))[:16])


def _each(layer: str, what: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for key in dict.fromkeys((*then, *now)):
        if then.get(key) != now.get(key):
            yield Difference(layer, f"{what} {key}".strip(), _short(then.get(key)), _short(now.get(key)))


def _short(value: object) -> str:
    text = "none" if value is None else str(value)
    return f"{text[:16]}…" if len(text) == 64 else text


def result_differences(folder: Path, manifest: Mapping[str, Any], again: Run) -> Iterator[Difference]:
    """Yield how what came out differs: per table the first row that does, and figures by name.

    Args:
        folder: The run's.
        manifest: Its own.
        again: The run made again.
    """
    for name, then in manifest["table_digests"].items():
        now = again.manifest["table_digests"].get(name)
        stored = _stored(folder, name)
        kept = None if stored is None else table_digest(stored)
        if stored is not None and then == kept == now:
            continue
        if stored is None or now is None:
            yield Difference("result", name, "missing" if stored is None else then[:16], str(now)[:16])
            continue
        where, was, found = first_row(stored, again.table(name))
        yield Difference("result", f"{name}, {where}", was or f"digest {then[:16]}", found or f"digest {now[:16]}")
    # Other code may know figures that there weren't; those that there were must be the same.
    is_other = manifest["code"]["digest"] != again.manifest["code"]["digest"]
    for name in FIGURES:
        yield from _figures(folder / name, again.path / name, may_add=is_other)


def first_row(then: Table, now: Table) -> tuple[str, str, str]:
    """Return where two tables differ first, in words, and the two values; empty values where all rows are the same."""
    if list(then) != list(now):
        return "columns", ", ".join(then), ", ".join(now)
    lengths = [next(iter(table.values())).size for table in (then, now)]
    least = min(lengths)
    found = [(int(at[0]), name) for name in then if (at := _unlike(then[name][:least], now[name][:least])).size]
    if found:
        row, name = min(found, key=lambda each: each[0])
        return f"row {row + 1:,} of {lengths[0]:,}, column {name}", repr(then[name][row].item()), repr(now[name][row].item())
    if lengths[0] != lengths[1]:
        return f"row {least + 1:,}", f"{lengths[0]:,} rows", f"{lengths[1]:,} rows"
    return "every row is the same", "", ""


def _unlike(one: Column, other: Column) -> Any:
    """Return the places where two columns differ in a bit; NaN is NaN."""
    if one.dtype.kind != other.dtype.kind:
        return np.arange(one.size)
    if one.dtype.kind == "f":
        is_same = (one.view(np.int64) == other.view(np.int64)) | (np.isnan(one) & np.isnan(other))
        return np.flatnonzero(~is_same)
    return np.flatnonzero(one != other)


def _stored(folder: Path, name: str) -> Table | None:
    """Return a table of a run, None if there is none that can be read; the seal tells that as well."""
    path = folder / f"{name}.parquet"
    try:
        return read_table(path) if path.is_file() else None
    except Exception:  # noqa: BLE001 - whatever a broken file makes of the reader, it can't be read
        return None


def _figures(then: Path, now: Path, *, may_add: bool) -> Iterator[Difference]:
    was, found = (dict(_leaves(_json(path), "")) for path in (then, now))
    keys = was if may_add and was else dict.fromkeys((*was, *found))
    unlike = [key for key in keys if was.get(key) != found.get(key)]
    for key in unlike[:MOST_SHOWN]:
        yield Difference("result", f"{then.name}: {key}", repr(was.get(key)), repr(found.get(key)))


def _json(path: Path) -> Any:
    try:
        return json_of(path)
    except (OSError, ValueError):
        return None


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    else:
        yield path, value
