"""The order manager: what is wanted goes to the venue once, and cancels go until it is proved that they worked.

    submit   gate → intent into the journal (at once, without waiting)  →  durable  →  may it still leave?  →  sent once
    cancel   cancel into the journal  →  durable  →  sent, again and again, until the order has ended
    replace  gate with both orders counted → intent and cancel → durable → sent once → each half resolved for itself

Between the gate's answer and the intent's line there is no step of the loop, so no two orders pass on the same room. A place
is never sent twice: whatever the answer isn't clear about is the resolver's to find out. Senders are never cancelled by a
timeout of ours; each ends with the answer of its one request.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from runner.live.book import Book
from runner.live.contract import Accepted, Contract, Exists, Limited, NotOpen, OrderReport, Rejected, Unclear
from runner.live.desk import Replace
from runner.live.events import CancelAsked, Deny, Intent, NotPlaced
from runner.live.gate import Denied, Gate, Wanted
from runner.live.ids import coid_of, integer_after
from runner.live.journal import Journal
from runner.live.line import Answer, Answered, Line, Unsent
from runner.live.model import Order, Quote, SessionState, State, Status
from runner.live.ports import DiskFailed, Ports, Request
from runner.live.setup import ForeignPolicy, Setup
from runner.live.venue_clock import VenueClock

__all__ = ["Doors", "Orders", "cancels_of"]

OVER_RATE = 3
"""At so many times its order rate a strategy has run away."""
CANCELS_AT_ONCE = 16


def cancels_of(order: Order, contract: Contract) -> list[Request]:
    """Return the requests that cancel all there is of an order; none while the venue's id that it takes isn't known."""
    if len(order.venue_ids) > 1:
        return [contract.cancel_by_venue_id(order.symbol, each) for each in order.venue_ids]
    request = contract.cancel(order)
    return [] if request is None else [request]


@dataclass(slots=True)
class Doors:
    """What the parts of one session share."""

    ports: Ports
    setup: Setup
    contract: Contract
    journal: Journal
    line: Line
    venue_clock: VenueClock
    gate: Gate
    book: Book
    quotes: dict[str, Quote]
    latch: Callable[[str], None]
    """Close the gate for good, now."""
    spawn: Callable[[Callable[[], Coroutine[Any, Any, None]], str], asyncio.Task[None]]
    """Run something on the side; if it raises, the session is latched."""
    next_integer: int = 1
    """The venue's next order number, of venues that want numbers; ours go on from it or from the journal's, whichever is
    higher."""

    @property
    def state(self) -> State:
        """Return the state."""
        return self.journal.state


class Orders:
    """Sends, cancels and replaces the orders of one session."""

    def __init__(self, doors: Doors) -> None:
        """Begin with nothing under way."""
        self.sending: set[str] = set()
        """Ids of orders that a request is under way for."""
        self.to_cancel = asyncio.Event()
        """Set when there is something to cancel."""
        self.to_ask = asyncio.Event()
        """Set when the resolver has something to find out."""
        self._doors = doors
        self._over_rate: list[int] = []
        self._reducing: set[str] = set()
        """Orders that could only reduce a position when they were decided, and are not sent yet."""

    def submit(self, wanted: Wanted) -> str | Denied:
        """Write an order's intent and have it sent; return its id, or why not."""
        denied = self._judge(wanted)
        if denied is not None:
            return self._deny(wanted, denied)
        order, seq = self._intend(wanted)
        self._begin(lambda: self._place(order, seq), order.coid)
        return order.coid

    def cancel(self, coid: str, why: str) -> bool:
        """Ask for an order to be cancelled; return whether there was anything to ask for."""
        order = self._doors.state.live.get(coid)
        if order is None:
            return False
        if not order.is_cancel_asked:
            self._doors.journal.append(CancelAsked(coid, why))
        self.to_cancel.set()
        return True

    def cancel_all(self, why: str) -> None:
        """Ask for every order that may still fill to be cancelled."""
        for coid in tuple(self._doors.state.live):
            self.cancel(coid, why)
        self.to_cancel.set()

    def replace(self, asked: Replace) -> str | Denied:
        """Write the intent of another order in the place of one, and its cancel, and have both sent as one request."""
        old = self._doors.state.live.get(asked.coid)
        if old is None or not old.is_acked or old.is_cancel_asked or old.coid in self.sending:
            return Denied("REPLACE", f"{asked.coid} is not working")
        wanted = Wanted(old.symbol, old.side, asked.quantity, asked.price, old.rests, asked.signal, old.coid)
        if not self._doors.setup.profile.has_replace:
            return self._deny(wanted, Denied("REPLACE", "the venue has no replacement"))
        denied = self._judge(wanted)
        if denied is not None:
            return self._deny(wanted, denied)
        order, _ = self._intend(wanted)
        seq = self._doors.journal.append(CancelAsked(old.coid, f"replaced by {order.coid}"))
        self._begin(lambda: self._swap(old, order, seq), order.coid, old.coid)
        return order.coid

    def may_leave(self, order: Order) -> bool:
        """Return whether an order may be sent at this very moment."""
        doors = self._doors
        kill = doors.ports.kill.asked()
        if kill is not None:
            doors.latch(kill)
        session = doors.state.session
        is_open = session is SessionState.LIVE or (session is SessionState.DEGRADED and order.coid in self._reducing)
        is_wanted = order.status is Status.UNKNOWN and not order.is_acked and not order.is_cancel_asked
        is_free = doors.state.killed is None and order.symbol not in doors.state.frozen
        return is_open and is_free and is_wanted and self._is_in_time(order)

    async def cancel_round(self) -> bool:
        """Send one cancel for each order that has to go and isn't being dealt with; return whether any was sent.

        A latch whose line can't be kept doesn't hold a cancel back: a cancel makes nothing worse.
        """
        try:
            await self._doors.journal.flush()
        except DiskFailed:
            self._doors.latch("the journal can't be written")
        due, strays = self._due(), self._strays()
        for first in range(0, len(due), CANCELS_AT_ONCE):
            await asyncio.gather(*(self._cancel(order) for order in due[first : first + CANCELS_AT_ONCE]))
        for venue_id in strays:
            await self._cancel_stray(venue_id)
        return bool(due or strays)

    def is_over_rate(self) -> bool:
        """Count a refusal for the rate of orders; return whether there were so many that the strategy has run away."""
        limits, now = self._doors.setup.limits, self._doors.ports.clock.mono_ns()
        self._over_rate = [at for at in self._over_rate if now - at < limits.rate_ns] + [now]
        return limits.rate_orders is not None and len(self._over_rate) >= (OVER_RATE - 1) * limits.rate_orders

    def _judge(self, wanted: Wanted) -> Denied | None:
        doors = self._doors
        kill = doors.ports.kill.asked()
        if kill is not None:
            doors.latch(kill)
        clock = doors.venue_clock
        if not clock.is_known or not clock.error_ns() <= doors.setup.profile.max_time_error_ns:
            return Denied("GATE", "the venue's time is not known")
        now = (doors.ports.clock.mono_ns(), clock.now_ns(), clock.day())
        return doors.gate.check(wanted, doors.state, doors.quotes, now)

    def _deny(self, wanted: Wanted, denied: Denied) -> Denied:
        self._doors.journal.append(Deny(str(wanted.symbol)[:64], denied.code, denied.detail))
        if denied.code == "MSG_RATE" and self.is_over_rate():
            self._doors.latch("the strategy asks for orders at three times its rate")
        return denied

    def _intend(self, wanted: Wanted) -> tuple[Order, int]:
        """Write the intent; return the order and the number of the line that has to be durable."""
        doors, profile = self._doors, self._doors.setup.profile
        number = doors.state.intents + 1
        coid = coid_of(doors.book.prefix, number)
        quote = doors.quotes[wanted.symbol]
        if doors.gate.is_reducing(wanted, doors.state):
            self._reducing.add(coid)
        intent = Intent(
            coid=coid,
            number=number,
            symbol=wanted.symbol,
            side=wanted.side,
            quantity=wanted.quantity,
            price=wanted.price,
            rests=wanted.rests,
            sent_at_ns=doors.venue_clock.now_ns(),
            signal=wanted.signal,
            day=doors.venue_clock.day(),
            bid=quote.bid,
            ask=quote.ask,
            quote_age_ns=doors.ports.clock.mono_ns() - quote.mono_ns,
            replaces=wanted.replaces,
            integer_id=integer_after(doors.state.last_integer, doors.next_integer) if profile.takes_integer_ids else None,
        )
        seq = doors.journal.append(intent)
        return doors.state.orders[coid], seq

    def _begin(self, sending: Callable[[], Coroutine[Any, Any, None]], *coids: str) -> None:
        def ended(_: asyncio.Task[None]) -> None:
            self.sending.difference_update(coids)
            self._reducing.difference_update(coids)
            if any(coid in self._doors.state.live for coid in coids):
                self.to_ask.set()
                self.to_cancel.set()

        self.sending.update(coids)
        # Not a `finally` of the task: one that is cancelled before its first step never gets there.
        self._doors.spawn(sending, f"send {coids[0]}").add_done_callback(ended)

    async def _place(self, order: Order, seq: int) -> None:
        if not await self._is_durable(order, seq):
            return
        request = self._doors.contract.place(order, self._doors.setup.profile.valid_ns)
        answer = await self._doors.line.call(request, lambda: self.may_leave(order))
        match answer:
            case Answered(response):
                self._placed(order, self._doors.contract.read_place(response))
            case _:
                self._not_answered(order, answer)

    async def _swap(self, old: Order, new: Order, seq: int) -> None:
        if not await self._is_durable(new, seq):
            return
        request = self._doors.contract.replace(old, new, self._doors.setup.profile.valid_ns)
        answer = await self._doors.line.call(request, lambda: self.may_leave(new))
        match answer:
            case Answered(response):
                halves = self._doors.contract.read_replace(response)
                self._cancelled(old, halves.old)
                self._placed(new, halves.new)
            case _:
                self._not_answered(new, answer)

    async def _is_durable(self, order: Order, seq: int) -> bool:
        """Wait for the intent's line; an order whose line is lost is never sent."""
        try:
            await self._doors.journal.durable(seq)
        except DiskFailed:
            self._doors.latch("the journal can't be written")
            self._unsent(order)
            return False
        return True

    def _placed(self, order: Order, said: Accepted | Rejected | Exists | Unclear) -> None:
        match said:
            case Accepted(report):
                self._shown(order, report)
            case Rejected(code):
                self._doors.book.reject(order, code)
            case Exists():
                self._doors.ports.alarm.ring("EXISTS", f"the venue says that {order.coid} exists already")
            case Unclear():
                pass  # it stays unknown, and the resolver asks

    def _not_answered(self, order: Order, answer: Answer) -> None:
        if isinstance(answer, Limited):
            if self._doors.setup.profile.is_limit_definitive and not answer.is_ban:
                self._doors.book.reject(order, "limited")
        elif isinstance(answer, Unsent):
            self._unsent(order)

    def _unsent(self, order: Order) -> None:
        if order.status is Status.UNKNOWN and not order.is_acked:
            self._doors.journal.append(NotPlaced(order.coid, "unsent"))

    def _shown(self, order: Order, report: OrderReport) -> None:
        """Take a report that came as the answer about one order; one about another order is nobody's."""
        if report.coid in {None, order.coid}:
            self._doors.book.order(replace(report, coid=order.coid))
        else:
            self._doors.book.order(report)
            self._doors.latch(f"the venue answered about {order.coid} with another order")

    async def _cancel(self, order: Order) -> None:
        self.sending.add(order.coid)
        try:
            doors = self._doors
            for request in cancels_of(order, doors.contract):
                answer = await doors.line.call(request, lambda: order.status.is_live)
                if isinstance(answer, Answered):
                    self._cancelled(order, doors.contract.read_cancel(answer.response))
        finally:
            self.sending.discard(order.coid)

    def _cancelled(self, order: Order, said: Accepted | NotOpen | Unclear) -> None:
        if isinstance(said, Accepted):
            self._shown(order, said.report)
        else:
            self.to_ask.set()

    async def _cancel_stray(self, venue_id: str) -> None:
        seen = self._doors.state.foreign.get(venue_id)
        if seen is None:
            return
        answer = await self._doors.line.call(self._doors.contract.cancel_by_venue_id(seen.symbol, venue_id))
        if isinstance(answer, Answered):
            said = self._doors.contract.read_cancel(answer.response)
            if isinstance(said, Accepted):
                self._doors.book.order(said.report)

    def _due(self) -> list[Order]:
        live = self._doors.state.live.values()
        return [order for order in live if order.is_cancel_asked and order.coid not in self.sending]

    def _strays(self) -> list[str]:
        """Return the venue ids of orders outside our books that are ours to cancel."""
        doors = self._doors
        adopts = doors.setup.foreign is ForeignPolicy.ADOPT and doors.state.killed is not None
        return [each for each in doors.state.foreign if each in doors.book.strays or adopts]

    def _is_in_time(self, order: Order) -> bool:
        """Return whether a request that leaves now arrives well within its validity.

        Half of the validity is for the way. Where there is none, an order that has waited longer than an answer may take is
        no longer what was decided.
        """
        profile, clock = self._doors.setup.profile, self._doors.venue_clock
        longest = profile.timeout_ns if profile.valid_ns is None else profile.valid_ns // 2
        return clock.is_known and clock.now_ns() + clock.error_ns() - order.sent_at_ns <= longest
