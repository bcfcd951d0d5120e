"""The trader: a run's pipeline over the instants of a session, with every line it was told and every line it answered.

It knows no clock, no file and no socket but the log it is handed, so the same trader makes a session's decisions again from
what was told: that is how a session is replayed.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from runner.engine.arriving import Arriving, Report
from runner.live.trading.decisions import instant_digest, told_rows
from runner.signal.push import PushedRow
from runner.tables import Tables
from runner.trading.kernel import layout

__all__ = ["KernelLine", "Lines", "Trader"]

HISTORY = 0
"""Serial of an instant that didn't come from the feed."""


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

    def __init__(self, make: Callable[[], Arriving], lines: Lines) -> None:
        """Begin with a fresh engine.

        Args:
            make: Makes the engine.
            lines: Is given what was told and what was answered.
        """
        self.arriving = make()
        self.ts = layout.LONG_AGO
        """The latest instant."""
        self._lines = lines

    def begin(self, life: int, history: Sequence[Sequence[PushedRow]]) -> None:
        """Begin one process's part: warm the signals up with the instants before it."""
        for rows in history:
            self.arriving.warm(rows)
        self._lines.add(("life", life, sum(map(len, history))))

    def instant(self, ts: int, rows: Sequence[PushedRow], serial: int = HISTORY) -> list[KernelLine]:
        """Take all rows of an instant; return what was decided and, of simulated fills, what filled."""
        told = ("i", serial, ts, instant_digest(rows)) if serial != HISTORY else ("h", ts, told_rows(rows))
        self._lines.add(told)
        self.ts = max(self.ts, ts)
        self.arriving.over(rows)
        return self._answered()

    def report(self, report: Report) -> list[KernelLine]:
        """Take what the venue did; return what the books say of it."""
        price = None if math.isnan(report.price) else report.price
        self._lines.add(
            ("r", report.ts, report.session, report.symbol, report.order, report.quantity, price, report.fee)
            + (int(report.maker), report.how)
        )
        (self.arriving.filled if report.quantity else self.arriving.ended)(report)
        return self._answered()

    def tables(self) -> Tables:
        """Return the tables of everything so far."""
        return self.arriving.tables()

    def _answered(self) -> list[KernelLine]:
        n, x = self.arriving.lines()
        found = []
        for whole, numbers in zip(n.tolist(), x.tolist(), strict=True):
            line = KernelLine((*whole, *(each if math.isfinite(each) else None for each in _used(whole[0], numbers))))
            self._lines.add(("k", *line))
            found.append(line)
        return found


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
