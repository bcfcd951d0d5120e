"""Brings an archive in, trusting nothing that it says.

1. `_entries` holds every entry, its header in front of the bytes and its line in the directory at the end, against the one
   spelling that `pack` has: stored, regular, harmless name, no gap before or behind. What is written otherwise is refused
   before a byte of it is written: links, devices, ways up, absolute names, drive letters, NUL, names twice or alike but for
   their case, bombs, another archive hidden in or around this one.
2. Every entry is written below a new folder that is held open, each part of its path from the one before it, without
   following links, as a file that wasn't there (`_Place`).
3. Size and SHA-256 of each are held against `archive.json`, the run's own seal is checked, and only then the folder gets the
   name of a run.

Why not the standard library's extraction: it decides name by name what to repair, and has been talked into writing elsewhere
by combinations nobody had thought of.
"""

import contextlib
import hashlib
import json
import os
import shutil
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from runner.archive.files import own_folder, sha256_of, write_text
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
from runner.archive.pack import FORMAT
from runner.archive.seal import INPUTS, SEAL, broken_seals
from runner.archive.unpacked import MARK, Unpacked, mark_text
from runner.errors import Fault, RunError

__all__ = ["unpack"]

CHUNK = 2**20
LARGEST_LIST = 2**24
"""Bytes of `archive.json`."""
LINE = "<4s4B4H3L5H2L"
"""An entry's line in the directory, in front of its name."""
FIXED = (
    "compress_type", "external_attr", "create_system", "create_version", "extract_version", "reserved", "date_time", "extra",
    "comment", "flag_bits", "volume",
)  # fmt: skip
"""What is the same of every entry."""
REFUSED = "It wasn't written by runner archive, or was changed afterwards: nothing of it was kept."
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def unpack(archive: Path, runs: Path) -> Path:
    """Bring a run in from an archive, and return its directory below a folder of runs.

    Args:
        archive: The file.
        runs: Folder that run directories go to.

    Raises:
        RunError: If the file isn't an archive as `pack` writes them, or the run is there already; nothing is kept then.
    """
    try:
        with archive.open("rb") as file:
            return _unpacked(file, archive, runs)
    except (BadZipFile, struct.error, NotImplementedError, UnicodeDecodeError) as error:
        raise _refused(archive, "must be an archive of a run", str(error)) from error
    except OSError as error:
        where = error.filename or archive
        fix = "Look whether it is there, and may be read and written."
        raise RunError(Fault(str(where), "must be usable", error.strerror or str(error), fix)) from error


def _unpacked(file: IO[bytes], archive: Path, runs: Path) -> Path:
    size = os.fstat(file.fileno()).st_size
    if size > 2 * LARGEST:
        raise _refused(archive, f"must have at most {LARGEST:,} bytes", f"{size:,}")
    with ZipFile(file) as found:
        entries = _entries(found, archive, size)
        said = _said(found, entries, archive)
        target = runs / str(said["run"])
        if target.exists():
            fix = "Write --runs DIR with another folder, or look at the run that is there."
            raise RunError(Fault(str(target), "must not be there yet", "a run", fix))
        runs.mkdir(parents=True, exist_ok=True)
        if target.parent.is_symlink():
            fix = "Write --runs DIR with another folder."
            raise RunError(Fault(str(target.parent), "must be a folder of its own", "a link", fix))
        own_folder(target.parent, exist_ok=True)
        with _staging(target) as staging:
            _write(found, entries, said["files"], staging, archive)
            _check(staging / RUN_FOLDER, archive)
            mark = Unpacked(archive.name, sha256_of(archive))
            write_text(staging / RUN_FOLDER / MARK, mark_text(mark))
            if (staging / INPUT_FOLDER).is_dir():
                (staging / INPUT_FOLDER).rename(staging / RUN_FOLDER / INPUTS)
            (staging / RUN_FOLDER).rename(target)
    return target


def _entries(found: ZipFile, archive: Path, size: int) -> dict[str, ZipInfo]:
    """Return the entries by their names below the one folder; raises RunError unless they are as `pack` writes them."""
    infos = found.infolist()
    if not 0 < len(infos) <= MOST_ENTRIES:
        raise _refused(archive, f"must have 1 to {MOST_ENTRIES:,} entries", f"{len(infos):,}")
    at, seen = 0, set[str]()
    for info in infos:
        wrong = _wrong_with(found, info, at, seen)
        if wrong:
            raise _refused(archive, f"entry {ascii(info.orig_filename)[:120]} must be as runner archive writes it", wrong)
        at += len(info.FileHeader(zip64=False)) + info.file_size
    lines = b"".join(map(_line, infos))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(infos), len(infos), len(lines), at, 0)
    if found.start_dir != at or size != at + len(lines) + len(end) or _raw(found, at, size) != lines + end:
        raise _refused(archive, "must hold nothing but its entries", "something before, between or behind them")
    names = [info.filename for info in infos]
    if names != sorted(names):
        raise _refused(archive, "must have its entries sorted by name", "another order")
    tops = {name.partition("/")[0] for name in names}
    if len(tops) != 1 or any("/" not in name for name in names):
        raise _refused(archive, "must have one folder at its top", ", ".join(sorted(tops))[:200])
    below = {info.filename.partition("/")[2]: info for info in infos}
    for name in below:
        top, _, rest = name.partition("/")
        is_input = top == INPUT_FOLDER and "/" not in rest
        is_of_run = top == RUN_FOLDER and rest != MARK and rest.partition("/")[0] != INPUTS
        if name not in {ARCHIVE, CRATE} and not is_input and not is_of_run:
            raise _refused(archive, "must have run/, inputs/ and two lists, and nothing else", name)
    return below


def _wrong_with(found: ZipFile, info: ZipInfo, at: int, seen: set[str]) -> str:
    """Return what is wrong with an entry, empty if nothing is; adds its name to those seen."""
    if info.filename != info.orig_filename or not is_allowed(info.filename):
        return "a name that isn't allowed"
    folded = info.filename.casefold()
    folders = {folded[:place] for place, sign in enumerate(folded) if sign == "/"}
    if folded in seen or f"{folded}/" in seen or folders & seen:
        return "a name that is there already, but for upper and lower case"
    seen |= {folded, *(f"{folder}/" for folder in folders)}
    plain = entry_info(info.filename, info.file_size)
    for part in FIXED:
        if getattr(info, part) != getattr(plain, part):
            return f"another {part.replace('_', ' ')}"
    if info.compress_size != info.file_size or info.internal_attr:
        return "another size packed than unpacked"
    header = info.FileHeader(zip64=False)
    if info.header_offset != at or _raw(found, at, len(header)) != header:
        return "another header before its bytes than in the directory"
    return ""


def _line(info: ZipInfo) -> bytes:
    """Return an entry's line in the directory: read leniently, the last one may speak of a name longer than there is."""
    name, when = info.filename.encode(), info.date_time
    date = (when[0] - 1980) << 9 | when[1] << 5 | when[2]
    time = when[3] << 11 | when[4] << 5 | when[5] // 2
    made = (info.create_version, info.create_system, info.extract_version, info.reserved, info.flag_bits, info.compress_type)
    sizes = (info.CRC, info.compress_size, info.file_size, len(name), 0, 0, info.volume, info.internal_attr)
    return struct.pack(LINE, b"PK\x01\x02", *made, time, date, *sizes, info.external_attr, info.header_offset) + name


def _raw(found: ZipFile, at: int, size: int) -> bytes:
    assert found.fp is not None  # noqa: S101 - it was just opened
    found.fp.seek(at)
    return found.fp.read(size)


def _said(found: ZipFile, entries: Mapping[str, ZipInfo], archive: Path) -> dict[str, Any]:
    """Return what `archive.json` says; raises RunError unless it lists the other entries, and no more."""
    own = entries.get(ARCHIVE)
    if own is None or own.file_size > LARGEST_LIST:
        raise _refused(archive, f"must hold {ARCHIVE}", "none, or one too large")
    try:
        said = json.loads(found.read(own))
        files = {name: (int(each["size"]), str(each["sha256"])) for name, each in said["files"].items()}
        run, version = said["run"], said["format"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _refused(archive, f"must hold a list of its entries in {ARCHIVE}", str(error)[:200]) from error
    if version != FORMAT:
        fix = "Unpack it with the Runner that wrote it."
        raise RunError(Fault(str(archive), f"must be of format {FORMAT}", str(version)[:40], fix))
    if not isinstance(run, str) or not RUN_ID.fullmatch(run) or own.filename != f"{run.replace('/', '-')}/{ARCHIVE}":
        raise _refused(archive, "must say which run it is, <name>/<stamp>", ascii(run)[:120])
    sizes = {name: info.file_size for name, info in entries.items() if name != ARCHIVE}
    if sizes != {name: size for name, (size, _) in files.items()}:
        raise _refused(archive, f"must hold the files that {ARCHIVE} lists", "others")
    return {"run": run, "files": {name: digest for name, (_, digest) in files.items()}}


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Make a folder beside the target, and leave nothing of it behind."""
    path = target.with_name(f".unpacking-{os.getpid()}-{target.name}")
    own_folder(path)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _write(
    found: ZipFile, entries: Mapping[str, ZipInfo], digests: Mapping[str, str], staging: Path, archive: Path
) -> None:  # fmt: skip
    place = _Place(os.open(staging, FOLDER))
    try:
        for name, info in entries.items():
            with found.open(info) as source:
                digest = place.write(name.split("/"), source, info.file_size)
            if name != ARCHIVE and digest != digests[name]:
                raise _refused(archive, f"{name} must have the SHA-256 that {ARCHIVE} lists", digest)
            if name.startswith(f"{INPUT_FOLDER}/") and name != f"{INPUT_FOLDER}/{digest}":
                raise _refused(archive, f"{name} must be called by its SHA-256", digest)
    finally:
        os.close(place.handle)


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder that is held open, below which files are written."""

    handle: int

    def write(self, parts: Sequence[str], source: IO[bytes], size: int) -> str:
        """Write a new file, and return its SHA-256."""
        above = os.dup(self.handle)
        try:
            for part in parts[:-1]:
                below = _entered(above, part)
                os.close(above)
                above = below
            return _copied(source, os.open(parts[-1], NEW, 0o600, dir_fd=above), size)
        finally:
            os.close(above)


def _entered(above: int, part: str) -> int:
    """Return a folder in an open one, made if it isn't there."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(part, 0o700, dir_fd=above)
    found = os.open(part, FOLDER, dir_fd=above)
    os.fchmod(found, 0o700)
    return found


def _copied(source: IO[bytes], handle: int, size: int) -> str:
    digest = hashlib.sha256()
    with os.fdopen(handle, "wb") as target:
        os.fchmod(handle, 0o600)
        left = size
        while left > 0 and (piece := source.read(min(CHUNK, left))):
            digest.update(piece)
            target.write(piece)
            left -= len(piece)
    return digest.hexdigest()


def _check(folder: Path, archive: Path) -> None:
    """Refuse a run whose own seal doesn't hold; a run older than seals has none, which `runner verify` tells."""
    if not folder.is_dir():
        raise _refused(archive, "must hold a run", "none")
    broken = broken_seals(folder) if (folder / SEAL).is_file() else []
    if broken:
        told = ", ".join(f"{each.name} {each.how}" for each in broken[:20])
        raise _refused(archive, "must hold a run whose files are as they were sealed", told)


def _refused(archive: Path, must: str, was: str) -> RunError:
    return RunError(Fault(str(archive), must, was, REFUSED))
