"""The trader: a run's pipeline over the instants of a session, with every line it was told and every line it answered.

It knows no clock, no file and no socket but the log it is handed, so the same trader makes a session's decisions again from
what was told: that is how a session is replayed.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from runner.engine.arriving import Arriving, Report
from runner.live.feed.instant import Instant
from runner.live.trading.decisions import Line, instant_digest, instant_digests, told_rows
from runner.signal.push import PushedRow
from runner.tables import Tables
from runner.trading.kernel import layout

__all__ = ["HISTORY", "INSTANT", "KERNEL", "LIFE", "OPENED", "REPORT", "KernelLine", "Lines", "Trader"]

HISTORY = 0
"""Serial of an instant that didn't come from the feed."""
LIFE, INSTANT, REPORT, KERNEL, OPENED = "life", "i", "r", "k", "q"
"""First item of each sort of line; see `decisions`."""


class Lines(Protocol):
    """Where lines go."""

    def add(self, line: Sequence[Any]) -> None:
        """Take one line."""


class KernelLine(tuple[Any, ...]):
    """A line of the kernel, by name."""

    __slots__ = ()

    sort = property(lambda self: self[0])
    order = property(lambda self: self[1])
    ts = property(lambda self: self[2])
    symbol = property(lambda self: self[3])
    code = property(lambda self: self[4])
    kind = property(lambda self: self[5])
    numbers = property(lambda self: self[layout.LINE_N :])


class Trader:
    """One session's decisions."""

    def __init__(self, arriving: Arriving, lines: Lines) -> None:
        """Begin with a fresh engine.

        Args:
            arriving: The engine.
            lines: Is given what was told and what was answered.
        """
        self.arriving = arriving
        self.ts = layout.LONG_AGO
        """The latest instant."""
        self.executions: set[str] = set()
        """Executions that were reported, by the venue's ids."""
        self.lives = 0
        self.lines = lines
        """Where lines go."""

    def warm(self, history: Iterable[tuple[int, Sequence[PushedRow]]]) -> None:
        """Warm the signals up with the instants before the session."""
        for _, rows in history:
            self.arriving.warm(rows)

    def begin(self) -> None:
        """Begin the part of one process."""
        self.lives += 1
        self.lines.add((LIFE, self.lives))

    def instant(self, ts: int, rows: Sequence[PushedRow], serial: int = HISTORY) -> list[KernelLine]:
        """Take all rows of an instant; return what was decided and, of simulated fills, what filled."""
        return self.instants([Instant(ts, tuple(rows), serial=serial)])

    def instants(self, several: Sequence[Instant]) -> list[KernelLine]:
        """Take instants between which nothing is reported, one after the other; return what was decided at them.

        Where one of them breaks something of the user's own, the lines have those before it, as a replay comes to them.

        Raises:
            KindError: If a row function of the user's own breaks.
        """
        if self.arriving.goes_through:
            return self._at_once(several)
        return [line for each in several for line in self._at_once([each])]

    def _at_once(self, several: Sequence[Instant]) -> list[KernelLine]:
        found: list[KernelLine] = []
        rows = [each.rows for each in several]
        for instant, told, (n, x) in zip(several, _told(rows), self.arriving.over_each(rows), strict=True):
            self.lines.add((INSTANT, instant.serial, instant.ts, told))
            if n.size:
                found += self._answers(n, x)
        self.ts = max([self.ts, *(each.ts for each in several)])
        return found

    def report(self, report: Report, execution: str = "") -> list[KernelLine]:
        """Take what the venue did, once per execution; return what the books say of it."""
        if execution:
            self.executions.add(execution)
        price = None if math.isnan(report.price) else report.price
        first = (report.ts, report.session, report.symbol, report.order, report.quantity, price, report.fee)
        self.lines.add((REPORT, *first, int(report.maker), report.how, execution))
        (self.arriving.filled if report.quantity else self.arriving.ended)(report)
        return self._answers(*self.arriving.lines())

    def opened(self, ts: int, prices: Sequence[tuple[str, int | None, int | None]]) -> None:
        """Take note of best prices, in ticks, by which what waited for the market's open is asked for."""
        self.lines.add((OPENED, ts, [list(each) for each in prices]))

    def tables(self) -> Tables:
        """Return the tables of everything so far."""
        return self.arriving.tables()

    def _answers(self, n: NDArray[np.int64], x: NDArray[np.float64]) -> list[KernelLine]:
        found = []
        for whole, numbers in zip(n.tolist(), x.tolist(), strict=True):
            line = KernelLine((*whole, *(each if math.isfinite(each) else None for each in _used(whole[0], numbers))))
            self.lines.add((KERNEL, *line))
            found.append(line)
        return found


def _told(instants: Sequence[Sequence[PushedRow]]) -> Sequence[Line | str]:
    """Return what a line says of each instant's rows: bars themselves, of others their digest."""
    are_bars = [rows[0].clock == "bars" if len(rows) == 1 else all(row.clock == "bars" for row in rows) for rows in instants]
    if not any(are_bars):
        return instant_digests(instants)
    return [told_rows(rows) if are else instant_digest(rows) for rows, are in zip(instants, are_bars, strict=True)]


USED = {
    layout.ORDER_LINE: 2,
    layout.FILL_LINE: 7,
    layout.END_LINE: 0,
    layout.REFUSAL_LINE: 2,
    layout.CHARGE_LINE: 1,
}
"""Sort of a line → how many of its numbers mean something; the others are whatever lay there before."""


def _used(sort: int, numbers: Sequence[float]) -> Sequence[float]:
    return numbers[: USED[sort]]
