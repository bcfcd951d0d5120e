"""The rows of a run that decide."""

from runner.market.load import MarketData
from runner.market.tape import Tape
from runner.prepare import Prepared

__all__ = ["deciding"]


def deciding(prepared: Prepared, market: MarketData) -> Tape:
    """Return the rows that decide."""
    return next(tape for stream, tape in market.tapes.items() if stream == prepared.pipeline.clock)
