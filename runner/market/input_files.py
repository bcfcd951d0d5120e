"""The files a path means: one file, every file of a kind in a folder, or what a glob matches."""

import glob
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runner.errors import DataError, Fault

__all__ = ["InputFile", "find_files", "read_bytes", "sha256"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read."""

    name: str
    """How digests and faults call it: relative to the given folder, with forward slashes; a single file's own name."""
    path: Path
    """Where it is."""


def find_files(path: str, suffixes: Iterable[str]) -> tuple[InputFile, ...]:
    """Return the files `path` means, sorted by name; none if nothing matches.

    `~` is the home folder and relative paths start at the working directory. An existing path is taken as it is, so a folder
    called `[2024]` can be named; only a path that doesn't exist is read as a glob, where `**` stands for any depth. A glob
    that ends in `*` doesn't say what files are called, so those of a folder count. Neither a folder nor `**` follows links
    to other folders, which may lead back to where they are.

    Args:
        path: file, folder or glob.
        suffixes: ends of file names that count in a folder, such as `.csv`; none: every end does after `*`.
    """
    try:
        given = Path(path).expanduser()
        is_file, is_folder = given.is_file(), given.is_dir()
    except (OSError, RuntimeError, ValueError):
        return ()  # a path the system can't take, or a home folder nobody has, leads to no file
    if is_file:
        return (InputFile(given.name, given),)
    if is_folder:
        found = [file for suffix in suffixes for file in given.rglob(f"*{suffix}")]
        return _named(found, given)
    matched = _matched(given)
    ends = tuple(suffixes)
    if given.name.endswith("*") and ends:
        matched = [path for path in matched if path.name.endswith(ends)]
    return _named(matched, _fixed_part(given))


def read_bytes(file: InputFile) -> bytes:
    """Return the whole file, read once: what is hashed is what is parsed, whoever writes to it meanwhile.

    Raises DataError if it can't be read.
    """
    try:
        return file.path.read_bytes()
    except OSError as error:
        write = "Check the file and its permissions."
        raise DataError(Fault(file.name, "must be readable", error.strerror or str(error), write)) from error


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def _named(paths: Iterable[Path], folder: Path) -> tuple[InputFile, ...]:
    files = [InputFile(path.relative_to(folder).as_posix(), path) for path in paths if path.is_file()]
    return tuple(sorted(files, key=lambda file: file.name))


def _matched(pattern: Path) -> list[Path]:
    """Return what a glob matches, but for names that begin with a dot where it doesn't say so."""
    folder = _fixed_part(pattern)
    parts = list(pattern.parts[len(folder.parts) :])
    if "**" not in parts:
        return [Path(name) for name in glob.glob(str(pattern))]  # noqa: PTH207
    # `glob` follows links at any depth, `Path.glob` doesn't; there `**` stands for folders, and is a part of its own.
    below = [part if part == "**" else re.sub(r"\*+", "*", part) for part in parts]
    below += ["*"] if below[-1] == "**" else []
    names_dots = any(part.startswith(".") for part in below)
    try:
        found = list(folder.glob("/".join(below)))
    except (OSError, ValueError):
        return []  # a name the system can't take
    return [path for path in found if names_dots or not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def _fixed_part(pattern: Path) -> Path:
    """Return the folders in front of the first wildcard."""
    for parent in (pattern, *pattern.parents):
        if not glob.has_magic(str(parent)):
            return parent
    return Path()
