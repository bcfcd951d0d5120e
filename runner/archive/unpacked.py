"""The mark of a run that came out of an archive: `unpacked.json`, with the digest of what it says.

It says which file the run came from. Nothing that was computed depends on it, so it isn't sealed; but code that came with
such a run is somebody else's, and isn't run unless that is asked for.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from runner.archive.files import json_in, read_bytes
from runner.spec.run import canonical_json

__all__ = ["MARK", "Unpacked", "is_mark_whole", "is_unpacked", "mark_text"]

MARK = "unpacked.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Where a run came from."""

    archive: str
    """Name of the file."""
    sha256: str
    """Of its bytes."""


def mark_text(found: Unpacked) -> str:
    """Return what the mark says."""
    said = {"format": FORMAT, **asdict(found)}
    digest = hashlib.sha256(canonical_json(said).encode()).hexdigest()
    return json.dumps({**said, "digest": digest}, indent=1) + "\n"


def is_unpacked(folder: Path) -> bool:
    """Return whether a run came out of an archive."""
    return (folder / MARK).exists()


def is_mark_whole(folder: Path) -> bool:
    """Return whether the mark, if there is one, is as it was written."""
    try:
        content = read_bytes(folder / MARK)
        said = json_in(content)
        return mark_text(Unpacked(said["archive"], said["sha256"])).encode() == content
    except FileNotFoundError:
        return True
    except (OSError, ValueError, TypeError, KeyError):
        return False
