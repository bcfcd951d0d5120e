"""Bars of all symbols, built from prices as they come, and decided together.

All symbols have the same grid, so at any time one bar is the next to be decided (`Bars.next`). It is *due* when the venue's
time is past its end by `lateness`, or the clock is past it by `patience`. It is then decided for all symbols at once:

- a symbol of which prices came has a row;
- a symbol whose stream has a hole there (`holes`) is `gapped`, with or without a row; if history can fill holes, its bar is
  asked for first (`wants`) and waited for, `refill` on the machine's clock;
- of a symbol without either there is no bar, as on a tape.

A price that comes for a bar that has been decided is late: it is counted and dropped, and its bar stays as it was.

Over stretches in which nothing can happen, nights or a tape's years, `next` is moved in one step.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from runner.live.feed.bar import Built, Growing
from runner.live.feed.grid import Cell, Grid
from runner.live.feed.holes import Holes
from runner.live.feed.plan import Plan
from runner.signal.push import PushedRow

__all__ = ["Bars", "Decided", "Want"]


class Want(NamedTuple):
    """A bar that history is asked for."""

    symbol: int
    opened: int
    known: int
    """UTC nanoseconds, as a tape has them."""


class Decided(NamedTuple):
    """What the end of a bar came to."""

    ts: int
    rows: tuple[PushedRow, ...]
    gapped: tuple[int, ...]


class Bars:
    """The bars of one feed."""

    def __init__(self, plan: Plan, grid: Grid, holes: Sequence[Holes]) -> None:
        """Begin before the first bar."""
        self.next: Cell | None = None
        """The bar to be decided next; None before the market's time is known, and after all that the calendar knows."""
        self.first: Cell | None = None
        """The bar around the instant at which the market's time was first known: all before it are history's."""
        self.late = 0
        """Prices that came after their bar had been decided."""
        self.outside = 0
        """Prices out of session."""
        self.wants: list[Want] = []
        """What to ask history for; whoever asks takes them out."""
        self.refilled = 0
        """Bars that came from history."""
        self._plan = plan
        self._grid = grid
        self._holes = holes
        self._growing: dict[int, dict[int, Growing]] = {}
        self._given: dict[int, dict[int, Built | None]] = {}
        self._at: list[tuple[Cell, Growing] | None] = [None] * len(holes)
        self._due_since: int | None = None
        self._asked: set[tuple[int, int]] = set()

    def begin(self, now: int) -> None:
        """Learn the market's time for the first time."""
        if self.next is None:
            # A bar that ends just now is history.
            self.first = self.next = self._grid.at_or_after(now + 1)

    # --- what comes ---------------------------------------------------------------------------------------------------

    def add(self, symbol: int, ts: int, price: float, size: float) -> None:
        """Take a price."""
        at = self._at[symbol]
        if at is not None and at[0].opened <= ts < at[0].known:
            at[1].add(ts, price, size)
            return
        cell = self._open_cell(ts)
        if cell is None:
            return
        bars = self._growing.setdefault(cell.known, {})
        growing = bars.get(symbol)
        if growing is None:
            growing = bars[symbol] = Growing(ts, price, size)
        else:
            growing.add(ts, price, size)
        self._at[symbol] = cell, growing

    def put(self, symbol: int, opened: int, values: tuple[float, float, float, float, float]) -> None:
        """Take a bar that the venue built; a later one of the same place replaces it."""
        cell = self._open_cell(opened)
        if cell is not None:
            self._given.setdefault(cell.known, {})[symbol] = Built(*values)

    def fill(self, symbol: int, bars: Iterable[tuple[int, Built]], first: int, last: int) -> None:
        """Take from history the bars of a symbol known in `[first, last]`: where there is none, there was none."""
        found = dict(bars)
        for want in [(known, of) for known, of in self._asked if of == symbol and first <= known <= last]:
            self._asked.discard(want)
            known = want[0]
            heard = symbol in self._growing.get(known, {})
            # History that knows nothing of prices we heard doesn't know the bar.
            if known in found or not heard:
                self._given.setdefault(known, {})[symbol] = found.get(known)
                self.refilled += 1

    def _open_cell(self, ts: int) -> Cell | None:
        cell = self._grid.cell(ts)
        if cell is None:
            self.outside += 1
        elif self.next is None or cell.known < self.next.known:
            self.late += 1
        else:
            return cell
        return None

    # --- when it is decided -------------------------------------------------------------------------------------------

    def is_due(self, heard: int | None, now: int, mono: int) -> bool:
        """Tell whether the next bar can be decided.

        Args:
            heard: up to when everything has been heard; None: nobody knows.
            now: market time.
            mono: the machine's time, by which history is waited for.
        """
        cell = self.next
        if cell is None or not self._is_over(cell, heard, now):
            return False
        self._skip(cell, heard, now)
        cell = self.next
        if cell is None or not self._is_over(cell, heard, now):
            return False
        if self._due_since is None:
            self._due_since = mono
            self._want(cell)
        is_waiting = any(known == cell.known for known, _ in self._asked)
        return not is_waiting or mono >= self._due_since + self._plan.refill_ns

    def decide(self) -> Decided:
        """Decide the bar that is due, and go on to the one after it."""
        cell = self.next
        assert cell is not None  # noqa: S101 - nothing is due without a bar
        growing, given = self._growing.pop(cell.known, {}), self._given.pop(cell.known, {})
        rows, gapped = [], []
        for symbol, holes in enumerate(self._holes):
            built = growing[symbol].built() if symbol in growing else None
            if symbol in given:
                built = given[symbol]
            elif holes.touch(cell.opened, cell.known):
                gapped.append(symbol)
            if built is not None:
                rows.append(PushedRow("bars", symbol, cell.known, cell.session, built.columns(), cell.opened))
        self._go_on(self._grid.after(cell))
        return Decided(cell.known, tuple(rows), tuple(gapped))

    def _is_over(self, cell: Cell, heard: int | None, now: int) -> bool:
        is_heard = heard is not None and heard >= cell.known + self._plan.lateness_ns
        return is_heard or now >= cell.known + self._plan.patience_ns

    def _want(self, cell: Cell) -> None:
        if not self._plan.refill_ns:
            return
        given = self._given.get(cell.known, {})
        for symbol, holes in enumerate(self._holes):
            if symbol not in given and holes.touch(cell.opened, cell.known):
                self._asked.add((cell.known, symbol))
                self.wants.append(Want(symbol, cell.opened, cell.known))

    def _skip(self, cell: Cell, heard: int | None, now: int) -> None:
        """Go on at once to the bar of the present where nothing can have happened since."""
        if self._growing or self._given or self._due_since is not None:
            return
        present = now - self._plan.patience_ns if heard is None else max(now - self._plan.patience_ns, heard)
        if present <= cell.known or any(holes.touch(cell.opened, present) for holes in self._holes):
            return
        ahead = self._grid.at_or_after(present)
        if ahead is not None and ahead.opened >= cell.known:
            self._go_on(ahead)

    def _go_on(self, cell: Cell | None) -> None:
        self.next = cell
        self._due_since = None
        self._at = [None] * len(self._holes)
        if cell is not None:
            self._asked = {each for each in self._asked if each[0] >= cell.known}
            for holes in self._holes:
                holes.forget(cell.opened)
