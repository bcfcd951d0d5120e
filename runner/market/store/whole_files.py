"""Files that are whole or not there, and locks that end with the process that holds them."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["TEMPORARY", "locked", "replace"]

TEMPORARY = ".tmp"
"""End of the names of files that aren't finished."""


def replace(path: Path, content: bytes) -> None:
    """Write a file beside its place, force it to disk, and rename it over: a reader sees the old bytes or the new ones.

    Raises OSError if the folder can't be written; nothing is changed then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _force(path.parent)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock, waiting for it: alone, or with others that share it. The system frees it however the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


def _force(folder: Path) -> None:
    """Force a folder's list of names to disk: without it a rename may be forgotten when the power fails."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
