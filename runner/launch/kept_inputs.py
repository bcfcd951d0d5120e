"""The input files of a run that was made: which key of its spec each was read for, where it is now, how to read it there.

1. `inputs_of` takes the names of a manifest's data digests apart; what is no file of the user's, as a service or the sample
   data, isn't among them.
2. `found_inputs` looks for files with these very bytes: among those it is given, else where the spec says.
3. `relaid` lays links to them into a folder of their own, and returns the spec's values with paths into it.

A file is the same if its bytes are, whatever it is called and wherever it lies.
"""

import glob
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.archive.files import sha256_of
from runner.errors import Fault, RunError

__all__ = ["OF_EVENTS", "SUFFIXES", "Input", "Whereabouts", "found_inputs", "inputs_of", "relaid"]

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "csv": (".csv", ".csv.gz", ".zip"),
    "parquet": (".parquet",),
    "binance_recording": (".gz",),
}
"""Kind of data → ends of the names that count in a folder."""
OF_EVENTS = (".csv", ".csv.gz", ".parquet")
"""The same of files of events."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file that a run has read."""

    name: str
    """How the manifest calls it."""
    sha256: str
    where: tuple[str, ...]
    """Key path of the path that it was read for, e.g. `("data", "path")`."""
    inside: str
    """Its name below that path."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the input files of a run are now."""

    found: Mapping[Input, Path]
    """Those with the bytes they had."""
    changed: Mapping[Input, Path]
    """Those where a file with other bytes is."""
    missing: tuple[Input, ...]
    """Those of which nothing is there."""


def inputs_of(values: Mapping[str, Any], digests: Mapping[str, str]) -> list[Input]:
    """Return the files that a run has read.

    Args:
        values: The plain values of its spec.
        digests: The `data_digests` of its manifest.

    Raises:
        RunError: If a name leads out of the folder it was read from; Runner writes none that do.
    """
    found = [each for name, digest in sorted(digests.items()) if (each := _input(values, name, digest)) is not None]
    must, fix = "must be called by a path below a folder", "Somebody has changed the manifest."
    faults = [
        Fault("data_digests", must, ascii(each.name), fix)
        for each in found
        if each.inside.startswith("/") or not {"", ".", ".."}.isdisjoint(each.inside.split("/"))
    ]
    if faults:
        raise RunError(faults)
    return found


def found_inputs(values: Mapping[str, Any], inputs: Sequence[Input], given: Sequence[Path]) -> Whereabouts:
    """Return where files are.

    Args:
        values: The plain values of the spec.
        inputs: The files.
        given: Files, and folders that are searched at any depth; none of them: where the spec says.

    Raises:
        RunError: If one of `given` isn't there.
    """
    absent = [
        Fault("--data", "must be a file or a folder", str(path), "Look for it.") for path in given if not path.exists()
    ]
    if absent:
        raise RunError(absent)
    files = [file for path in given for file in _files(path)]
    found: dict[Input, Path] = {}
    changed: dict[Input, Path] = {}
    missing: list[Input] = []
    for each in inputs:
        near = list(_named(files, each) if given else _nearby(values, each))
        same = next((path for path in near if sha256_of(path) == each.sha256), None)
        if same is not None:
            found[each] = same.resolve()
        elif near:
            changed[each] = near[0].resolve()
        else:
            missing.append(each)
    return Whereabouts(found, changed, tuple(missing))


def relaid(values: Mapping[str, Any], found: Mapping[Input, Path], folder: Path) -> dict[str, Any]:
    """Lay links to files into a folder, and return the spec's values with paths that lead there.

    Raises:
        RunError: If files of several ends, none of them usual, can't be named by one path.
    """
    new = deepcopy(dict(values))
    for number, where in enumerate(dict.fromkeys(each.where for each in found)):
        own = {each.inside: path for each, path in found.items() if each.where == where}
        place = folder / str(number)
        for name, path in own.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).unlink(missing_ok=True)  # of a time before
            (place / name).symlink_to(path)
        section = _section(new, where)
        section[where[-1]] = _path_to(section, place, tuple(own), is_event=where[0] == "events")
    return new


def _input(values: Mapping[str, Any], name: str, digest: str) -> Input | None:
    first, _, rest = name.partition("/")
    event, _, file = rest.partition("/")
    if first == "events" and file and event in (values.get("events") or {}):
        return Input(name, digest, ("events", event, "path"), file)
    above: tuple[str, ...] = ("data",)
    data, inside = values["data"], name
    if data.get("kind") == "combined":
        data, above, inside = data["parts"].get(first) or {}, ("data", "parts", first), rest
    if inside.startswith("factors/") and data.get("factors"):
        return Input(name, digest, (*above, "factors"), inside.partition("/")[2])
    return Input(name, digest, (*above, "path"), inside) if isinstance(data.get("path"), str) else None


def _section(values: dict[str, Any], where: Sequence[str]) -> dict[str, Any]:
    for key in where[:-1]:
        values = values[key]
    return values


def _path_to(section: Mapping[str, Any], place: Path, names: Sequence[str], *, is_event: bool) -> str:
    """Return a path that leads to these files of a folder and to no other."""
    beside = section.get("beside")
    if isinstance(beside, Mapping):
        own = [name for name in names if beside["find"] in name.rpartition("/")[2]]
        if len(own) == 1:
            return str(place / own[0])
        return f"{glob.escape(str(place))}/**/*{glob.escape(beside['find'])}*"
    if len(names) == 1:
        return str(place / names[0])
    usual = OF_EVENTS if is_event else SUFFIXES.get(str(section.get("kind")), ())
    if all(name.endswith(usual) for name in names):
        return str(place)
    ends = {Path(name).suffix for name in names}
    if len(ends) > 1:
        fix = "Put the files back where they were, and verify without --data."
        raise RunError(Fault("--data", "must be files of one end", ", ".join(sorted(ends)), fix))
    return f"{glob.escape(str(place))}/**/*{glob.escape(ends.pop())}"


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (each for each in sorted(path.rglob("*")) if each.is_file())


def _named(files: Iterable[Path], wanted: Input) -> Iterator[Path]:
    """Yield the files that are called like an input, or by its digest as in archives; a single one whatever its name."""
    known = list(files)
    names = {wanted.inside.rpartition("/")[2], wanted.sha256}
    yield from (path for path in known if path.name in names or len(known) == 1)


def _nearby(values: Mapping[str, Any], wanted: Input) -> Iterator[Path]:
    """Yield where a file may be that the spec's path led to: the path itself, below it, or below a folder in front of it."""
    try:
        path = Path(str(_section(dict(values), wanted.where)[wanted.where[-1]])).expanduser()
    except RuntimeError:
        return  # the home folder of a user whom this machine doesn't know
    places = [path] if path.name == wanted.inside else []
    for place in (*places, path / wanted.inside, *(parent / wanted.inside for parent in path.parents)):
        if place.is_file():
            yield place
