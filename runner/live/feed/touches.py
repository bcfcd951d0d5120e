"""The best prices of every symbol, and the rows of depth and quotes.

A book that can't be used has NaN for best prices and in every level of its row, with the reason beside it: nobody decides on
half of it, or on the one before. A side without levels is different: what is there is shown, as on a tape.

A row of quotes is made where best prices change, a row of depth of every book.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from runner.live.feed.books import GAP, book_fault
from runner.live.feed.instant import Touch
from runner.live.feed.messages import Levels, Top
from runner.live.feed.plan import Plan
from runner.market.streams import columns_of
from runner.signal.cells import CellNames, Cells

__all__ = ["LOST", "Touches"]

LOST = "lost"
"""The reason while nobody listens."""
NAN = math.nan
NO_LEVEL = (NAN, NAN)
EMPTY = "empty"

Values = NDArray[np.float64]


class Touches:
    """Best prices as they are now."""

    def __init__(self, plan: Plan) -> None:
        """Begin without any."""
        self.now = [Touch(symbol, 0, fault=LOST) for symbol in range(len(plan.symbols))]
        """Per symbol."""
        self.faults: dict[str, int] = {}
        """Reason → how many books couldn't be used for it."""
        self.is_new = False
        """Whether the last book or best prices that came differ from those before."""
        self._levels = plan.levels
        self.depth = CellNames(columns_of("depth", plan.levels))
        self._quotes = CellNames(columns_of("quotes"))
        self._changed: set[int] = set()

    def book(self, symbol: int, ts: int, bids: Levels, asks: Levels) -> str:
        """Take a book; return why it can't be used, empty if it can."""
        fault = book_fault(bids, asks)
        if fault:
            self.faults[fault] = self.faults.get(fault, 0) + 1
        if fault and fault != EMPTY:
            self._set(Touch(symbol, ts, fault=fault))
        else:
            self._set(Touch(symbol, ts, *(bids[0] if bids else NO_LEVEL), *(asks[0] if asks else NO_LEVEL), fault))
        return fault

    def good_book(self, symbol: int, ts: int, top: Sequence[float]) -> None:
        """Take a book that can be used, by price and size of its best bid and of its best ask."""
        bid, bid_size, ask, ask_size = top
        self._set(Touch(symbol, ts, bid, bid_size, ask, ask_size))

    def row_of(self, cells: Values, row: int) -> Cells:
        """Return the columns of a row of depth, whose values are in their order in a row of a block."""
        return Cells(self.depth, cells, row)

    def top(self, top: Top) -> str:
        """Take best prices alone; return why they can't be used."""
        fault = book_fault([_sized(top.bid)], [_sized(top.ask)])
        if fault:
            self.faults[fault] = self.faults.get(fault, 0) + 1
            self._set(Touch(top.symbol, top.ts, fault=fault))
        else:
            self._set(Touch(top.symbol, top.ts, *top.bid, *top.ask))
        return fault

    def lose(self, symbol: int, ts: int, fault: str) -> None:
        """Have no book from now on, for a reason such as `gap`."""
        self._set(Touch(symbol, ts, fault=fault))
        if fault == GAP:
            self.faults[fault] = self.faults.get(fault, 0) + 1

    def changes(self) -> tuple[Touch, ...]:
        """Return those that changed since they were last asked for, in the order of the symbols."""
        if not self._changed:
            return ()
        if len(self._changed) == 1:
            return (self.now[self._changed.pop()],)
        changed = tuple(self.now[symbol] for symbol in sorted(self._changed))
        self._changed.clear()
        return changed

    def depth_row(self, bids: Levels, asks: Levels, fault: str) -> Cells:
        """Return the columns of a row of depth; a level that isn't there is NaN."""
        levels = self._levels
        values = np.full((2, 2, levels), NAN)
        if not fault or fault == EMPTY:
            for side, found in enumerate((bids[:levels], asks[:levels])):
                if found:
                    values[side, :, : len(found)] = np.array(found).T
        return Cells(self.depth, values.reshape(1, -1))

    def quote_row(self, symbol: int) -> Cells:
        """Return the columns of a row of quotes."""
        return Cells(self._quotes, np.array([self.now[symbol][2:6]]))

    def _set(self, touch: Touch) -> None:
        symbol = touch.symbol
        # Whatever isn't known is the one NaN of this file, which is itself.
        self.is_new = self.now[symbol][2:] != touch[2:]
        self.now[symbol] = touch
        if self.is_new:
            self._changed.add(symbol)


def _sized(level: tuple[float, float]) -> tuple[float, float]:
    """Return a level whose size, where it isn't known, passes for one."""
    return (level[0], 1.0) if level[1] is NAN else level
