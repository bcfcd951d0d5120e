"""The folders that may hold operators of the user's own, and their files as they are read: whole, once."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from runner.errors import ConfigError, Fault

__all__ = ["Folder", "PluginFile", "default_folders", "files_of"]

NAME = "strategies"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of Python files."""

    path: Path
    shown: str
    """What messages call it."""


@dataclass(frozen=True)
class PluginFile:
    """One Python file: what is read is what is run, archived and told in messages, whatever becomes of the file later."""

    name: str
    """Name of the file, e.g. `swing.py`."""
    path: Path
    """Absolute."""
    shown: str
    """What messages call it: `strategies/swing.py`."""
    source: bytes = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the source."""
        return hashlib.sha256(self.source).hexdigest()

    def at(self, line: int) -> str:
        """Return a place in the file, to point at."""
        return f"{self.shown}:{line}"


def default_folders(strategies: Path = Path(NAME)) -> tuple[Folder, ...]:
    """Return the user's folder, where he works, and the examples Runner comes with, each once.

    Args:
        strategies: The user's folder; relative to the working directory.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / NAME
    examples = inside if inside.is_dir() else package.parent / NAME
    own = Folder(strategies.resolve(), strategies.as_posix())
    return (own,) if own.path == examples else (own, Folder(examples, f"packaged {NAME}"))


def files_of(folders: Iterable[Folder]) -> tuple[PluginFile, ...]:
    """Return the Python files of the folders, sorted by name; of one name the first folder's counts.

    Raises:
        ConfigError: If a file can't be read.
    """
    found: dict[str, PluginFile] = {}
    for folder in folders:
        for path in _paths(folder):
            if path.name not in found:
                shown = f"{folder.shown}/{path.name}"
                found[path.name] = PluginFile(path.name, path, shown, _read(path, shown))
    return tuple(found[name] for name in sorted(found))


def _paths(folder: Folder) -> Iterator[Path]:
    paths = folder.path.glob("*.py") if folder.path.is_dir() else ()
    return (path for path in paths if path.is_file() and not path.name.startswith("."))


def _read(path: Path, shown: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fix = "Make the file readable, or move it out of the folder."
        raise ConfigError(Fault(shown, "must be readable", error.strerror or str(error), fix)) from error
