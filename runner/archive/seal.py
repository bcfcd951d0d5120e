"""The seal of a folder of results: size and SHA-256 of each file in it; any byte that changes is found and named.

1. `sealed_text` and `write_seal` list every file of a folder in `seal.json`; its last entry is the digest of that list.
2. `broken_seals` reads the files again and names those that are changed, missing or were added.

`notes.json` isn't listed, as it may change after the run; it holds a digest of its own. Nor is what `runner unpack`
puts in: where the folder came from (`unpacked.json`, with a digest too), and input data (`inputs/`), called by digests.

A seal tells of accidents and of changes made by hand. Somebody who means to deceive can make a new one: against that there
is the run itself, which can be made again, and the seal's own digest, which may be written down elsewhere.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.archive.files import json_in, read_bytes, sha256_of, write_text
from runner.archive.notes import NOTES, notes_of
from runner.archive.unpacked import MARK, is_mark_whole
from runner.errors import RunError
from runner.spec.run import canonical_json

__all__ = ["INPUTS", "SEAL", "Broken", "broken_seals", "files_below", "seal_digest", "sealed_text", "write_seal"]

SEAL = "seal.json"
INPUTS = "inputs"
FORMAT = 1


@dataclass(frozen=True, slots=True, order=True)
class Broken:
    """A file that isn't as it was when the folder was sealed."""

    name: str
    """Its path in the folder, with forward slashes."""
    how: str
    """What became of it: `changed`, `missing`, `added`, …"""


def sealed_text(folder: Path, instead: Mapping[str, bytes] | None = None) -> str:
    """Return what the seal of a folder says.

    Args:
        folder: Whose files are listed.
        instead: Name → content of files that are about to be written.
    """
    given = instead or {}
    files = {name: _entry(os.stat(path).st_size, sha256_of(path)) for name, path in _listed(folder) if name not in given}  # noqa: PTH116
    files |= {name: _entry(len(content), hashlib.sha256(content).hexdigest()) for name, content in given.items()}
    return _text(dict(sorted(files.items())))


def write_seal(folder: Path, instead: Mapping[str, bytes] | None = None) -> None:
    """Seal a folder; the arguments are those of `sealed_text`."""
    write_text(folder / SEAL, sealed_text(folder, instead))


def seal_digest(folder: Path) -> str | None:
    """Return the digest that stands for all files of a folder; None if it was never sealed, or the seal is broken."""
    found = _read(folder / SEAL)
    return None if found is None else str(found["digest"])


def broken_seals(folder: Path) -> list[Broken]:
    """Return every file that isn't as it was when the folder was sealed, sorted by name.

    Of a folder without a seal that is the seal itself.
    """
    if not _is_regular(folder / SEAL):
        return [Broken(SEAL, "no regular file any more" if (folder / SEAL).is_symlink() else "missing")]
    seal = _read(folder / SEAL)
    if seal is None:
        return [Broken(SEAL, "changed")]
    files: Mapping[str, Mapping[str, Any]] = seal["files"]
    there = dict(_listed(folder))
    found = [Broken(name, "missing") for name in files.keys() - there.keys()]
    found += [Broken(name, "added") for name in there.keys() - files.keys()]
    found += [each for name in files.keys() & there.keys() for each in _changed(name, there[name], files[name])]
    return sorted([*found, *_changed_beside(folder)])


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each file and link below a folder by its path in it; links are never followed."""
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in (*names, *links):
            path = Path(place) / name
            yield path.relative_to(folder).as_posix(), path


def _listed(folder: Path) -> Iterator[tuple[str, Path]]:
    for name, path in files_below(folder):
        if name not in {SEAL, NOTES, MARK} and not name.startswith(f"{INPUTS}/"):
            yield name, path


def _changed(name: str, path: Path, said: Mapping[str, Any]) -> Iterator[Broken]:
    there = path.lstat()
    if not stat.S_ISREG(there.st_mode):
        yield Broken(name, "no regular file any more")
    elif there.st_size != said["size"]:
        yield Broken(name, f"changed: {said['size']:,} bytes then, {there.st_size:,} now")
    else:
        try:
            is_same = sha256_of(path) == said["sha256"]
        except OSError as error:
            yield Broken(name, f"unreadable: {error.strerror}")
        else:
            if not is_same:
                yield Broken(name, "changed")


def _changed_beside(folder: Path) -> Iterator[Broken]:
    """Yield what is wrong with the files that aren't sealed."""
    links = [name for name in (NOTES, MARK) if (folder / name).is_symlink()]
    yield from (Broken(name, "no regular file any more") for name in links)
    if NOTES not in links and not _are_notes_whole(folder):
        yield Broken(NOTES, "changed")
    if MARK not in links and not is_mark_whole(folder):
        yield Broken(MARK, "changed")
    for name, path in files_below(folder / INPUTS):
        if not stat.S_ISREG(path.lstat().st_mode) or sha256_of(path) != name:
            yield Broken(f"{INPUTS}/{name}", "changed")


def _is_regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _are_notes_whole(folder: Path) -> bool:
    try:
        notes_of(folder)
    except RunError:
        return False
    return True


def _entry(size: int, digest: str) -> dict[str, int | str]:
    return {"size": size, "sha256": digest}


def _text(files: Mapping[str, Mapping[str, int | str]]) -> str:
    said = {"format": FORMAT, "files": files}
    digest = hashlib.sha256(canonical_json(said).encode()).hexdigest()
    return json.dumps({**said, "digest": digest}, indent=1) + "\n"


def _read(path: Path) -> dict[str, Any] | None:
    """Return a seal; None unless every byte of it is as it was written."""
    try:
        content = read_bytes(path)
        found: dict[str, Any] = json_in(content)
        is_whole = found["format"] == FORMAT and _text(found["files"]).encode() == content
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if is_whole else None
