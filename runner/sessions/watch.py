"""A session as it is told to whoever looks on: once a second, from what it is made of, and never the other way round.

`Watch` hears every line that the trader writes and every alarm, so that its log says what was ordered, filled, refused and
why something is wrong. It decides nothing: what goes wrong here must not keep a session from trading, so a status that can't
be written rings the alarm once, and the session goes on.
"""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from runner.archive.directory import RunDirectory
from runner.live.trading.decisions import DecisionLog
from runner.live.trading.trader import KERNEL, KernelLine
from runner.prepare import Prepared
from runner.report.live_status import LiveStatus, LogLine, leave_status
from runner.sessions.alarms import Alarms
from runner.sessions.kernel_words import line_words
from runner.sessions.onlooker import Onlooker
from runner.sessions.sitting import Sitting
from runner.sessions.status import Now, status_of

__all__ = ["Hearing", "Watch"]

EVERY = 1.0
"""Seconds between two looks."""
MOST_LINES = 200


class Watch:
    """Watches one process of a session."""

    def __init__(
        self, directory: RunDirectory, prepared: Prepared, venue: str, sitting: Sitting, alarms: Alarms, onlooker: Onlooker
    ) -> None:
        """Begin to watch; nothing is written before `over`."""
        self._directory = directory
        self._spec = prepared.spec
        self._rules = tuple(name for name, _ in prepared.pipeline.rules)
        self._venue = venue
        self._sitting = sitting
        self._alarms = alarms
        self._onlooker = onlooker
        self._log: deque[LogLine] = deque(maxlen=MOST_LINES)
        self._alarms_told = 0
        self._refused_told: dict[str, int] = {}
        self._now = Now(str(directory.manifest["created"]))
        self._last: LiveStatus | None = None
        self._is_unwritable = False
        self._is_closed = False
        self._guard = Lock()

    def say(self, text: str, level: str = "info") -> None:
        """Add a line to the log, after the alarms that rang before it."""
        self._hear_alarms()
        self._log.append(LogLine(_utc(time.time_ns()), level, text))

    def hearing(self, log: DecisionLog) -> "Hearing":
        """Return where the trader's lines go so that they are written, and heard here."""
        return Hearing(log, self)

    def heard(self, line: Sequence[Any]) -> None:
        """Take a line of the trader."""
        if line[0] == KERNEL:
            words = line_words(KernelLine(line[1:]), self._sitting.symbols, self._rules)
            if words:
                self.say(*words)

    async def over(self, sitting: Coroutine[Any, Any, int]) -> int:
        """Watch until a sitting is over; return its exit code."""
        watching = asyncio.create_task(self._again_and_again(), name="watch over the session")
        try:
            return await sitting
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    def closed(self) -> LiveStatus:
        """Tell the end, and return it."""
        found = self._looked() or self._last or self._unseen()
        self.say(f"ended: {self._sitting.why or 'asked to stop'}")
        found = replace(found, log=tuple(self._log))
        lines = tuple(replace(each, state="closed") for each in found.connections)
        found = replace(found, state="closed", note=self._sitting.why, connections=lines)
        self._leave(found)
        self._onlooker.show(found)
        return found

    async def _again_and_again(self) -> None:
        while (found := self._looked()) is not None:
            self._last = found
            # A slow disk must not hold up who is looked at.
            await asyncio.to_thread(self._leave, found)
            self._onlooker.show(found)
            await asyncio.sleep(EVERY)

    def _looked(self) -> LiveStatus | None:
        """Look, and return what is seen; None where looking itself goes wrong, which doesn't reach who is looked at."""
        try:
            return self._status()
        except Exception as problem:  # noqa: BLE001 - whatever it is
            self._alarms.ring("STATUS", f"the status failed: {type(problem).__name__}")
            return None

    def _unseen(self) -> LiveStatus:
        """Return what is known of a session without looking at it."""
        return LiveStatus(self._spec.name, self._spec.mode.kind, "closed", _utc(time.time_ns()), self._venue)

    def _status(self) -> LiveStatus:
        self._hear_alarms()
        self._hear_refusals()
        found = status_of(self._spec, self._venue, self._sitting, self._now)
        if self._last is not None and self._last.state != found.state:
            self.say(f"{found.state}{f': {found.note}' if found.note else ''}")
        return replace(found, written=_utc(time.time_ns()), log=tuple(self._log))

    def _leave(self, status: LiveStatus) -> None:
        """Write a status, unless the last one is written: a thread may be late."""
        with self._guard:
            if self._is_closed:
                return
            self._is_closed = status.state == "closed"
            try:
                leave_status(self._directory.path, status)
            except OSError as problem:
                if not self._is_unwritable:
                    self._alarms.ring("STATUS", f"the status can't be written: {problem.strerror}")
                self._is_unwritable = True
            else:
                self._is_unwritable = False

    def _hear_alarms(self) -> None:
        new = min(self._alarms.count - self._alarms_told, len(self._alarms.kept))
        self._alarms_told = self._alarms.count
        for at, code, detail in list(self._alarms.kept)[len(self._alarms.kept) - new :]:
            self._log.append(LogLine(_utc(at), "alarm", f"{code}: {detail}"))

    def _hear_refusals(self) -> None:
        """Say what the gate refused since the last look, each reason once."""
        if self._sitting.live is None:
            return
        for reason, count in self._sitting.live.router.refused.items():
            new = count - self._refused_told.get(reason, 0)
            if new:
                self.say(f"refused at the gate: {reason}{f' ({new} times)' if new > 1 else ''}", "warning")
                self._refused_told[reason] = count


class Hearing:
    """Writes lines, and lets the watch hear them."""

    def __init__(self, log: DecisionLog, watch: Watch) -> None:
        """Take both."""
        self._log = log
        self._watch = watch

    def add(self, line: Sequence[Any]) -> None:
        """Take one line."""
        self._log.add(line)
        self._watch.heard(line)


def _utc(ns: int) -> str:
    return datetime.fromtimestamp(ns // 1_000_000 / 1000, UTC).isoformat(timespec="milliseconds")
