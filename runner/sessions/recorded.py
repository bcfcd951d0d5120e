"""The instants of a session out of its feed's recording, process by process."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runner.live.edge.feed_files import feed_files
from runner.live.feed.dialect import Dialect
from runner.live.feed.instant import Instant
from runner.live.feed.plan import Plan
from runner.live.feed.recording import Recording, replayed
from runner.live.trading.decisions import Line, rows_of
from runner.live.trading.trader import INSTANT, LIFE
from runner.signal.push import PushedRow
from runner.spec.timezone import Timezone

__all__ = ["FEED", "Recorded", "lives_of", "plan_of_text", "rows_told"]

FEED = "feed"
"""Folder of the recording in a run directory."""


class Recorded:
    """The instants of a run directory's recording; nothing is read before somebody asks."""

    def __init__(self, folder: Path, dialect: Dialect) -> None:
        """Take the run directory, and what the feed spoke."""
        self._folder = folder
        self._dialect = dialect
        self._found: dict[int, dict[int, Instant]] | None = None

    def __call__(self, life: int, serial: int) -> Sequence[PushedRow] | None:
        """Return the rows of an instant, None if the recording doesn't have it.

        Args:
            life: Number of the process.
            serial: Number of the instant of its feed.
        """
        instant = self.instants(life).get(serial)
        return None if instant is None else instant.rows

    def instants(self, life: int) -> Mapping[int, Instant]:
        """Return the instants of one process by their numbers, in their order."""
        if self._found is None:
            self._found = {}
            for recording in Recording.read(feed_files(self._folder / FEED)):
                made = replayed(recording, plan_of_text(recording.plan), self._dialect)
                self._found[recording.life] = {instant.serial: instant for instant in made}
        return self._found.get(life, {})


def plan_of_text(text: str) -> Plan:
    """Return what a feed was asked for, from the head of its recording."""
    told: dict[str, Any] = json.loads(text)
    for name in ("bars", "events"):
        told[name] = None if told[name] is None else Timezone.model_validate(told[name])
    values: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in told.items()}
    return Plan(**values)


def lives_of(lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """Yield the instants among the lines of a session, with the number of the process that took each."""
    life = 0
    for line in lines:
        life += line[0] == LIFE
        if line[0] == INSTANT:
            yield life, line


def rows_told(line: Line, life: int, recorded: Recorded) -> Sequence[PushedRow]:
    """Return the rows of an instant that a line tells, from the recording where the line has their digest alone."""
    _, serial, _, told = line
    return rows_of(told) if isinstance(told, list) else recorded(life, serial) or ()
