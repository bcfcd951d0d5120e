"""Files that are whole or not there: written beside their place, forced to disk, then renamed over it."""

import hashlib
import os
from pathlib import Path

__all__ = ["sha256_of", "write_bytes", "write_bytes_for_good", "write_text"]


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file's content atomically; a reader sees the old bytes or the new ones, whenever the process dies."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes_for_good(path: Path, content: bytes) -> None:
    """Replace a file's content atomically, and force its name to disk as well, or a failing power may forget the rename."""
    write_bytes(path, content)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, content: str) -> None:
    """Replace a file's text atomically, as UTF-8."""
    write_bytes(path, content.encode())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
