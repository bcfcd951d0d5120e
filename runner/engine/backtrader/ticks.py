"""A tape laid out for Backtrader's feeds: bars as they are, or each bar as two ticks.

Backtrader meets orders once per bar, when the bar is over. Runner fills what is due at a bar's open when it opens, which
counts as soon as symbols have clocks of their own: cash spent at ten is gone at ten, not when the bar of ten to eleven ends.
So a pipeline sees every bar twice, as Backtrader's own replay of daily bars does:

    tick   at        open  high  low   close
    open   opening   open  open  open  the last close before
    range  known     none  high  low   close

The range has no open: all that could happen at the open has happened. The open keeps the last close, for that is what a
position is worth until the next one is known.

Backtrader's clock counts days in a float, about ten microseconds apart; equal moments stay equal and different ones are kept
apart, so only their order is taken from it. Instants of the tables are the tape's own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape

__all__ = ["Ticks", "bars_of", "last_known", "ticks_of"]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]

DAY = 86_400 * 10**9
EPOCH = 719_163.0
"""1970-01-01 in days of Backtrader's clock."""
APART = 1e-9
"""Days that different moments are at least apart."""
FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Ticks:
    """What one symbol's feed delivers."""

    place: int
    """Number of the symbol in the universe."""
    first: int
    """First row of the symbol on the tape."""
    per_row: int
    """Ticks that make up a row: 1 or 2."""
    stamps: Values
    """[K] days on Backtrader's clock."""
    columns: tuple[Values, ...]
    """[K] values of `FIELDS`."""


def bars_of(tape: Tape) -> list[Ticks]:
    """Return every symbol's bars, each at the instant at which it is known; symbols without rows are left out."""
    return _laid_out(tape, tape.ts, [tape.columns[name] for name in FIELDS], per_row=1)


def ticks_of(tape: Tape) -> list[Ticks]:
    """Return every symbol's bars as two ticks each, see the module; symbols without rows are left out."""
    bars = tape.columns
    none = np.full(tape.rows, np.nan)
    # Nothing can be held of what has no close yet, but Backtrader multiplies with it all the same.
    close = np.nan_to_num(last_known(tape), nan=0.0)
    before = np.roll(close, 1)
    before[tape.offsets[:-1][tape.offsets[:-1] < tape.rows]] = 0.0
    pairs = (
        (bars["open"], none),
        (bars["open"], bars["high"]),
        (bars["open"], bars["low"]),
        (before, close),
        (none, bars["volume"]),
    )
    # At one instant bars are known first, then the next ones open: the moments of openings are odd.
    moments = _in_turn(2 * tape.opened + 1, 2 * tape.ts)
    return _laid_out(tape, moments, [_in_turn(*pair) for pair in pairs], per_row=2)


def last_known(tape: Tape) -> Values:
    """Return each row's close, the last one before where it isn't a number; NaN where there is none."""
    close = tape.columns["close"]
    rows = np.arange(tape.rows)
    known = np.maximum.accumulate(np.where(np.isfinite(close), rows, -1))
    first = tape.offsets[tape.symbol]
    return np.where(known >= first, close[np.maximum(known, 0)], np.nan)


def _in_turn(first: NDArray[np.generic], second: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.stack([first, second], axis=1).reshape(-1)


def _laid_out(tape: Tape, moments: NDArray[np.generic], columns: list[NDArray[np.generic]], *, per_row: int) -> list[Ticks]:
    stamps = _stamps(np.asarray(moments, dtype=np.int64), halves=per_row == 2)
    found = []
    for place, (start, stop) in enumerate(zip(tape.offsets[:-1].tolist(), tape.offsets[1:].tolist(), strict=True)):
        if start < stop:
            own = slice(start * per_row, stop * per_row)
            values = tuple(np.asarray(column[own], dtype=np.float64) for column in columns)
            found.append(Ticks(place, start, per_row, stamps[own], values))
    return found


def _stamps(moments: Wholes, *, halves: bool) -> Values:
    """Return moments as days of Backtrader's clock: equal where they are equal, and apart where they aren't."""
    distinct, which = np.unique(moments, return_inverse=True)
    days = (distinct // 2 if halves else distinct) / DAY + EPOCH
    steps = APART * np.arange(distinct.size)
    apart: Values = np.maximum.accumulate(days - steps) + steps
    return apart[which]
