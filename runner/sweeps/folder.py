"""The folder of a sweep: `runs/<name>/<UTC stamp>-sweep-<hash 8>/`.

    sweep.json        what was asked for, which code and data, how it ended; replaced whole
    trials.parquet    a row per lane
    verdict.json      what to believe of the best lane
    sweep.html        the same to look at
    seal.json         size and SHA-256 of each of them, written when the sweep has ended

Results of lanes are kept beside the runs as they come (`store.py`), so that a sweep that is started again, or a larger one,
has those that are there; a sweep's folder is what one start of it came to.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from runner.archive.directory import new_folder, unwritable
from runner.archive.files import write_text
from runner.archive.seal import write_seal
from runner.errors import RunError

__all__ = ["FORMATS", "SweepFolder"]

FORMAT = 2
"""Version of the folder's layout. 2: sealed."""
FORMATS = (1, 2)
"""Versions that can be read."""
NAME = "sweep.json"


class SweepFolder:
    """A sweep's folder while it is written."""

    def __init__(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Take over a folder that was just made; use `create`."""
        self.path = path
        self._facts = dict(facts)
        self._write()

    @classmethod
    def create(cls, runs: Path, name: str, identity: str, facts: Mapping[str, Any], now: datetime) -> "SweepFolder":
        """Make the folder, with status `RUNNING`.

        Args:
            runs: Folder that run directories go to.
            name: Name of the runs.
            identity: Hex digits that tell the sweep from others.
            facts: What is known of it.
            now: When it starts.

        Raises:
            RunError: If the runs folder can't be written.
        """
        path = new_folder(runs / name, f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-sweep-{identity[:8]}")
        return cls(path, {"format": FORMAT, "status": "RUNNING", "started": f"{now.astimezone(UTC).isoformat()}", **facts})

    def finish(self, status: Literal["DONE", "FAILED", "INTERRUPTED"], **facts: Any) -> None:
        """Say how it ended."""
        self._facts |= {"status": status, **facts}
        self._write(is_last=True)

    def _write(self, *, is_last: bool = False) -> None:
        path = self.path / NAME
        text = json.dumps(self._facts, indent=2, allow_nan=False) + "\n"
        try:
            if is_last:
                write_seal(self.path, {NAME: text.encode()})
            write_text(path, text)
        except OSError as error:
            raise RunError(unwritable(path, error)) from error
