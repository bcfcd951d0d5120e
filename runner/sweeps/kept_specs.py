"""What it takes to make the spec of a lane again: a whole spec kept once, and the sections that differ from it.

A spec's canonical JSON is that of its sections one after another, so that putting sections in the place of others gives the
text that the spec's hash is of: whatever is made again is held against that hash.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.archive.files import write_bytes_for_good
from runner.errors import Fault, RunError
from runner.spec.run import canonical_json

__all__ = ["Base", "base_of", "keep_base", "kept_values"]


@dataclass(frozen=True, slots=True)
class Base:
    """A spec that others are told by what they have different."""

    sections: frozenset[str]
    """Canonical JSON of each, with its name: `"seed":0`."""
    text: str
    """The whole."""

    @property
    def name(self) -> str:
        """SHA-256 of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def changes(self, sections: Iterable[str]) -> str:
        """Return the canonical JSON of the sections of another spec that aren't the base's."""
        return f"{{{','.join(section for section in sections if section not in self.sections)}}}"


def base_of(sections: Iterable[str]) -> Base:
    """Return a spec as a base.

    Args:
        sections: Canonical JSON of each of its sections, by their names, as `LaneSpec.sections`.
    """
    found = tuple(sections)
    return Base(frozenset(found), f"{{{','.join(found)}}}")


def keep_base(folder: Path, base: Base) -> None:
    """Write a base into a folder, under its name, unless it is there."""
    path = _path(folder, base.name)
    if not path.is_file():
        write_bytes_for_good(path, base.text.encode())


def kept_values(folder: Path, base: str, changes: str, spec_hash: str) -> dict[str, Any]:
    """Return the plain values of a spec.

    Raises:
        RunError: If the base isn't there, or what comes of it isn't the spec with that hash.
    """
    path = _path(folder, base)
    try:
        text = path.read_bytes()
    except OSError as error:
        fix = "Without it the specs of these trials can't be made again; run the sweep in a new runs folder."
        raise RunError(Fault(str(path), "must be readable", error.strerror or str(error), fix)) from error
    if hashlib.sha256(text).hexdigest() != base:
        raise RunError(Fault(str(path), "must have the SHA-256 it is named by", "another", "Put it back from a copy."))
    whole: Mapping[str, Any] = json.loads(text)
    values = {**whole, **json.loads(changes)}
    if hashlib.sha256(canonical_json(values).encode()).hexdigest() != spec_hash:
        fix = "Run the sweep again in a new runs folder."
        raise RunError(Fault(str(path), f"must come to the spec {spec_hash[:16]} with its changes", "another spec", fix))
    return values


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"
