"""Startup is recovery: one path, whether the last session ended in order or in the middle of a write.

 1. the journal is locked and its chain verified                        `runner.live.edge.sqlite_disk`, `restore`
 2. account, environment, configuration and program are those of the journal           `expect_same`
 3. the journal is folded into the state                                               `restore`
 4. the venue's clock is known, and this machine's isn't far from it                   `_know_the_time`
    and so is its next order number, where orders have one                             `_know_the_counter`
 5. a latch that was set stays set: the session halts, and only cancels                `Session`
 6. the private stream is open, and what it brings waits in line                       `_hear`
 7. executions and open orders are asked for, all pages                                `_resolve`
 8. every order whose fate isn't known is found out about                              `_resolve`
 9. orders and executions that aren't ours are counted, and refused by default         `Book`
10. positions and cash are the venue's, exactly                                        `_agree`
11. what waits in line goes the way of everything else, then the gate opens             `Session`

Every step may be repeated, by this process or by the next one after a crash in the middle of it. What can't be settled
within the time for it is a reason to halt, which is what `recover` returns; nothing is ever made up to settle it.
"""

from runner.errors import Fault, RunError
from runner.live.compare import MARGIN_NS, Comparison, compare, read_account
from runner.live.events import Adjust, NotPlaced
from runner.live.line import Answered
from runner.live.listener import Listener
from runner.live.model import State, Status
from runner.live.orders import Doors
from runner.live.pages import all_fills
from runner.live.profile import MS
from runner.live.resolver import Resolver
from runner.live.setup import Setup

__all__ = ["expect_same", "measure_time", "recover"]

FIXED = ("account", "run", "environment", "currency", "instruments")
"""What a journal never changes."""
AGAIN_NS = 500 * MS
AGREED_TO_DIFFER = 2
"""Readings that say the same difference."""


def expect_same(head: dict[str, str], state: State, setup: Setup) -> None:
    """Hold a session to its journal.

    Raises:
        RunError: the journal is of another account, run, environment or instruments; or of another configuration or program,
            and nobody accepted that by name.
    """
    ours = setup.head()
    faults = [
        Fault(
            f"journal.{name}", "must be what the journal began with", head.get(name, ""), f"This session has {ours[name]}."
        )
        for name in FIXED
        if head.get(name) != ours[name]
    ]
    for name, was, now in (("config", state.config, setup.config), ("code", state.code, setup.code)):
        if state.boots and was != now and not setup.accept_change:
            faults.append(Fault(f"journal.{name}", "must be that of the last session", was, "Accept the change by name."))
    if faults:
        raise RunError(faults)


async def measure_time(doors: Doors) -> bool:
    """Ask the venue what time it is; return whether it said."""
    answer = await doors.line.call(doors.contract.time())
    if not isinstance(answer, Answered):
        return False
    said = doors.contract.read_time(answer.response)
    if not isinstance(said, int):
        return False
    doors.venue_clock.measure(answer.sent_ns, answer.back_ns, said)
    return True


async def recover(doors: Doors, resolver: Resolver, listener: Listener) -> str | None:
    """Take the steps from the venue's clock to positions that agree; return why to halt, None for nothing."""
    return await _Recovery(doors, resolver, listener).run()


class _Recovery:
    """One recovery, with its deadline."""

    def __init__(self, doors: Doors, resolver: Resolver, listener: Listener) -> None:
        self._doors = doors
        self._resolver = resolver
        self._listener = listener
        self._until_ns = doors.ports.clock.mono_ns() + doors.setup.recover_ns

    async def run(self) -> str | None:
        known = (self._know_the_time, self._know_the_counter)
        for step in (*known, self._hear, self._open_account, self._resolve, self._agree):
            reason = await step()
            if reason is not None:
                return reason
        return None

    async def _again(self, doing: str) -> str | None:
        """Wait a moment before another try; return the reason to halt if there is no time for one, or something latched."""
        if self._doors.ports.clock.mono_ns() + AGAIN_NS > self._until_ns:
            return f"recovery took too long: {doing}"
        await self._doors.ports.clock.sleep(AGAIN_NS)
        return None

    async def _know_the_time(self) -> str | None:
        doors, profile = self._doors, self._doors.setup.profile
        while not (await measure_time(doors) and doors.venue_clock.error_ns() <= profile.max_time_error_ns):
            reason = await self._again("the venue doesn't tell its time well enough")
            if reason is not None:
                return reason
        skew = doors.venue_clock.skew_ns()
        if not abs(skew) <= profile.max_skew_ns:
            return f"this machine's clock is {skew // MS} ms ahead of the venue's"
        return None

    async def _know_the_counter(self) -> str | None:
        """Ask a venue that wants numbers for its next one; one that was used is not taken again, whatever the venue says."""
        doors = self._doors
        request = doors.contract.counter() if doors.setup.profile.takes_integer_ids else None
        while request is not None:
            answer = await doors.line.call(request)
            said = doors.contract.read_counter(answer.response) if isinstance(answer, Answered) else None
            if isinstance(said, int):
                doors.next_integer = said
                if said <= doors.state.last_integer:
                    doors.ports.alarm.ring("COUNTER", f"the venue counts from {said} again, ours go on")
                return None
            reason = await self._again("the venue doesn't tell its next order number")
            if reason is not None:
                return reason
        return None

    async def _hear(self) -> str | None:
        while self._listener.connected_ns is None:
            reason = await self._again("the private stream doesn't open")
            if reason is not None:
                return reason
        return None

    async def _open_account(self) -> str | None:
        """Take the account as it is as the opening balance of a new journal, at a moment without executions around it."""
        doors = self._doors
        while doors.state.opened_at_ns is None:
            epoch = doors.venue_clock.epoch
            reading = await read_account(doors)
            if reading is not None:
                self._resolver.swept_to_ns = reading.from_ns - 2 * doors.setup.profile.visible_ns
                await doors.ports.clock.sleep(doors.setup.profile.visible_ns + 2 * doors.venue_clock.error_ns() + MARGIN_NS)
                is_quiet = await self._is_quiet(self._resolver.swept_to_ns)
                if is_quiet and doors.venue_clock.epoch == epoch:
                    positions = tuple(sorted((symbol, lots) for symbol, lots in reading.positions.items() if lots))
                    cash = tuple(sorted(reading.cash.items()))
                    doors.journal.append(Adjust("opening balance", positions, cash, reading.to_ns, is_opening=True))
                    self._resolver.swept_to_ns = reading.to_ns
                    return None
            reason = await self._again("the account doesn't rest for long enough to open it")
            if reason is not None:
                return reason
        return None

    async def _is_quiet(self, since_ns: int) -> bool:
        """Return whether the account had no execution since a venue time."""
        return await all_fills(self._doors.line, self._doors.contract, since_ns) == []

    async def _resolve(self) -> str | None:
        while True:
            self._take_the_operators_word()
            swept = await self._resolver.sweep_fills() and await self._resolver.sweep_open()
            await self._resolver.ask_round()
            if swept and not self._is_unsettled():
                return None
            reason = await self._again("an order's fate can't be found out")
            if reason is not None:
                return reason

    def _is_unsettled(self) -> bool:
        state, setup = self._doors.state, self._doors.setup
        told = setup.resume_absent if setup.resume is not None else frozenset()
        unknown = any(
            order.status is Status.UNKNOWN and (order.symbol not in state.frozen or order.coid in told)
            for order in state.live.values()
        )
        return unknown or self._doors.book.is_short or bool(self._resolver.doubtful & state.live.keys())

    async def _agree(self) -> str | None:
        seen: tuple[str, ...] = ()
        times = 0
        while True:
            found = await compare(self._doors, self._resolver)
            if found is not None and not found.differences and not found.open:
                return None
            if found is not None and found.differences:
                times = times + 1 if found.differences == seen else 1
                seen = found.differences
                if times >= AGREED_TO_DIFFER and not self._adjusts(found):
                    return f"the account isn't what the journal says: {'; '.join(seen)}"
            reason = await self._again(f"the account can't be compared: {'; '.join(seen) or 'no whole reading'}")
            if reason is not None:
                return reason

    def _adjusts(self, found: Comparison) -> bool:
        """Take the venue's word for a difference if the operator said so; return whether he did."""
        setup = self._doors.setup
        if setup.resume is None or not setup.resume_adjusts or found.open:
            return False
        self._doors.journal.append(Adjust(f"resumed: {setup.resume}", found.positions, found.cash, 0))
        return True

    def _take_the_operators_word(self) -> None:
        """End the orders that the operator knows the venue doesn't have; not before nothing slow can bring one any more."""
        state, setup = self._doors.state, self._doors.setup
        young_ns = self._doors.venue_clock.now_ns() - setup.profile.unknown_limit_ns
        for coid in sorted(setup.resume_absent) if setup.resume is not None else ():
            order = state.live.get(coid)
            if order is None or order.sent_at_ns > young_ns:
                continue
            if order.status is Status.UNKNOWN and not order.is_acked:
                self._doors.journal.append(NotPlaced(coid, "operator"))
