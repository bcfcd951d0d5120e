"""A session: from the journal's first line to the last, one loop, one state.

    BOOT → RECONCILING → LIVE ⇄ DEGRADED → HALTED (latched) → STOPPING → CLOSED

- `run` restores the journal, recovers (see `runner.live.recovery`), trades until it is told to stop or latched, sees to it
  that every order is proved to have ended, and returns the exit code.
- `latch` closes the gate at once, writes the latch, and has everything cancelled until the venue proves it. It survives the
  process; a later session may take it off for the operator, after all is reconciled.
- DEGRADED is whatever makes the next decision unsafe but not the books wrong: no stream, a slow disk, no venue time, not
  reconciled since one of them came back. It ends by itself.
- Whatever goes wrong in a part of the session that nobody has thought of latches it: the part is started again, because what
  it did may be what cancels, but nothing new is sent.

Exit codes: 0 in order, 2 refused before it began (raised as `RunnerError`), 3 ended with orders that may still fill,
4 halted, 5 the journal is quarantined.
"""

import asyncio
from collections.abc import Callable

from runner.errors import Fault, RunError
from runner.live.book import Book
from runner.live.compare import compare
from runner.live.contract import Contract, Unclear
from runner.live.desk import Cancel, Desk, Informed, Replace, View
from runner.live.events import Boot, Close, Gate, Kill, Resume
from runner.live.fold import SESSION_EDGES
from runner.live.gate import Gate as RiskGate
from runner.live.gate import Wanted
from runner.live.health import Health
from runner.live.ids import prefix_of
from runner.live.invariant import invariant
from runner.live.journal import Journal, Quarantined, restore
from runner.live.line import Line
from runner.live.listener import Listener
from runner.live.marking import mark
from runner.live.model import Quote, SessionState, State, Status
from runner.live.orders import Doors, Orders
from runner.live.ports import DiskFailed, Ports
from runner.live.profile import SECOND
from runner.live.recovery import expect_same, measure_time, recover
from runner.live.resolver import Resolver
from runner.live.setup import Setup
from runner.live.tasks import Tasks
from runner.live.venue_clock import VenueClock
from runner.live.waiting import either

__all__ = ["EXIT_HALTED", "EXIT_LEFT", "EXIT_OK", "EXIT_QUARANTINED", "Session"]

EXIT_OK = 0
EXIT_LEFT = 3
EXIT_HALTED = 4
EXIT_QUARANTINED = 5


def _nothing() -> None:
    """Nobody wants to know."""


class Session:
    """One session with one account at one venue."""

    def __init__(self, ports: Ports, setup: Setup, contract: Contract, desk: Desk) -> None:
        """Prepare; nothing is read or sent before `run`."""
        self.ports = ports
        self.setup = setup
        self.contract = contract
        self.desk = desk
        self.tasks = Tasks(ports.clock, self._failed)
        self.quotes: dict[str, Quote] = {}
        self.journal: Journal
        self.doors: Doors
        self.book: Book
        self.gate: RiskGate
        self.line: Line
        self.venue_clock: VenueClock
        self.orders: Orders
        self.resolver: Resolver
        self.listener: Listener
        self.on_news: Callable[[], None] = _nothing
        """Called whenever the venue has said something."""
        self.health: Health
        self._is_stopping = False
        self._is_fast = False
        self._is_recovered = False
        self._is_latch_left = False
        self._sweep_to_ns: int | None = None
        """Venue time that the last sweep has to reach; None while it isn't known yet."""
        self._moved = asyncio.Event()
        self._must_measure = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._snapshot_at = 0

    @property
    def state(self) -> State:
        """Return the state."""
        return self.journal.state

    async def run(self) -> int:
        """Run to the end; return the exit code.

        Raises:
            RunError: the journal is of another session, or a new one can't be begun.
        """
        try:
            await self._open()
        except Quarantined as found:
            self.ports.alarm.ring("QUARANTINED", str(found))
            self.ports.disk.close()
            return EXIT_QUARANTINED
        except BaseException:
            self.ports.disk.close()
            raise
        try:
            return await self._live()
        finally:
            await self._end_tasks()
            self.ports.disk.close()

    def stop(self, *, fast: bool = False) -> None:
        """Ask the session to end: in order, or, when asked a second time or `fast`, without waiting for proof."""
        self._is_fast = self._is_fast or fast or self._is_stopping
        self._is_stopping = True
        self._moved.set()

    def on_quote(self, quote: Quote) -> None:
        """Take the market's word, and ask the desk what it wants."""
        if quote.symbol in self.setup.instruments:
            self.quotes[quote.symbol] = quote
            if self._is_recovered and self.state.session in {SessionState.LIVE, SessionState.DEGRADED}:
                self.consult()

    def consult(self) -> None:
        """Ask the desk what it wants, and try that."""
        if not self.venue_clock.is_known:
            return
        try:
            instructions = tuple(self.desk.decide(View(self.state, self.quotes, self.venue_clock.now_ns())))
        except Exception as problem:  # noqa: BLE001 - whatever a strategy does, it does not get past here
            self.latch(f"the strategy failed: {type(problem).__name__}")
            return
        try:
            for instruction in instructions:
                self._try(instruction)
        except Exception as problem:  # noqa: BLE001 - a bug of ours halts the session, not the feed that brought the quote
            self._failed("an instruction", problem)

    def latch(self, reason: str) -> None:
        """Close the gate for good: nothing new leaves, everything that is out is cancelled until that is proved."""
        state = self.state
        if state.killed is not None and state.session in {SessionState.HALTED, SessionState.STOPPING}:
            self._leave_latch()
            return
        if state.killed is None:
            self.ports.alarm.ring("KILL", reason)
            self.journal.append(Kill(reason))
        if SessionState.HALTED in SESSION_EDGES[state.session] and state.session is not SessionState.STOPPING:
            self.journal.append(Gate(SessionState.HALTED, reason))
        self.orders.cancel_all("latched")
        self.listener.arrived.set()
        self._leave_latch()
        self._moved.set()

    async def _open(self) -> None:
        """Restore the journal and make the parts."""
        head = self.ports.disk.head()
        if not head:
            head = self.setup.head()
            try:
                await self.ports.disk.found(head)
            except DiskFailed as failure:
                raise RunError(Fault("journal", "must be a file that can be begun", str(failure))) from None
        restored = restore(self.ports.disk, dict(self.setup.instruments))
        expect_same(head, restored[0], self.setup)
        self.setup = self.setup.permitted(restored[0].permission)
        setup, ports = self.setup, self.ports
        self.journal = Journal(ports.disk, ports.clock, restored)
        self.venue_clock = VenueClock(ports.clock)
        self.gate = RiskGate(setup.limits, setup.currency)
        self.line = Line(ports.rest, ports.clock, ports.randomness, self.contract, setup.profile)
        prefix = prefix_of(setup.account, setup.run)
        self.book = Book(self.journal, self.venue_clock, ports.alarm, prefix, setup.limits, setup.foreign)
        self.doors = Doors(
            ports=ports,
            setup=setup,
            contract=self.contract,
            journal=self.journal,
            line=self.line,
            venue_clock=self.venue_clock,
            gate=self.gate,
            book=self.book,
            quotes=self.quotes,
            latch=self.latch,
            spawn=self.tasks.spawn,
        )
        self.orders = Orders(self.doors)
        self.resolver = Resolver(self.doors, self.orders)
        self.listener = Listener(ports, setup.profile, self.latch)
        self.health = Health(self.doors, self.resolver, self.listener)
        self.book.latch = self.latch
        self.book.on_cancel = self._cancel_for_book
        self.line.on_ban = self._banned

    async def _live(self) -> int:
        self.journal.append(Boot(self.ports.clock.utc_ns(), self.setup.config, self.setup.code))
        self.journal.append(Gate(SessionState.RECONCILING, "startup is recovery"))
        self._start()
        asked = self.ports.kill.asked()
        if asked is not None:
            self.latch(asked)
        elif self.state.killed is not None and self.setup.resume is None:
            self.latch(self.state.killed)
        else:
            self.tasks.spawn(self._recover, "recover")
        while not (self._is_stopping or self.state.session is SessionState.HALTED):
            await self._next_turn()
        if self.state.session is SessionState.HALTED and not self._is_stopping:
            await self._until_proved(self.setup.halt_ns)
        return await self._shut_down()

    def _start(self) -> None:
        """Start what runs from beginning to end."""
        self._writer = self.tasks.spawn(self.journal.run, "journal")
        self.tasks.spawn(self.listener.run, "listen")
        self.tasks.repeat(self._read_frames, "frames")
        self.tasks.repeat(self._cancel_turn, "cancel")
        self.tasks.repeat(self._resolve_turn, "resolve")
        self.tasks.repeat(self._pulse_turn, "pulse")
        self.tasks.repeat(self._mark_turn, "mark")
        self.tasks.repeat(self._time_turn, "time")
        self.tasks.repeat(self._compare_turn, "compare")
        if self.setup.profile.dead_man_ns is not None:
            self.tasks.repeat(self._dead_man_turn, "dead man")

    async def _recover(self) -> None:
        """Recover; then let what waited in line go its way, and open the gate."""
        reason = await recover(self.doors, self.resolver, self.listener)
        if self.state.session is not SessionState.RECONCILING:
            return
        if reason is not None:
            self.latch(reason)
            return
        self._take_frames()
        # A frame may have latched what was about to open.
        if self.state.session is SessionState.RECONCILING and self._may_resume():
            self._snapshot_at = self.journal.snapshot()
            self._is_recovered = True
            reason = self.health.unwell()
            self._go_to(SessionState.LIVE if reason is None else SessionState.DEGRADED, reason or "recovered")

    def _may_resume(self) -> bool:
        """Take the latch off if the operator asked for it; return whether the session may trade."""
        asked = self.ports.kill.asked()
        if asked is not None:
            self.latch(asked)
            return False
        if self.state.killed is None and not self.state.frozen:
            return True
        if self.setup.resume is None:
            return self.state.killed is None
        self.journal.append(Resume(self.setup.resume))
        return True

    def _try(self, instruction: object) -> None:
        match instruction:
            case Wanted():
                outcome = self.orders.submit(instruction)
                if isinstance(self.desk, Informed):
                    self.desk.told(instruction, outcome)
            case Cancel(coid):
                self.orders.cancel(coid, "the strategy")
            case Replace():
                self.orders.replace(instruction)
            case _:
                self.latch("the strategy answered what is no instruction")

    def _cancel_for_book(self, coid: str, why: str) -> None:
        self.orders.cancel(coid, why)

    def _banned(self, reason: str) -> None:
        self.latch(f"the venue has shut us out ({reason})")

    def _go_to(self, state: SessionState, reason: str) -> None:
        self.journal.append(Gate(state, reason))
        self._moved.set()

    def _failed(self, name: str, problem: Exception) -> None:
        self.ports.alarm.ring("FAILED", f"{name}: {type(problem).__name__}")
        self.latch(f"{name} failed: {type(problem).__name__}")

    async def _read_frames(self) -> None:
        """Read what is in line; before the recovery has ended it stays there."""
        await self.listener.arrived.wait()
        self.listener.arrived.clear()
        if self._is_recovered or self.state.session in {SessionState.HALTED, SessionState.STOPPING}:
            self._take_frames()

    def _take_frames(self) -> None:
        while self.listener.frames:
            said = self.contract.read_frame(self.listener.frames.popleft())
            if isinstance(said, Unclear):
                self.ports.alarm.ring("FRAME", f"a frame can't be read: {said.reason}")
                self._reconcile()
            else:
                for report in said:
                    self.book.take(report)
        if self.book.is_short:
            self.orders.to_ask.set()
        self.on_news()

    async def _cancel_turn(self) -> None:
        await either(self.orders.to_cancel, self.ports.clock, self.setup.resolve_ns)
        if any(order.is_cancel_asked for order in self.state.live.values()) or self.state.foreign:
            await self.orders.cancel_round()

    async def _resolve_turn(self) -> None:
        await either(self.orders.to_ask, self.ports.clock, self.setup.resolve_ns)
        if self.state.session in {SessionState.BOOT, SessionState.RECONCILING} or not self.venue_clock.is_known:
            return
        is_last = self._sweep_to_ns is not None and self.resolver.swept_to_ns < self._sweep_to_ns
        if self.health.is_due(self.resolver.swept_fills_ns) or self.book.is_short or is_last:
            await self.resolver.sweep_fills()
        if self.health.is_due(self.resolver.swept_open_ns):
            await self.resolver.sweep_open()
        await self.resolver.ask_round()
        self._moved.set()

    async def _pulse_turn(self) -> None:
        await self.ports.clock.sleep(self.setup.pulse_ns)
        self.ports.kill.beat()
        asked = self.ports.kill.asked()
        if asked is not None and (self.state.killed is None or self.state.session is SessionState.RECONCILING):
            self.latch(asked)
        if self.journal.failure is not None and not self._is_latch_left:
            self.latch("the journal can't be written")
        if self.health.has_slept():
            self._wake()
        await self.listener.close_if_silent()
        self._judge_health()
        # The longer a journal, the larger its snapshots and the rarer: together they stay a few times the last one.
        due = max(self.setup.snapshot_rows, self._snapshot_at // 2)
        if self._is_recovered and self.journal.appended - self._snapshot_at >= due:
            self._snapshot_at = self.journal.snapshot()

    def _wake(self) -> None:
        """Trust nothing any more after a sleep: everything known is old."""
        self.ports.alarm.ring("SLEPT", "the machine slept, or its clock was set")
        self.venue_clock.forget()
        # The monotonic clock may have slept, too: no quote is as young as it says.
        self.quotes.clear()
        self._must_measure.set()
        self._reconcile()

    def _reconcile(self) -> None:
        """Ask for everything anew before the next order."""
        self.health.missed()
        self.orders.to_ask.set()

    def _judge_health(self) -> None:
        state = self.state.session
        if state not in {SessionState.LIVE, SessionState.DEGRADED}:
            return
        reason = self.health.unwell()
        if reason is not None and state is SessionState.LIVE:
            self._go_to(SessionState.DEGRADED, reason)
        elif reason is None and state is SessionState.DEGRADED:
            self._go_to(SessionState.LIVE, "all is well again")

    async def _mark_turn(self) -> None:
        await self.ports.clock.sleep(self.setup.mark_ns)
        if not self._is_recovered or not self.venue_clock.is_known:
            return
        mark(self.doors, self.resolver.swept_to_ns)

    async def _time_turn(self) -> None:
        profile, clock = self.setup.profile, self.venue_clock
        is_poor = not clock.is_known or clock.error_ns() > profile.max_time_error_ns // 2
        await either(self._must_measure, self.ports.clock, SECOND if is_poor else profile.time_every_ns)
        await measure_time(self.doors)

    async def _compare_turn(self) -> None:
        await self.ports.clock.sleep(self.setup.compare_ns)
        if not self._is_recovered or self.state.session not in {SessionState.LIVE, SessionState.DEGRADED}:
            return
        found = await compare(self.doors, self.resolver)
        if found is None or not found.differences:
            return
        again = await compare(self.doors, self.resolver)
        lasting = sorted(set(found.differences) & set(again.differences)) if again is not None else []
        if lasting:
            self.latch(f"the account isn't what the journal says: {'; '.join(lasting)}")

    async def _dead_man_turn(self) -> None:
        after_ns = self.setup.profile.dead_man_ns
        invariant(after_ns is not None, "only a venue that has one arms a dead man's switch")
        await self.ports.clock.sleep((after_ns or 0) // 4)
        if self.state.session is SessionState.LIVE:
            await self.line.call(self.contract.dead_man(after_ns or 0), lambda: self.state.session is SessionState.LIVE)

    async def _shut_down(self) -> int:
        """End in order: gate closed, senders done, orders cancelled and proved to have ended, the last line written."""
        was_halted = self.state.killed is not None
        self._go_to(SessionState.STOPPING, "asked to stop" if self._is_stopping else "halted")
        self.listener.arrived.set()
        if self.setup.cancel_on_stop and not self._is_fast:
            self.orders.cancel_all("the session ends")
        if self._is_stopping and not self._is_fast:
            await self._until_proved(self.setup.drain_ns)
        if self.setup.profile.dead_man_ns is not None and not self.setup.cancel_on_stop and not self._is_fast:
            await self.line.call(self.contract.dead_man(0))
        # Nothing may happen after the last line.
        await self._end_tasks(but=self._writer)
        code = self._exit_code(was_halted=was_halted or self.state.killed is not None)
        self.journal.append(Close("asked to stop" if self._is_stopping else "halted", code))
        try:
            await self.journal.flush()
        except DiskFailed:
            self._leave_latch()
            return code if code == EXIT_LEFT else EXIT_HALTED
        return code

    def _exit_code(self, *, was_halted: bool) -> int:
        left = [order for order in self.state.live.values() if self._is_left(order.status)]
        if left or self.book.strays:
            names = ", ".join(f"{order.coid} ({order.status})" for order in left)
            self.ports.alarm.ring("LEFT", f"orders that may still fill: {names}")
            return EXIT_LEFT
        return EXIT_HALTED if was_halted else EXIT_OK

    def _is_left(self, status: Status) -> bool:
        """Return whether a living order is one too many: every one, unless those that work were meant to stay."""
        return self.setup.cancel_on_stop or self.state.killed is not None or status is Status.UNKNOWN

    async def _until_proved(self, longest_ns: int) -> None:
        """Wait until nothing of ours may still fill and the books hold all that was executed until then.

        For so long at most, or until asked to stop, or to be fast.
        """
        until_ns = self._now() + longest_ns
        is_stopping = self._is_stopping
        while self._now() < until_ns and not self._is_fast and self._is_stopping == is_stopping:
            if self._is_something_out() or not self.venue_clock.is_known:
                self._sweep_to_ns = None
            elif self._sweep_to_ns is None:
                self._sweep_to_ns = self.venue_clock.now_ns() + self.venue_clock.error_ns()
            elif self.resolver.swept_to_ns >= self._sweep_to_ns:
                return
            await self._next_turn()

    def _is_something_out(self) -> bool:
        wanted_out = any(self._is_left(order.status) for order in self.state.live.values())
        return wanted_out or bool(self.orders.sending) or bool(self.book.strays)

    async def _next_turn(self) -> None:
        await either(self._moved, self.ports.clock, self.setup.pulse_ns)

    async def _end_tasks(self, *, but: asyncio.Task[None] | None = None) -> None:
        """End what still runs; a request under way is as uncertain as one that timed out."""
        await self.line.limiter.stop()
        await self.tasks.end(but=but)
        await self.ports.stream.close()

    def _leave_latch(self) -> None:
        """Make the latch outlive the process where the journal can't."""
        if self.journal.failure is not None and not self._is_latch_left:
            self._is_latch_left = True
            self.ports.kill.latch(self.state.killed or "the journal can't be written")

    def _now(self) -> int:
        return self.ports.clock.mono_ns()
