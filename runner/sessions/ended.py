"""What is known of a sitting that is over, and what its directory keeps of it until its results are written.

`ended.json` is written when the last order is proved to have ended and before anything is computed. So a process that dies
while it writes results leaves a session that is over, not one that would trade again: the next process finds the file, makes
the decisions again and writes the results.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from runner.archive.directory import RunDirectory
from runner.errors import Fault, RunError
from runner.report.live_status import LiveStatus
from runner.sessions.sitting import Counts

__all__ = ["Ended", "is_ended", "keep_ended", "kept_ended", "let_go"]

ENDED = "ended.json"
RESULTS = ("session.json", "certificate.json", "gap.json")
"""What says that a session is over, once its results are written."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A sitting that is over; all of it as plain as its file."""

    code: int
    """Exit code."""
    why: str
    venue: str
    processes: int
    counts: Counts
    """Of all processes; but what the ones before the last had missing nobody knows any more."""
    refused: Mapping[str, int]
    """Why the gate refused orders, and how often."""
    openings: int
    """How often the feed was opened."""
    feed_counts: Mapping[str, int]
    feed_failure: str
    status: LiveStatus
    """The last."""
    truth: Mapping[str, Any] | None
    """What the venue itself counted, where it tells."""
    is_whole: bool
    """Whether the rest of the tape is what the market was: an embedded venue that leaves nothing out."""


def keep_ended(directory: RunDirectory, ended: Ended) -> None:
    """Write into a run directory that its session is over."""
    told = {each.name: getattr(ended, each.name) for each in fields(ended)}
    directory.write_json(ENDED, {**told, "counts": asdict(ended.counts), "status": ended.status.to_json()})


def is_ended(folder: Path) -> bool:
    """Return whether the session of a run directory is over, whatever became of its results."""
    return (folder / ENDED).is_file()


def kept_ended(folder: Path) -> Ended:
    """Return what a run directory keeps of a session that is over.

    Raises:
        RunError: It can't be read.
    """
    try:
        told = json.loads((folder / ENDED).read_text(encoding="utf-8"))
        counts, status = Counts(**told["counts"]), LiveStatus.from_json(told["status"])
        return replace(Ended(**told), counts=counts, status=status)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        fix = "Put it back from a copy."
        raise RunError(Fault(str(folder / ENDED), "must say how the session ended", str(problem), fix)) from None


def let_go(folder: Path) -> None:
    """Take away what says that a session is over, as it goes on."""
    for name in (ENDED, *RESULTS):
        (folder / name).unlink(missing_ok=True)
