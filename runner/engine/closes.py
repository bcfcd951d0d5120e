"""The last prices of sessions, which is all that a report on a run over stretches reads of the market.

Of each symbol and session stay the last row, the last that has a price, and the last whose price is above zero. From them
follow the market's index, last prices and last sessions as from all rows. They are kept as a tape of their own.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.market.windows import joined
from runner.trading.fill.touch import best_prices
from runner.trading.marks import marks

__all__ = ["Closes"]

Rows = NDArray[np.int64]

NAMES = {"bars": ("close",), "trades": ("price",)}
"""Stream → the columns that its marks are made from; those of quotes and books are the best prices."""
LEAST = 4_096
"""Rows below which pieces are only put beside each other."""


@dataclass(slots=True)
class Closes:
    """The last prices of the sessions of one stream so far."""

    kept: Tape | None = None
    _settled: int = 0
    """Rows that were left when sessions were last gone through."""

    def add(self, tape: Tape) -> None:
        """Add rows, which come after those before."""
        new = _last_of_sessions(_bare(tape))
        self.kept = new if self.kept is None else joined([self.kept, new])
        if self.kept.rows > 2 * self._settled + LEAST:
            self.kept = _last_of_sessions(self.kept)
            self._settled = self.kept.rows

    @property
    def tape(self) -> Tape:
        """The rows that are kept; there must have been some."""
        if self.kept is None:
            raise ValueError("nothing was added")
        return _last_of_sessions(self.kept)


def _bare(tape: Tape) -> Tape:
    """Return a tape with the columns alone that its marks are made from."""
    names = NAMES.get(tape.stream) or best_prices(tape)
    return replace(tape, columns={name: tape.columns[name] for name in names})


def _last_of_sessions(tape: Tape) -> Tape:
    price = marks(tape)
    is_price = np.isfinite(price)
    every = np.arange(tape.rows)
    rows = np.unique(
        np.concatenate([_lasts(tape, some) for some in (every, every[is_price], every[is_price & (price > 0.0)])])
    )
    return replace(
        tape,
        ts=tape.ts[rows],
        opened=tape.opened[rows],
        session=tape.session[rows],
        symbol=tape.symbol[rows],
        columns={name: column[rows] for name, column in tape.columns.items()},
        offsets=np.searchsorted(rows, tape.offsets).astype(np.int64),
    )


def _lasts(tape: Tape, rows: Rows) -> Rows:
    """Return those of some ascending rows that are the last of their symbol and session."""
    is_last = np.ones(rows.size, np.bool_)
    is_last[:-1] = (np.diff(tape.session[rows]) != 0) | (np.diff(tape.symbol[rows]) != 0)
    return rows[is_last]
