"""A run as one file: the same bytes whenever and wherever it is packed; see `layout`.

Only what is sealed and whole is packed, so that whoever unpacks it has what was computed.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from runner.archive.crate import crate_text
from runner.archive.files import sha256_of
from runner.archive.layout import (
    ARCHIVE,
    CRATE,
    INPUT_FOLDER,
    LARGEST,
    MOST_ENTRIES,
    RUN_FOLDER,
    RUN_ID,
    entry_info,
    is_allowed,
)
from runner.archive.locks import OWNER_ONLY
from runner.archive.record import manifest_of
from runner.archive.seal import INPUTS, files_below
from runner.archive.unpacked import MARK
from runner.errors import Fault, RunError

__all__ = ["FORMAT", "archive_name", "pack"]

FORMAT = 1
"""Version of the archive's layout."""
CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class _Member:
    """What one entry is made of."""

    size: int
    sha256: str
    source: Path | bytes


def archive_name(folder: Path) -> str:
    """Return what the archive of a run is called where nobody says otherwise."""
    return f"{folder.parent.name}-{folder.name}.zip"


def pack(folder: Path, target: Path, inputs: Mapping[str, Path] | None = None) -> str:
    """Write a run's archive, whole or not at all, and return the SHA-256 of its bytes.

    Args:
        folder: The run directory, which must be finished and whole.
        target: The file; it must not be there.
        inputs: SHA-256 → the file of input data that has it.

    Raises:
        RunError: If a file can't be packed, or the archive can't be written.
    """
    folder = folder.resolve()
    own = f"{folder.parent.name}/{folder.name}"
    if not RUN_ID.fullmatch(own):
        must = "must be called as run directories are, <name>/<stamp>-<hash>"
        raise RunError(Fault(str(folder), must, own, "Put the folder back under the name that it had."))
    members = _members(folder, inputs or {})
    faults = list(_faults(members))
    if faults:
        raise RunError(faults)
    top = own.replace("/", "-")
    described = {name: {"size": each.size, "sha256": each.sha256} for name, each in sorted(members.items())}
    crate = crate_text(manifest_of(folder), described).encode()
    listed = {**described, CRATE: {"size": len(crate), "sha256": hashlib.sha256(crate).hexdigest()}}
    said = json.dumps({"format": FORMAT, "run": own, "files": listed}, indent=1, sort_keys=True) + "\n"
    members |= {CRATE: _member(crate), ARCHIVE: _member(said.encode())}
    return _written(target, {f"{top}/{name}": each for name, each in sorted(members.items())})


def _members(folder: Path, inputs: Mapping[str, Path]) -> dict[str, _Member]:
    own = ((name, path) for name, path in files_below(folder) if name != MARK and not name.startswith(f"{INPUTS}/"))
    found = {f"{RUN_FOLDER}/{name}": path for name, path in own}
    found |= {f"{INPUT_FOLDER}/{digest}": path for digest, path in inputs.items()}
    return {name: _Member(path.stat().st_size, sha256_of(path), path) for name, path in found.items()}


def _member(content: bytes) -> _Member:
    return _Member(len(content), hashlib.sha256(content).hexdigest(), content)


def _faults(members: Mapping[str, _Member]) -> Iterator[Fault]:
    for name in members:
        if not is_allowed(name):
            must = "must be called by letters, digits, dots, dashes and underscores"
            yield Fault(name, must, ascii(name.rpartition("/")[2]), "Rename the file that it was made of, and run again.")
    total = sum(member.size for member in members.values())
    if total > LARGEST or len(members) > MOST_ENTRIES:
        must = f"must have at most {LARGEST:,} bytes in {MOST_ENTRIES:,} files"
        yield Fault("archive", must, f"{total:,} in {len(members):,}", "Leave the data out: without --with-data.")


def _written(target: Path, members: Mapping[str, _Member]) -> str:
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        if target.exists():
            raise RunError(Fault(str(target), "must not be there yet", "a file", "Write --to FILE with another name."))
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, OWNER_ONLY)
        with os.fdopen(handle, "w+b") as file:
            with ZipFile(file, "w", allowZip64=False) as archive:
                for name, member in members.items():
                    with archive.open(entry_info(name, member.size), "w") as entry:
                        _copy(member, entry)
            file.flush()
            os.fsync(file.fileno())
        digest = sha256_of(temporary)
        temporary.rename(target)
    except OSError as error:
        fix = "Write --to FILE in a folder that you may write to."
        raise RunError(
            Fault(str(target), "must be a file that can be written", error.strerror or str(error), fix)
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return digest


def _copy(member: _Member, entry: object) -> None:
    if isinstance(member.source, bytes):
        entry.write(member.source)  # type: ignore[attr-defined]
        return
    with member.source.open("rb") as source:
        shutil.copyfileobj(source, entry, CHUNK)  # type: ignore[arg-type]
