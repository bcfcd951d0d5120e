"""One recording per process of a session, whatever became of the process.

Instants are looked up by the number of their process, counted by the `life` lines among the decisions, and recordings are
counted in their order. A process that was killed between its line and its recording would shift all those after it.
"""

import json
from collections.abc import Callable
from pathlib import Path

from runner.live.edge.feed_files import FeedFiles, feed_files
from runner.live.feed.inputs import HEAD, Input, unpacked

__all__ = ["record_missing"]


def record_missing(folder: Path, lives: int, head: Callable[[int], bytes]) -> None:
    """Leave an empty recording for each process that died before it had one.

    Args:
        folder: Of the recordings.
        lives: Processes so far.
        head: As `FeedFiles` takes it.
    """
    begun = sum(_begins(data) for data in feed_files(folder)) if folder.is_dir() else 0
    for _ in range(begun, lives):
        FeedFiles(folder, head).close()


def _begins(data: bytes) -> bool:
    """Return whether a file is the first of a recording."""
    first = next(unpacked(data), None)
    return isinstance(first, Input) and first.kind == HEAD and json.loads(first.body)["part"] == 1
