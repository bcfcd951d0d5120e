"""The kill switch: leaves the kill file in a session's folder, once it was confirmed by the session's own name."""

from pathlib import Path

from runner.archive.index import Entry
from runner.live.edge.kill_watch import leave_kill_file
from runner.ui.message import Refused

__all__ = ["REASON", "stop_session"]

REASON = "runner ui: kill switch"


def stop_session(entry: Entry, folder: Path, confirmed: str) -> Path:
    """Leave the kill file and return its path.

    Raises:
        Refused: 409 if it wasn't confirmed by the id, 500 if the file can't be left: then the session goes on.
    """
    if confirmed != entry.id:
        raise Refused(409, "confirm by the name of the session, letter for letter")
    try:
        return leave_kill_file(folder, REASON)
    except OSError as error:
        why = f"THE SESSION GOES ON: the kill file can't be left ({error.strerror}). Write runner panic, or end its process."
        raise Refused(500, why) from error
