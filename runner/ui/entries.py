"""What there is to look at, as the index lists it, remembered for a moment: a page of lists asks for it several times."""

import threading
import time
from pathlib import Path

from runner.archive.index import Entry, index

__all__ = ["Entries"]

FRESH = 2.0
"""Seconds for which a list is taken for new."""


class Entries:
    """The index of one folder; threads may share it."""

    def __init__(self, runs: Path) -> None:
        """Take the folder of runs; it needn't be there yet."""
        self.runs = runs
        self._guard = threading.Lock()
        self._found: list[Entry] = []
        self._by_id: dict[str, Entry] = {}
        self._until = 0.0

    def all(self) -> list[Entry]:
        """Return everything, the latest first."""
        with self._guard:
            if time.monotonic() >= self._until:
                self._found = index(self.runs)
                self._by_id = {entry.id: entry for entry in self._found}
                self._until = time.monotonic() + FRESH
            return self._found

    def find(self, asked: str) -> Entry | None:
        """Return the entry of an id, None if there is none: an id is compared with those that are there, no more."""
        self.all()
        with self._guard:
            return self._by_id.get(asked)

    def folder(self, entry: Entry) -> Path:
        """Return an entry's folder."""
        return entry.path(self.runs)
