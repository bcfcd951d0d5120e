"""Notes and tags: what people say of a run afterwards, beside what was computed and never part of it.

They stand in `notes.json` in the run's own folder, so that they go where it goes; the file is replaced atomically, and holds
the digest of what it says, so that a changed byte of it is found as well as one of any other file.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from runner.archive.files import json_in, read_bytes, write_text
from runner.archive.locks import locked_folder
from runner.errors import ConfigError, Fault, RunError
from runner.plain_text import plain_text
from runner.spec.run import canonical_json

__all__ = ["NOTES", "Note", "Notes", "noted", "notes_of", "tag_faults", "tagged"]

NOTES = "notes.json"
FORMAT = 1
TAG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
LONGEST_NOTE = 10_000
"""Signs of one note."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was said."""

    at: str
    """UTC instant, ISO 8601."""
    text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """What was said of a run."""

    tags: tuple[str, ...] = ()
    """Sorted."""
    notes: tuple[Note, ...] = ()
    """Oldest first."""


def notes_of(folder: Path) -> Notes:
    """Return the notes and tags of a run or sweep; none where nobody has said anything.

    Raises:
        RunError: If the file isn't as it was written.
    """
    path = folder / NOTES
    try:
        text = read_bytes(path)
    except FileNotFoundError:
        return Notes()
    except OSError as error:
        raise RunError(Fault(str(path), "must be readable", error.strerror or "", "Look at its permissions.")) from error
    try:
        found = json_in(text)
        notes = Notes(tuple(found["tags"]), tuple(Note(**each) for each in found["notes"]))
        is_whole = _text(notes).encode() == text and not tag_faults(notes.tags)
    except (ValueError, TypeError, KeyError):
        is_whole = False
    if not is_whole:
        write = "It was changed by other means than runner note and runner tag: put it back from a copy, or remove it."
        raise RunError(Fault(str(path), "must be as it was written", "a changed file", write))
    return notes


def tagged(folder: Path, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Notes:
    """Add tags to a run and take others away; return what is there then.

    Raises:
        ConfigError: If a word can't be a tag.
        RunError: If the notes can't be read or written.
    """
    added, removed = tuple(add), tuple(remove)
    faults = tag_faults((*added, *removed))
    if faults:
        raise ConfigError(faults)
    with locked_folder(folder):
        before = notes_of(folder)
        after = Notes(tuple(sorted({*before.tags, *added} - {*removed})), before.notes)
        return _written(folder, after)


def noted(folder: Path, text: str, *, at: str) -> Notes:
    """Add a note to a run; return what is there then.

    Args:
        folder: The run's.
        text: What is said.
        at: UTC instant, ISO 8601.

    Raises:
        ConfigError: If there is nothing in it, or too much.
        RunError: If the notes can't be read or written.
    """
    words = plain_text(text).strip()
    if not 0 < len(words) <= LONGEST_NOTE:
        was = f"{len(words):,} signs"
        raise ConfigError(Fault("TEXT", f"must have 1 to {LONGEST_NOTE:,} signs", was, "Say it shorter.", "command line"))
    with locked_folder(folder):
        before = notes_of(folder)
        return _written(folder, Notes(before.tags, (*before.notes, Note(at, words))))


def tag_faults(words: Iterable[str]) -> list[Fault]:
    """Return a fault for each word that can't be a tag."""
    must = "must be 1 to 64 of a to z, 0 to 9 and -, and not begin with -"
    return [Fault("TAG", must, ascii(word), "Write e.g. candidate-2.") for word in words if not TAG.fullmatch(word)]


def _written(folder: Path, notes: Notes) -> Notes:
    try:
        write_text(folder / NOTES, _text(notes))
    except OSError as error:
        write = "Make room, or look at the folder's permissions."
        raise RunError(Fault(str(folder), "must be a folder that can be written", error.strerror or "", write)) from error
    return notes


def _text(notes: Notes) -> str:
    said = {"format": FORMAT, "tags": list(notes.tags), "notes": [asdict(note) for note in notes.notes]}
    digest = hashlib.sha256(canonical_json(said).encode()).hexdigest()
    return json.dumps({**said, "digest": digest}, indent=2) + "\n"
