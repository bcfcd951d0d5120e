"""The instants of a session out of its feed's recording, process by process."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from runner.live.edge.feed_files import feed_files
from runner.live.feed.dialect import Dialect
from runner.live.feed.plan import Plan
from runner.live.feed.recording import Recording, replayed
from runner.live.trading.decisions import Line, rows_of
from runner.live.trading.trader import INSTANT, LIFE
from runner.signal.push import PushedRow
from runner.spec.timezone import Timezone

__all__ = ["FEED", "Recorded", "lives_of", "plan_of_text", "recorded_rows", "rows_told"]

FEED = "feed"
"""Folder of the recording in a run directory."""

Recorded = Callable[[int, int], Sequence[PushedRow] | None]
"""Number of a process, and of an instant of its feed → its rows; None if the recording doesn't have it."""


def recorded_rows(folder: Path, dialect: Dialect) -> Recorded:
    """Return how to find the rows of an instant; nothing is read before somebody asks.

    Args:
        folder: The run directory.
        dialect: What the feed spoke.
    """
    found: dict[tuple[int, int], Sequence[PushedRow]] = {}
    is_read: list[bool] = []

    def rows(life: int, serial: int) -> Sequence[PushedRow] | None:
        if not is_read:
            is_read.append(True)
            for number, recording in enumerate(Recording.read(feed_files(folder / FEED)), start=1):
                for instant in replayed(recording, plan_of_text(recording.plan), dialect):
                    found[number, instant.serial] = instant.rows
        return found.get((life, serial))

    return rows


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
