"""Rows by instant and symbol, and bits that say of which of them a rule holds: what lets the kernel look at few of them.

Both depend on rows and rules alone, so that all lanes of a sweep that have them share them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.compiler import CODE_GRID, CODES, GRID, INT, ROWS, SERIES, row_function
from runner.trading.kernel.layout import SEATS

__all__ = ["NO_PANEL", "Panel", "panel_of", "seats_of", "wakes_of"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]
Codes = NDArray[np.int32]

MOST = 4
"""Cells of a panel per row of the market: where symbols rarely have a row at the same instant, there is none."""
BITS = 64


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows of a tape by instant and symbol; see `kernel.layout.Panel`."""

    at: Wholes
    ts: Wholes
    session: Codes
    row: Codes
    priced: Codes
    instant: Codes
    """[R] the instant of each row."""
    symbol: Codes
    """[R] the symbol of each row, by its place in the universe."""


NO_CODES = np.empty(0, np.int32)
NO_PANEL = Panel(
    np.empty(0, np.int64), np.empty(0, np.int64), NO_CODES, np.empty((0, 0), np.int32), NO_CODES, NO_CODES, NO_CODES
)
"""For rows that aren't laid out."""


def panel_of(ts: Wholes, symbol: Codes, session: Codes, mark: Values, order: Wholes, symbols: int) -> Panel:
    """Return the panel of some rows; one without rows where it would be too large, or a symbol has two rows at one instant.

    Args:
        ts: [R] instants.
        symbol: [R] places in the universe.
        session: [R] dates.
        mark: [R] prices; NaN where there is none.
        order: [R] rows in the order of time; empty where they lie in it.
        symbols: N.
    """
    rows = order if order.size else np.arange(ts.size)
    if symbols < 2 or rows.size == 0:
        return NO_PANEL
    timed = ts[rows]
    starts = np.flatnonzero(np.append(True, timed[1:] != timed[:-1]))
    if starts.size * symbols > MOST * rows.size or rows.size > np.iinfo(np.int32).max:
        return NO_PANEL
    at = np.append(starts, rows.size)
    row, date = np.empty((starts.size, symbols), np.int32), np.empty((starts.size, 1), np.int32)
    instant = np.empty((ts.size, 1), np.int32)
    compiled = row_function(_lay_out, INT(ROWS, ROWS, CODES, CODES, CODE_GRID, CODE_GRID, CODE_GRID))
    if not compiled(at, rows, symbol, session, row, date, instant):
        return NO_PANEL
    return Panel(at, timed[starts], date[:, 0], row, _priced(mark, symbol), instant[:, 0], symbol)


def _lay_out(at, rows, symbol, session, row, date, instant):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, PLR0913, PLR0917
    """Write each instant's rows and session; return 0 if a symbol has two rows at one instant, else 1."""
    for i in range(row.shape[0]):
        for s in range(row.shape[1]):
            row[i, s] = row[i - 1, s] if i > 0 else -1
        latest = session[rows[at[i]]]
        before = -1
        for place in range(at[i], at[i + 1]):
            found = rows[place]
            s = symbol[found]
            if s == before:
                return 0
            before = s
            row[i, s] = found
            instant[found, 0] = i
            latest = max(latest, session[found])
        date[i, 0] = latest
    return 1


def _priced(mark: Values, symbol: Codes) -> Codes:
    """Return each row's latest row of the same symbol that has a price; nothing where all have one."""
    has = np.isfinite(mark)
    if has.all():
        return np.empty(0, np.int32)
    rows = np.arange(mark.size)
    first = np.searchsorted(symbol, symbol)
    found = np.maximum.accumulate(np.where(has, rows, -1))
    return np.where(found >= first, found, -1).astype(np.int32)


def seats_of(symbols: int) -> Wholes:
    """Return room for the bits of what so many symbols hold."""
    return np.zeros((SEATS, -(-symbols // BITS)), np.int64)


def wakes_of(condition: Values, panel: Panel) -> Wholes:
    """Return a bit per instant and symbol that has a row then, [I, W]: 1 where a rule's value is 1."""
    instants, symbols = panel.row.shape
    bits = np.empty((instants, -(-symbols // BITS)), np.int64)
    if condition.size == 0 or instants == 0:
        return bits[:0]
    compiled: Callable[..., int] = row_function(_set_bits, INT(CODES, CODES, SERIES, GRID))
    compiled(panel.instant, panel.symbol, condition, bits)
    return bits


def _set_bits(instant, symbol, condition, bits):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - compiled
    for i in range(bits.shape[0]):
        for word in range(bits.shape[1]):
            bits[i, word] = 0
    for row in range(condition.shape[0]):
        if condition[row] == 1.0:
            bits[instant[row], symbol[row] // 64] |= 1 << (symbol[row] % 64)
    return 0
