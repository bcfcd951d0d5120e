"""The trades of a tape: as recorded, or four in each bar.

A bar is played as four trades: the open one millisecond after the bar's opening, then the nearer of high and low to the open
at a third of the bar, the other at two thirds (the high first where both are as near), and the close one millisecond before
the end. Each has a quarter of the volume. Put together again they are the bar to the bit: the first price, the largest, the
smallest and the last are as they were, and a quarter is exact in binary, so

    ((q + q) + q) + q = volume

holds also where `3 q` had to be rounded: the error is at most half a unit in the last place of `4 q`, and where it is just
half, the tie goes to `4 q`, whose last bit is then even. A volume that isn't known stays unknown in each trade, 0 stays 0.

Why a millisecond inside: the bar that ended at E is decided when the market's time is E, and the next bar's open must still
lie ahead of that. A bar with a price that isn't known has no trades.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from runner.errors import DataError, Fault
from runner.market.tape import Tape
from runner.venue.server.stamps import MS, ceiled

__all__ = ["PARTS", "BarTrades", "TapeTrades", "Trade", "Trades"]

PARTS = 4
"""Trades of a bar."""
SHORTEST_MS = 5


class Trade(NamedTuple):
    """One trade as it is told."""

    number: int
    """Which of the tape's it is, from 0: its id."""
    at_ms: int
    price: float
    size: float
    """NaN where it isn't known."""
    side: int
    """1 the taker bought, -1 sold, 0 unknown."""


class Trades(Protocol):
    """All trades of a tape, symbol by symbol, ascending in time."""

    at_ms: NDArray[np.int64]
    """[T] when each is told."""
    offsets: NDArray[np.int64]
    """[N+1] trades `offsets[i]:offsets[i + 1]` are of symbol `i`."""

    def trade(self, number: int) -> Trade:
        """Return one of them."""


class TapeTrades:
    """Trades as recorded."""

    def __init__(self, tape: Tape) -> None:
        """Take a tape of trades; rows without a price are left out."""
        self._rows = np.flatnonzero(np.isfinite(tape.columns["price"]))
        self._columns = tape.columns
        self.at_ms = ceiled(tape.ts[self._rows])
        self.offsets = np.searchsorted(self._rows, tape.offsets).astype(np.int64)

    def trade(self, number: int) -> Trade:
        """Return one of them."""
        row, columns = self._rows[number], self._columns
        side = columns["side"][row]
        return Trade(
            number,
            int(self.at_ms[number]),
            float(columns["price"][row]),
            float(columns["size"][row]),
            int(side) if side in {1.0, -1.0} else 0,
        )


class BarTrades:
    """Four trades in each bar."""

    def __init__(self, tape: Tape) -> None:
        """Take a tape of bars.

        Raises:
            DataError: A bar opens or ends within a millisecond, or is shorter than five.
        """
        prices = [tape.columns[name] for name in ("open", "high", "low", "close")]
        self._rows = np.flatnonzero(np.isfinite(np.stack(prices)).all(axis=0))
        self._columns = tape.columns
        opened, ends = tape.opened[self._rows], tape.ts[self._rows]
        odd = np.flatnonzero((opened % MS != 0) | (ends % MS != 0) | (ends - opened < SHORTEST_MS * MS))
        if odd.size:
            first = f"from {opened[odd[0]]} to {ends[odd[0]]} ns"
            must = "bars must open and end on whole milliseconds, and be five long at least, to be played as trades"
            raise DataError(Fault("data", must, first, "Play the trades themselves, or longer bars."))
        start, length = opened // MS, (ends - opened) // MS - 2
        times = np.empty((self._rows.size, PARTS), dtype=np.int64)
        for part in range(PARTS):
            times[:, part] = start + 1 + length * part // (PARTS - 1)
        self.at_ms = times.reshape(-1)
        self.offsets = np.searchsorted(self._rows, tape.offsets).astype(np.int64) * PARTS

    def trade(self, number: int) -> Trade:
        """Return one of them."""
        row, part = self._rows[number // PARTS], number % PARTS
        columns = self._columns
        path = _path(*(float(columns[name][row]) for name in ("open", "high", "low", "close")))
        quarter = float(columns["volume"][row]) / PARTS
        return Trade(number, int(self.at_ms[number]), path[part], quarter, 0)


def _path(first: float, high: float, low: float, last: float) -> tuple[float, float, float, float]:
    """Return a bar's prices in the order they are played."""
    if high - first <= first - low:
        return first, high, low, last
    return first, low, high, last
