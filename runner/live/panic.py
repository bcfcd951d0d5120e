"""Cancels everything with the run directory and a way to the venue alone: it works with the session dead.

1. The latch is written first, so that whatever session comes next stays halted.
2. Every order of the journal that may still fill is cancelled by its client order id, and every open order at the venue that
   bears our name by the venue's own id.
3. That is done again until the venue's list of open orders has none of ours and every order of ours has been asked about;
   what is left when the time is over is returned.

Nothing here writes what became of an order: that is the next session's to find out and prove.
"""

from dataclasses import dataclass

from runner.live.contract import Contract, Found, Limited
from runner.live.events import Kill
from runner.live.ids import number_of
from runner.live.journal import Journal, restore
from runner.live.line import Answered, Line
from runner.live.model import Instrument, Order, State
from runner.live.orders import cancels_of
from runner.live.pages import all_pages
from runner.live.ports import Clock, Disk
from runner.live.profile import MS

__all__ = ["Left", "Panic", "latch_journal"]

AGAIN_NS = 500 * MS


async def latch_journal(disk: Disk, clock: Clock, instruments: dict[str, Instrument], reason: str) -> State:
    """Write a latch into a journal that no session has open; return what the journal knows.

    Raises:
        Quarantined: the journal isn't what was written.
        DiskFailed: the latch can't be kept.
    """
    journal = Journal(disk, clock, restore(disk, instruments))
    if journal.state.killed is None or journal.state.permission is not None:
        row = journal.stamped(Kill(reason))
        await disk.commit([row])
    return journal.state


@dataclass(frozen=True, slots=True)
class Left:
    """An order that may still fill."""

    coid: str
    why: str


class Panic:
    """Cancels what one journal knows at one venue."""

    def __init__(self, line: Line, clock: Clock, contract: Contract, state: State, prefix: str) -> None:
        """Take a line to the venue, and what the journal knows."""
        self._line = line
        self._clock = clock
        self._contract = contract
        self._state = state
        self._prefix = prefix

    async def run(self, longest_ns: int) -> tuple[Left, ...]:
        """Cancel until nothing of ours is open, for so long at most; return what may still fill."""
        until_ns = self._clock.mono_ns() + longest_ns
        left: tuple[Left, ...] = ()
        while True:
            left = await self._round()
            if not left or self._clock.mono_ns() >= until_ns:
                await self._line.limiter.stop()
                return left
            await self._clock.sleep(AGAIN_NS)

    async def _round(self) -> tuple[Left, ...]:
        left = [found for order in self._state.live.values() if (found := await self._end(order)) is not None]
        open_orders = await all_pages(self._line, self._contract.open_orders, self._contract.read_open_orders)
        if open_orders is None:
            return (*left, Left("?", "the venue doesn't list its open orders"))
        for report in open_orders:
            if number_of(self._prefix, report.coid) is not None and report.end is None:
                await self._line.call(self._contract.cancel_by_venue_id(report.symbol, report.venue_id))
                left.append(Left(report.coid or "", "open"))
        return tuple(left)

    async def _end(self, order: Order) -> Left | None:
        """Cancel one order and ask what it is now; return it unless the venue says that it has ended."""
        for request in cancels_of(order, self._contract):
            await self._line.call(request)
        answer = await self._line.call(self._contract.query(order))
        if not isinstance(answer, Answered):
            return Left(order.coid, answer.reason if isinstance(answer, Limited) else "no answer")
        said = self._contract.read_query(answer.response)
        if isinstance(said, Found):
            still = [report for report in said.reports if report.end is None]
            for report in still if not order.is_acked else ():
                await self._line.call(self._contract.cancel_by_venue_id(report.symbol, report.venue_id))
            return Left(order.coid, "open") if still else None
        return Left(order.coid, "the venue doesn't show it")
