"""What a folder of results says of itself: a run's manifest, or a sweep's facts."""

from pathlib import Path
from typing import Any

from runner.archive.files import json_of
from runner.errors import Fault, RunError

__all__ = ["MANIFEST", "SWEEP_FACTS", "is_sweep", "manifest_of"]

MANIFEST = "manifest.json"
SWEEP_FACTS = "sweep.json"


def is_sweep(folder: Path) -> bool:
    """Return whether a folder is a sweep's."""
    return not (folder / MANIFEST).is_file() and (folder / SWEEP_FACTS).is_file()


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return what a run or sweep says of itself.

    Raises:
        RunError: If the folder is neither, or what it says can't be read.
    """
    path = folder / (SWEEP_FACTS if is_sweep(folder) else MANIFEST)
    if not path.is_file():
        fix = "Give the folder of a run or sweep, as runner list shows them."
        raise RunError(Fault(str(folder), "must be a run directory", "no manifest.json in it", fix))
    try:
        found = json_of(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(found, dict):
        raise _unreadable(path, f"a {type(found).__name__}")
    return found


def _unreadable(path: Path, was: str) -> RunError:
    return RunError(Fault(str(path), "must be a mapping in JSON", was, "The file was changed after the run."))
