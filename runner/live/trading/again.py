"""A session's decisions made again from what was told, and held against what was answered then.

It is how a process goes on where another one died, and the proof that a session did what its pipeline says: every line that
answers has to come out again, to the bit, in its place.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runner.live.trading.decisions import Line, instant_digest, report_of, rows_of
from runner.live.trading.trader import INSTANT, KERNEL, LIFE, OPENED, REPORT, Trader
from runner.signal.push import PushedRow

__all__ = ["Collected", "Divergence", "Passed", "again"]

Recorded = Callable[[int, int], Sequence[PushedRow] | None]
"""Number of the process, and of an instant of its feed → its rows in the recording, None where it has none."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first line that isn't what it was."""

    line: int
    """Its number, from 1."""
    what: str
    was: Line | None
    """As it stands in the run directory; None: nothing more stands there."""
    now: Line | None


@dataclass(frozen=True, slots=True)
class Passed:
    """What making the decisions again came to."""

    instants: int
    reports: int
    answers: int
    """Lines of the kernel that came out the same."""
    orders: int
    divergence: Divergence | None
    left: tuple[Line, ...] = ()
    """Answers to the last line that don't stand there, as its process died before it wrote them."""


class Collected:
    """Takes lines and hands them back."""

    def __init__(self) -> None:
        """Begin with none."""
        self.lines: list[Line] = []

    def add(self, line: Sequence[Any]) -> None:
        """Take one."""
        self.lines.append(list(line))

    def taken(self) -> list[Line]:
        """Return the lines since the last time."""
        found, self.lines = self.lines, []
        return found


def again(lines: Iterable[Line], trader: Trader, out: Collected, recorded: Recorded) -> Passed:
    """Tell a fresh trader what was told, and compare what it answers.

    Args:
        lines: Of the session, in their order.
        trader: A fresh one, warmed up with the same history, whose lines go to `out`.
        out: Where they go.
        recorded: Gives the rows of instants whose rows aren't in the lines.
    """
    counts = {INSTANT: 0, REPORT: 0, KERNEL: 0}
    orders, expected = 0, list[Line]()
    number = 0
    for number, line in enumerate(lines, start=1):
        if line[0] == KERNEL:
            now = expected.pop(0) if expected else None
            if now != line:
                return _passed(counts, orders, Divergence(number, "another answer", line, now))
            counts[KERNEL] += 1
            orders += line[1] == 0
            continue
        if expected:
            return _passed(counts, orders, Divergence(number, "an answer that wasn't there", line, expected[0]))
        problem = _told(line, trader, recorded)
        if problem is not None:
            return _passed(counts, orders, Divergence(number, problem, line, None))
        counts[line[0]] = counts.get(line[0], 0) + 1
        expected = [each for each in out.taken() if each[0] == KERNEL]
    return replace(_passed(counts, orders, None), left=tuple(expected))


def _told(line: Line, trader: Trader, recorded: Recorded) -> str | None:
    """Tell the trader what a line tells; return what is wrong with it, None if nothing is."""
    problem = None
    if line[0] == INSTANT:
        problem = _told_instant(line, trader, recorded)
    elif line[0] == REPORT:
        trader.report(report_of(line), line[10])
    elif line[0] == LIFE:
        trader.begin()
    elif line[0] == OPENED:
        trader.opened(line[1], [(symbol, bid, ask) for symbol, bid, ask in line[2]])
    else:
        problem = "a line of no known sort"
    return problem


def _told_instant(line: Line, trader: Trader, recorded: Recorded) -> str | None:
    _, serial, ts, told = line
    rows = rows_of(told) if isinstance(told, list) else recorded(trader.lives, serial)
    if rows is None:
        return "an instant that the recording doesn't have"
    if not isinstance(told, list) and instant_digest(rows) != told:
        return "an instant whose rows are others in the recording"
    trader.instant(ts, rows, serial)
    return None


def _passed(counts: dict[str, int], orders: int, divergence: Divergence | None) -> Passed:
    return Passed(counts[INSTANT], counts[REPORT], counts[KERNEL], orders, divergence)
