"""Where history ends and the stream begins: what lies between is asked for before anything is decided.

History was read when the process began, and the stream's first bar is the one around the moment at which it was heard. If a
bar ended in between, because reading took long or the connection did, the data source is asked again; what it knows then is
told to the trader as instants that went by while nobody was there. Likewise of a session that goes on: everything since the
last instant that was decided on. The join is proven bar by bar (`runner.live.feed.seam`), and a session doesn't begin
without it.
"""

import asyncio

from runner.errors import DataError, Fault
from runner.live.feed.grid import Cell, Grid
from runner.live.feed.seam import seam_faults
from runner.live.ports import Clock
from runner.live.trading.arrivals import arrivals
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.sessions.kept import Kept
from runner.sessions.sitting import Sitting

__all__ = ["join"]

NEVER = 2**62


async def join(made_from: Kept, market: MarketData, read_at: int, clock: Clock, sitting: Sitting, *, is_again: bool) -> None:
    """Tell the trader what lies between history and stream.

    Args:
        made_from: What the session is made from.
        market: What the data source told when the process began.
        read_at: UTC nanoseconds by which it told everything.
        clock: The market's time.
        sitting: Whose feed is open, and whose trader is told.
        is_again: Whether a process before this one ended.

    Raises:
        DataError: The data source can't be asked, or its bars don't fit the stream's.
    """
    first = await sitting.feed.begun()
    faults = _faults(made_from, market, read_at, first)
    if faults:
        spec, source = made_from.prepared.spec, made_from.prepared.source
        read_at = clock.utc_ns()
        market = await asyncio.to_thread(lambda: run_data(spec, source, now=read_at))
        faults = _faults(made_from, market, read_at, first)
        if faults:
            raise DataError(faults)
    elif not is_again:
        return
    known = max(sitting.trader.ts, made_from.history.until_ns)
    before = NEVER if first is None else first.known
    tapes = {stream: market.tapes[stream] for stream in made_from.columns}
    sitting.take_missed((ts, rows) for ts, rows in arrivals(tapes, before) if ts > known)


def _faults(made_from: Kept, market: MarketData, read_at: int, first: Cell | None) -> list[Fault]:
    """Return why history doesn't join the stream; of streams without bars nobody can tell."""
    if first is None or "bars" not in market.tapes:
        return []
    return seam_faults(market.tapes["bars"], read_at, Grid(made_from.prepared.spec.timezone), first)
