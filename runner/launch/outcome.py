"""What a run came to."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.engine.idle import Idle
from runner.market.load import MarketData
from runner.report.cross_check import Figures
from runner.report.sensitivity import Sensitivity
from runner.report.session_end import SessionEnd
from runner.tables import Tables

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to, and what it says of the market beside its tables."""

    market: MarketData
    """What it ran on; of data that were read window by window the last prices of sessions."""
    tables: Tables
    sessions: NDArray[np.int32]
    """Session date of each row of equity."""
    undefined: Mapping[str, str]
    """Rules that were never defined → why."""
    idle: Idle | None
    """How often each rule held, of a run without a trade; None where a strategy of the user's decided."""
    depends: Sensitivity | None
    """What the result depends on; None where that wasn't asked for."""
    second: Figures | None = None
    """Another engine's own figures."""
    session: SessionEnd | None = None
    """How a live session went; None of everything else."""
