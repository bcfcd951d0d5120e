"""Rows by instant and symbol, and bits that say of which of them a rule holds: what lets the kernel look at few of them.

Both depend on rows and rules alone, so that all lanes of a sweep that have them share them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.compiler import CODE_GRID, CODES, INT, INTS, MATRIX, ROW_TABLE, ROWS, SERIES, row_function
from runner.trading.kernel.layout import BITS, PLACES, SEATS, SPANS, WORTHS

__all__ = ["NO_PANEL", "Panel", "panel_of", "seats_of", "wakes_of", "worth_of"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]
Codes = NDArray[np.int32]

MOST = 4
"""Cells of a panel per row of the market: where symbols rarely have a row at the same instant, there is none."""
INSTANTS = 512
"""Instants whose equity is made at once: few enough that they stay in the processor's cache."""
PIECES_MADE = 1_024
"""Changes of positions among them."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows of a tape by instant and symbol; see `kernel.layout.Panel`."""

    at: Wholes
    ts: Wholes
    session: Codes
    row: Codes
    priced: Codes
    mark: Values
    last: Values
    runs: Wholes
    """[K, 4] rows of one symbol that follow one another without an instant between them: the first, the one after the last,
    their symbol by its place in the universe, and the instant of the first."""


NO_CODES = np.empty(0, np.int32)
NO_PANEL = Panel(
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    NO_CODES,
    np.empty((0, 0), np.int32),
    NO_CODES,
    np.empty((0, 0)),
    np.empty((0, 0)),
    np.empty((0, 4), np.int64),
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
    instant, marked = np.empty((ts.size, 1), np.int32), np.full(row.shape, np.nan)
    compiled = row_function(_lay_out, INT(ROWS, ROWS, CODES, CODES, SERIES, CODE_GRID, CODE_GRID, CODE_GRID, MATRIX))
    if not compiled(at, rows, symbol, session, mark, row, date, instant, marked):
        return NO_PANEL
    last = np.ascontiguousarray(_filled(marked).T)
    return Panel(at, timed[starts], date[:, 0], row, _priced(mark, symbol), marked, last, _runs(symbol, instant[:, 0]))


def _lay_out(at, rows, symbol, session, mark, row, date, instant, marked):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, PLR0913, PLR0917
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
            marked[i, s] = mark[found]
            instant[found, 0] = i
            latest = max(latest, session[found])
        date[i, 0] = latest
    return 1


def _filled(marked: Values) -> Values:
    """Return the latest finite price of each column at each row; NaN before the first."""
    known = np.where(np.isfinite(marked), np.arange(marked.shape[0])[:, None], 0)
    latest = np.take_along_axis(marked, np.maximum.accumulate(known, axis=0), axis=0)
    return np.where(np.isfinite(latest), latest, np.nan)


def _runs(symbol: Codes, instant: Codes) -> Wholes:
    """Return stretches of rows as `Panel.runs` has them."""
    breaks = (np.diff(symbol) != 0) | (np.diff(instant) != 1)
    first = np.append(0, np.flatnonzero(breaks) + 1)
    return np.column_stack([first, np.append(first[1:], symbol.size), symbol[first], instant[first]]).astype(np.int64)


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
    return np.zeros((SEATS, words_for(symbols)), np.int64)


def words_for(symbols: int) -> int:
    """Return how many numbers the bits of so many symbols take."""
    return -(-symbols // BITS)


def worth_of(symbols: int) -> tuple[Values, Wholes, Wholes, Values, Wholes]:
    """Return scratch in which the equity of many instants is made; see `kernel.layout.Worth`."""
    return (
        np.zeros((WORTHS, INSTANTS)),
        np.zeros((SPANS, symbols), np.int64),
        np.zeros((PIECES_MADE, 3), np.int64),
        np.zeros(PIECES_MADE),
        np.zeros(PLACES, np.int64),
    )


def wakes_of(condition: Values, panel: Panel) -> Wholes:
    """Return a bit per instant and symbol that has a row then, [I, W]: 1 where a rule's value is 1."""
    instants, symbols = panel.row.shape
    bits = np.zeros((instants, words_for(symbols)), np.int64)
    if condition.size == 0 or instants == 0:
        return bits[:0]
    compiled: Callable[..., int] = row_function(_set_bits, INT(ROW_TABLE, SERIES, INT, INTS))
    compiled(panel.runs, condition, bits.shape[1], bits.reshape(-1))
    return bits


def _set_bits(runs, condition, words, bits):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - compiled
    for k in range(runs.shape[0]):
        held = condition[runs[k, 0] : runs[k, 1]]
        word, bit = runs[k, 2] // 64, 1 << (runs[k, 2] % 64)
        own = bits[runs[k, 3] * words :]
        if words == 1:
            for i in range(held.shape[0]):
                own[i] |= bit if held[i] == 1.0 else 0
        else:
            for i in range(held.shape[0]):
                own[i * words + word] |= bit if held[i] == 1.0 else 0
    return 0
