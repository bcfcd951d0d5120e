"""A run made again from its directory alone: its spec, the sources of the user's files that it kept, and its data.

What is written on the way goes into a folder that is thrown away; of today's files in `strategies/` nothing is used.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from runner.archive.run import Run
from runner.archive.unpacked import is_unpacked
from runner.compose.validate import spec_of
from runner.errors import Fault, RunError
from runner.kinds import FolderKinds
from runner.launch.how import Launch
from runner.launch.kept_inputs import Input, relaid
from runner.launch.launch import launch
from runner.launch.progress import Progress
from runner.plugins import Folder, OwnKinds
from runner.prepare import prepare_spec
from runner.spec.run import RunSpec
from runner.strict_yaml import read

__all__ = ["Source", "kept_plugins", "kept_spec", "kept_values", "rebuilt", "refuse_foreign"]

PLUGINS = "plugins"


@dataclass(frozen=True, slots=True)
class Source:
    """What a run is made again from."""

    folder: Path
    """Its directory."""
    manifest: Mapping[str, Any]
    values: Mapping[str, Any]
    """Plain values of its spec."""
    moved: Mapping[Input, Path] | None = None
    """Where its input files are; None leaves them to the paths of the spec."""


def kept_values(folder: Path) -> dict[str, Any]:
    """Return the plain values of a run's `spec.yaml`.

    Raises:
        RunError: If it can't be read.
    """
    path = folder / "spec.yaml"
    try:
        document = read(path.read_bytes(), str(path))
    except OSError as error:
        raise RunError(Fault(str(path), "must be readable", error.strerror or "", "Put it back from a copy.")) from error
    if document.problems or not isinstance(document.value, dict):
        faults = [problem.fault for problem in document.problems]
        raise RunError(faults or [Fault(str(path), "must be a mapping", "", "Put it back from a copy.")])
    return document.value


def kept_plugins(folder: Path) -> tuple[Folder, ...]:
    """Return where the sources of the user's files are that a run has kept."""
    return (Folder((folder / PLUGINS).resolve(), PLUGINS),)


def kept_spec(folder: Path, values: Mapping[str, Any]) -> RunSpec:
    """Return the spec that plain values are today, with the kinds that a run has kept.

    Raises:
        ConfigError: If they aren't one any more.
    """
    return spec_of(dict(values), kinds=OwnKinds(FolderKinds(), kept_plugins(folder)))


def refuse_foreign(folder: Path, *, run_code: bool) -> None:
    """Refuse to run the Python files of a run that came out of an archive, unless that is allowed.

    Raises:
        RunError: If it has such files and nobody allowed it.
    """
    files = sorted(path.name for path in (folder / PLUGINS).glob("*.py"))
    if files and is_unpacked(folder) and not run_code:
        must = "must be allowed to run code that came out of an archive"
        fix = f"Read {folder / PLUGINS}, then write --run-code; or --bytes, which runs nothing."
        raise RunError(Fault(str(folder), must, ", ".join(files), fix))


@contextmanager
def rebuilt(source: Source, progress: Progress) -> Iterator[Run]:
    """Make a run again; what it writes is gone when the context ends.

    Raises:
        RunnerError: If it can't be run: its data are gone or don't pass any more, its spec isn't one any more.
    """
    with tempfile.TemporaryDirectory(prefix="runner-verify-") as scratch:
        values = dict(source.values)
        if source.moved:
            values = relaid(values, source.moved, Path(scratch) / "data")
        prepared = prepare_spec(kept_spec(source.folder, values), folders=kept_plugins(source.folder))
        now = _read_at(source.manifest)
        yield launch(prepared, Launch(runs=Path(scratch) / "runs", progress=progress, now=now))


def _read_at(manifest: Mapping[str, Any]) -> int:
    """Return the UTC nanoseconds at which bars counted as still forming; of a run that doesn't say, when it began."""
    told = manifest.get("read_at") or manifest.get("data_as_of")
    if told:
        return int(np.datetime64(str(told).removesuffix("Z"), "ns").astype(np.int64))
    return int(datetime.fromisoformat(str(manifest["created"])).timestamp() * 1e9)
