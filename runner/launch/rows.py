"""The rows of a run that decide, and the sessions that its equity lies in."""

import numpy as np
from numpy.typing import NDArray

from runner.market.load import MarketData
from runner.market.tape import Tape
from runner.prepare import Prepared
from runner.tables import Tables

__all__ = ["deciding", "sessions_of"]


def sessions_of(prepared: Prepared, market: MarketData, tables: Tables) -> NDArray[np.int32]:
    """Return the session date of each row of equity."""
    return _session_of(deciding(prepared, market), np.asarray(tables.equity["ts"], dtype=np.int64))


def deciding(prepared: Prepared, market: MarketData) -> Tape:
    """Return the rows that decide."""
    return next(tape for stream, tape in market.tapes.items() if stream == prepared.pipeline.clock)


def _session_of(tape: Tape, instants: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the session date of each instant at which a row of the tape is known."""
    order = np.argsort(tape.ts, kind="stable")
    found = np.searchsorted(tape.ts[order], instants)
    sessions: NDArray[np.int32] = tape.session[order][found]
    return sessions
