"""Finds out: what became of every order whose fate isn't proved, and what the stream may have lost.

It always runs, also while the stream looks healthy, because a healthy stream loses fills.

1. `sweep_fills` asks for all executions since the venue time up to which every one is known. An execution is shown within
   the venue's visibility bound, so after a whole sweep that time is the sweep's beginning less the bound.
2. `sweep_open` asks for all open orders. One of ours that isn't among them is not therefore closed: it is asked about.
   One that doesn't bear the id of its order is asked about (`_named`), where the venue has an answer to that.
3. `ask` asks about one order. "Not found" means nothing until it was said twice after the time from which the order can't
   arrive any more; then the order was never placed. Where the venue has no such time, the instrument is frozen.
"""

import asyncio
from dataclasses import replace

from runner.live.contract import FillReport, Found, NotFound
from runner.live.events import ForeignSeen, Freeze, NotPlaced
from runner.live.line import Answered
from runner.live.model import Order, Status
from runner.live.orders import Doors, Orders
from runner.live.pages import all_fills, all_pages

__all__ = ["Resolver"]

NEEDED = 2
"""Not-founds that prove it."""
VANISHED = 10
"""So many not-founds about an order that the venue has shown freeze its instrument."""
ASKED_AT_ONCE = 8
DEEP_AFTER = 3
"""Sweeps after which executions that are still missing are looked for from their order's beginning."""
KEPT_MOVES_NS = 600_000_000_000


class Resolver:
    """Asks the venue on behalf of one session."""

    def __init__(self, doors: Doors, orders: Orders) -> None:
        """Begin with what the journal knows."""
        self.swept_to_ns = doors.state.swept_to_ns
        """Venue time up to which every execution is known."""
        self.swept_fills_ns: int | None = None
        """When the last whole sweep began, on the monotonic clock; None before the first."""
        self.swept_open_ns: int | None = None
        self.doubtful: set[str] = set()
        """Orders of ours that the venue has shown and that aren't among its open ones."""
        self._not_found: dict[str, int] = {}
        self._gone: dict[str, int] = {}
        self._short_sweeps = 0
        self._owners: dict[str, str | None] = {}
        """Venue ids that were asked about for their executions, and the client order ids they turned out to have."""
        self._doors = doors
        self._orders = orders

    async def sweep_fills(self) -> bool:
        """Take all executions that may be new; return whether the list was whole."""
        doors, clock = self._doors, self._doors.venue_clock
        began_ns, began_venue_ns = doors.ports.clock.mono_ns(), clock.now_ns() - clock.error_ns()
        found = await all_fills(doors.line, doors.contract, self._since())
        named = None if found is None else await self._named(found)
        if named is None:
            return False
        for report in named:
            doors.book.fill(report)
        self.swept_fills_ns = began_ns
        self.swept_to_ns = max(self.swept_to_ns, began_venue_ns - doors.setup.profile.visible_ns)
        short = doors.book.short()
        self._short_sweeps = self._short_sweeps + 1 if short else 0
        if self._short_sweeps >= DEEP_AFTER:
            # What the venue said of them may be older than what it has changed since.
            self.doubtful.update(short)
        self._let_go_of_gone()
        doors.book.forget(self.swept_to_ns - KEPT_MOVES_NS)
        return True

    async def sweep_open(self) -> bool:
        """Take all open orders; return whether the list was whole."""
        doors = self._doors
        began_ns = doors.ports.clock.mono_ns()
        known = {order.coid for order in doors.state.live.values() if order.is_acked}
        foreign = set(doors.state.foreign)
        found = await all_pages(doors.line, doors.contract.open_orders, doors.contract.read_open_orders)
        if found is None:
            return False
        for report in found:
            doors.book.order(report)
        shown = {report.venue_id for report in found}
        self.swept_open_ns = began_ns
        self.doubtful = {
            coid for coid in known if coid in doors.state.live and not shown.issuperset(doors.state.live[coid].venue_ids)
        }
        for venue_id in sorted(foreign - shown):
            self._gone.setdefault(venue_id, doors.venue_clock.now_ns() + doors.venue_clock.error_ns())
        return True

    async def ask_round(self) -> bool:
        """Ask about every order that needs it; return whether there was one."""
        due = [order for order in self._doors.state.live.values() if self.needs_asking(order)]
        for first in range(0, len(due), ASKED_AT_ONCE):
            await asyncio.gather(*(self.ask(order) for order in due[first : first + ASKED_AT_ONCE]))
        return bool(due)

    def needs_asking(self, order: Order) -> bool:
        """Return whether only a question tells what became of an order."""
        if order.coid in self._orders.sending:
            return False
        return not order.is_acked or order.is_cancel_asked or order.coid in self.doubtful

    async def ask(self, order: Order) -> None:
        """Ask about one order."""
        doors = self._doors
        answer = await doors.line.call(doors.contract.query(order), lambda: order.status.is_live)
        if not isinstance(answer, Answered):
            return
        said = doors.contract.read_query(answer.response)
        if isinstance(said, Found):
            self._not_found.pop(order.coid, None)
            self.doubtful.discard(order.coid)
            for report in said.reports:
                doors.book.order(report)
        elif isinstance(said, NotFound) and order.status.is_live:
            self.not_found(order, answer.sent_ns)

    def not_found(self, order: Order, asked_ns: int) -> None:
        """Take a "not found" to a question that was sent at a monotonic time."""
        doors, clock = self._doors, self._doors.venue_clock
        if order.is_acked:
            self._count(order.coid)
            if self._not_found[order.coid] >= VANISHED:
                self._freeze(order, "the venue doesn't show an order any more that it had shown")
            return
        # The venue's time when the question left; the answer can't be older.
        asked_venue_ns = clock.now_ns() - (doors.ports.clock.mono_ns() - asked_ns)
        provable_ns = doors.setup.profile.provable_ns(order.sent_at_ns, clock.error_ns())
        if provable_ns is None:
            if asked_venue_ns - order.sent_at_ns > doors.setup.profile.unknown_limit_ns:
                self._freeze(order, "nothing proves whether the venue has an order")
        elif asked_venue_ns > provable_ns and order.status is Status.UNKNOWN:
            self._count(order.coid)
            if self._not_found[order.coid] >= NEEDED:
                doors.journal.append(NotPlaced(order.coid, "bounded"))

    async def _named(self, found: list[FillReport]) -> list[FillReport] | None:
        """Return executions with the ids of their orders; None if the venue didn't say whose one of them is."""
        named = []
        for fill in found:
            if self._is_nameless(fill):
                if fill.venue_id not in self._owners and not await self._ask_whose(fill):
                    return None
                named.append(replace(fill, coid=self._owners[fill.venue_id]))
            else:
                named.append(fill)
        return named

    def _is_nameless(self, fill: FillReport) -> bool:
        """Return whether an execution that would count is of an order that nothing said the name of."""
        state = self._doors.state
        is_known = fill.venue_id in state.by_venue_id or fill.exec_id in state.executions or fill.exec_id in state.busted
        is_in_balance = state.opened_at_ns is None or fill.at_ns <= state.opened_at_ns
        return fill.coid is None and not is_known and not is_in_balance

    async def _ask_whose(self, fill: FillReport) -> bool:
        """Ask for the order of an execution; return whether it is known now, be it that it is nobody's of ours."""
        doors = self._doors
        request = doors.contract.whose(fill.symbol, fill.venue_id)
        if request is None:
            self._owners[fill.venue_id] = None
            return True
        answer = await doors.line.call(request)
        said = doors.contract.read_query(answer.response) if isinstance(answer, Answered) else None
        if not isinstance(said, Found):
            return False
        for report in said.reports:
            self._owners[report.venue_id] = report.coid
            doors.book.order(report)
        return fill.venue_id in self._owners

    def _count(self, coid: str) -> None:
        self._not_found[coid] = self._not_found.get(coid, 0) + 1

    def _freeze(self, order: Order, why: str) -> None:
        doors = self._doors
        if order.symbol not in doors.state.frozen:
            doors.journal.append(Freeze(order.symbol, f"{order.coid}: {why}"))
            doors.ports.alarm.ring("FROZEN", f"{order.symbol}, {order.coid}: {why}")

    def _since(self) -> int:
        """Return from when to ask; where executions are missing all the same, from when their orders began."""
        since_ns = self.swept_to_ns
        if self._short_sweeps >= DEEP_AFTER:
            since_ns = min([since_ns, *(order.sent_at_ns for order in self._doors.state.live.values())])
        # At or after the opening, which contains everything before it.
        return max(since_ns - 2 * self._doors.venue_clock.error_ns(), 0)

    def _let_go_of_gone(self) -> None:
        """Stop counting foreign orders that were gone before the time up to which every execution is known."""
        for venue_id, gone_ns in tuple(self._gone.items()):
            seen = self._doors.state.foreign.get(venue_id)
            if seen is None:
                del self._gone[venue_id]
            elif self.swept_to_ns >= gone_ns:
                del self._gone[venue_id]
                self._doors.book.strays.discard(venue_id)
                self._doors.journal.append(ForeignSeen(venue_id, seen.symbol, seen.side, 0, seen.price))
