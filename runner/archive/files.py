"""Files that are whole or not there: written beside their place, forced to disk, then renamed over it.

What is written of runs belongs to whoever ran them: folders are 0700 and files 0600, whatever the umask. What somebody asked
to have written elsewhere is as readable as his other files are.
"""

import errno
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

__all__ = [
    "json_in",
    "json_of",
    "own_folder",
    "read_bytes",
    "sha256_of",
    "take_away_halves",
    "write_bytes",
    "write_bytes_for_good",
    "write_text",
]

OWNER_ONLY, OWNERS_FOLDER, AS_USUAL = 0o600, 0o700, 0o666
NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW


def own_folder(path: Path, *, exist_ok: bool = False) -> None:
    """Make one folder that nobody else may look into.

    Raises FileExistsError if it is there and `exist_ok` is false; then, and only then, nothing was made.
    """
    try:
        path.mkdir(mode=OWNERS_FOLDER)
    except FileExistsError:
        if not exist_ok or not path.is_dir():
            raise
        return
    path.chmod(OWNERS_FOLDER)  # a strict umask takes rights from the owner as well


def write_bytes(path: Path, content: bytes | memoryview, *, is_private: bool = True) -> None:
    """Replace a file's content atomically; a reader sees the old bytes or the new ones, whenever the process dies."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(temporary, NEW, OWNER_ONLY if is_private else AS_USUAL), "wb") as file:
            if is_private:
                os.fchmod(file.fileno(), OWNER_ONLY)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def take_away_halves(folder: Path) -> None:
    """Take away what processes that died were about to put in its place; nobody else may be writing there."""
    for path in folder.rglob(".*.tmp"):
        path.unlink(missing_ok=True)


def write_bytes_for_good(path: Path, content: bytes | memoryview) -> None:
    """Replace a file's content atomically, and force its name to disk as well, or a failing power may forget the rename."""
    write_bytes(path, content)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, content: str, *, is_private: bool = True) -> None:
    """Replace a file's text atomically, as UTF-8."""
    write_bytes(path, content.encode(), is_private=is_private)


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        OSError: It isn't there, can't be read, or is no file: whoever opens a pipe would wait for ever.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "no regular file", str(path))
        with open(handle, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(handle)


def json_in(text: str | bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        ValueError: It is none, or so deep that reading it would take all the stack.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep to be read") from error


def json_of(path: Path) -> Any:
    """Return what a JSON file says; raises what `read_bytes` and `json_in` raise."""
    return json_in(read_bytes(path))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
