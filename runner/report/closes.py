"""Equity at the close of every measured session: what returns, months and rolling figures are made from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.report.columns import numbers, stamps
from runner.report.returns import session_returns
from runner.report.window import measured_window
from runner.tables import Table

__all__ = ["Closes", "closes_of"]


@dataclass(frozen=True, slots=True)
class Closes:
    """The measured sessions of one run."""

    ts: NDArray[np.int64]
    """[n] UTC ns of the last row of each session."""
    session: NDArray[np.int32]
    """[n] session dates, days since 1970-01-01, ascending."""
    levels: NDArray[np.float64]
    """[n + 1] equity before the first session and at every close."""

    @property
    def returns(self) -> NDArray[np.float64] | None:
        """[n] Return of each session; None where equity reached zero on the way."""
        return session_returns(self.levels)


def closes_of(equity: Table, *, capital: float, sessions: NDArray[np.int32]) -> Closes:
    """Return the closes of the `equity` table.

    Args:
        equity: The table, ascending in `ts`.
        capital: Cash at the start.
        sessions: [rows] session date of each row, not descending.
    """
    window = measured_window(equity, capital=capital)
    days = sessions[window.rows]
    lasts = window.rows[np.flatnonzero(np.append(np.diff(days) != 0, [True] * (days.size > 0)))]
    levels = np.append(window.base, numbers(equity, "equity")[lasts])
    return Closes(stamps(equity, "ts")[lasts], sessions[lasts], levels)
