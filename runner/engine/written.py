"""What the compiled kernel writes: its buffers, and what was taken out of them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from runner.trading.kernel import layout

__all__ = ["Written"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]
Flags = NDArray[np.bool_]

LINES = 65_536
MOST_EQUITY = 1 << 22
"""Lines of equity that are held before they are taken away."""


class Written:
    """Lines the kernel wrote, taken out of its buffers as they fill."""

    def __init__(self, rows: int, symbols: int, rules: int, *, shares_lines: bool, room: int | None = None) -> None:
        """Make empty buffers that hold at least one instant of every symbol, and `room` lines unless that is fewer."""
        lines = max(LINES if room is None else room, symbols * (rules + 12) + rules + 16)
        instants = max(min(rows, MOST_EQUITY), 2)
        self.buffers = (
            np.empty((lines, layout.LINE_N), np.int64),
            np.empty((lines, layout.LINE_X)),
            np.empty(instants, np.int64),
            np.empty((instants, layout.EQUITY_X)),
        )
        self.counters = np.zeros(layout.COUNTERS, np.int64)
        self.taken = 0
        """Lines of what happened that were taken away so far."""
        self._shares_lines = shares_lines
        self._events: list[tuple[Wholes, Values]] = []
        self._equity: list[tuple[Wholes, Values]] = []

    def drain(self) -> None:
        """Take the written lines away; a line of equity that later instants may share stays."""
        n, x, equity_n, equity_x = self.buffers
        lines, instants = self.counters[layout.N_LINES], self.counters[layout.N_EQUITY]
        if lines:
            self._events.append((n[:lines].copy(), x[:lines].copy()))
            self.taken += int(lines)
        kept = 1 if self._shares_lines and instants else 0
        done = instants - kept
        if done:
            self._equity.append((equity_n[:done].copy(), equity_x[:done].copy()))
        if kept:
            equity_n[0], equity_x[0] = equity_n[done], equity_x[done]
        self.counters[layout.N_LINES], self.counters[layout.N_EQUITY] = 0, kept

    def clear(self) -> None:
        """Forget everything."""
        self.counters[:] = 0
        self.taken = 0
        self._events.clear()
        self._equity.clear()

    def thin(self, event: Callable[[Wholes], Flags], equity: Callable[[Wholes], Flags]) -> None:
        """Keep of the lines that were taken away only some.

        Args:
            event: Given the whole numbers of lines, says which of them stay.
            equity: Given the instants of equity, says which of them stay.
        """
        if self._events:
            n, x = (np.concatenate(each) for each in zip(*self._events, strict=True))
            kept = event(n)
            self._events = [(n[kept], x[kept])]
        if self._equity:
            n, x = (np.concatenate(each) for each in zip(*self._equity, strict=True))
            kept = equity(n)
            self._equity = [(n[kept], x[kept])]

    @property
    def count(self) -> int:
        """How many lines of what happened were written so far."""
        return self.taken + int(self.counters[layout.N_LINES])

    def events(self) -> tuple[Wholes, Values]:
        """Return what happened, line after line; see `kernel.log`."""
        lines = self.counters[layout.N_LINES]
        last = self.buffers[0][:lines], self.buffers[1][:lines]
        if not self._events:
            return last
        held = [*self._events, last]
        return np.concatenate([n for n, _ in held]), np.concatenate([x for _, x in held])

    def batches(self, since: int) -> list[tuple[Wholes, Values]]:
        """Take the written lines away; return those that were taken away at the time numbered `since`, or later."""
        self.drain()
        return self._events[since:]

    def equity(self) -> tuple[Wholes, Values]:
        """Return instants, and equity, cash, gross and net exposure at each."""
        instants = self.counters[layout.N_EQUITY]
        last = self.buffers[2][:instants], self.buffers[3][:instants]
        if not self._equity:
            return last
        held = [*self._equity, last]
        return np.concatenate([n for n, _ in held]), np.concatenate([x for _, x in held])
