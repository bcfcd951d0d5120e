"""What the venue says becomes events, each fact once: the only place where reports turn into lines of the journal.

Frames of the stream, answers to orders and sweeps of the REST side all come through here, in any order, any number of times.

- An execution is counted by its id; the same id with other numbers latches the session.
- An order is acknowledged by the first report that shows it, a fill among them.
- An order ends when every order of its id at the venue has ended and the executions we know add up to what the venue filled.
  Until then an end is remembered, and the missing executions are swept for.
- Whatever contradicts a proof, or isn't ours, is booked where money moved, and the session is latched.
"""

from collections.abc import Callable
from dataclasses import dataclass

from runner.live.contract import BustReport, End, FillReport, Frame, OrderReport
from runner.live.events import Ack, Bust, Canceled, Correct, Fill, ForeignFill, ForeignSeen, Reject
from runner.live.ids import number_of
from runner.live.journal import Journal
from runner.live.limits import Limits
from runner.live.model import Execution, Order, Status
from runner.live.money import Money
from runner.live.ports import Alarm
from runner.live.setup import ForeignPolicy
from runner.live.venue_clock import VenueClock

__all__ = ["Book", "Move"]

PROVEN_ABSENT = {Status.REJECTED, Status.NOT_PLACED}


@dataclass(frozen=True, slots=True)
class Move:
    """What an execution did to positions and cash, and when."""

    at_ns: int
    symbol: str
    lots: int
    amount: Money
    currency: str
    fee: Money


class Book:
    """Turns reports into events of one session's journal."""

    def __init__(
        self, journal: Journal, venue_clock: VenueClock, alarm: Alarm, prefix: str, limits: Limits, policy: ForeignPolicy
    ) -> None:
        """Begin with what the journal knows."""
        self.prefix = prefix
        self.policy = policy
        self.moves: dict[str, Move] = {}
        """Execution id → its effect, of executions seen by this process."""
        self.strays: set[str] = set()
        """Venue ids of open orders that are ours by their name and not in the journal as living ones."""
        self.latch: Callable[[str], None] = _unheard
        self.on_cancel: Callable[[str, str], None] = _uncancelled
        self._ends: dict[str, OrderReport] = {}
        self._shown: dict[str, int] = {}
        self._journal = journal
        self._state = journal.state
        self._clock = venue_clock
        self._alarm = alarm
        self._limits = limits

    @property
    def is_short(self) -> bool:
        """Whether a living order's executions are fewer than what the venue says it filled: a sweep is due."""
        return bool(self.short())

    def short(self) -> list[str]:
        """Return the ids of the orders that are."""
        return [
            order.coid
            for order in self._state.live.values()
            if order.filled < sum(self._shown.get(venue_id, 0) for venue_id in order.venue_ids)
        ]

    def take(self, report: Frame) -> None:
        """Take one report of any kind."""
        match report:
            case OrderReport():
                self.order(report)
            case FillReport():
                self.fill(report)
            case BustReport():
                self.bust(report)

    def order(self, report: OrderReport) -> None:
        """Take a report about an order."""
        coid = self._owner(report.coid, report.venue_id)
        order = self._state.orders.get(coid or "")
        if report.venue_id in self.strays:
            self._count_stray(report)
        elif order is None:
            self._foreign_order(report, is_ours=coid is not None)
        elif self._contradicts(report, order):
            self._stray(report, f"a report about {order.coid} doesn't fit it")
        elif order.status.is_live:
            self._living(report, order)
        elif report.venue_id not in order.venue_ids and report.end is None:
            self._stray(report, f"{order.coid} is {order.status}, but the venue shows it open")

    def fill(self, report: FillReport) -> None:
        """Take a report about an execution."""
        if report.exec_id in self._state.busted:
            return
        known = self._state.executions.get(report.exec_id)
        coid = self._owner(report.coid, report.venue_id)
        if known is not None:
            self._repeated(report, known, coid)
            return
        order = self._state.orders.get(coid or "")
        if order is None:
            self._foreign_fill(report, is_ours=coid is not None)
        elif self._contradicts(report, order):
            self._book_foreign(report)
            self.latch(f"execution {report.exec_id} doesn't fit {order.coid}")
        else:
            self._own_fill(report, order)

    def bust(self, report: BustReport) -> None:
        """Take back an execution, known or not yet; it is the operator's to say what follows."""
        if report.exec_id not in self._state.busted:
            self._journal.append(Bust(report.exec_id))
            self.moves.pop(report.exec_id, None)
            self.latch(f"the venue took back execution {report.exec_id}")

    def reject(self, order: Order, code: str) -> None:
        """Take a definitive answer that an order was not placed."""
        if not order.status.is_live:
            return
        if order.is_acked or order.filled:
            self._alarm.ring("CONTRADICTION", f"{order.coid} was rejected ({code}) after the venue had shown it")
            return
        self._journal.append(Reject(order.coid, code, self._clock.now_ns()))
        most, now = self._limits.rejects, self._clock.now_ns()
        if most is not None and sum(now - at < self._limits.rejects_ns for at in self._state.rejects) >= most:
            self.latch(f"{most} orders were rejected in a row of moments, the last one as {code}")

    def is_ours(self, coid: str | None) -> bool:
        """Return whether an id is one that this run on this account gives."""
        return number_of(self.prefix, coid) is not None

    def forget(self, before_ns: int) -> None:
        """Let go of effects older than a venue time, and of what was said about orders that have ended."""
        living = {venue_id for order in self._state.live.values() for venue_id in order.venue_ids}
        self._shown = {key: filled for key, filled in self._shown.items() if key in living}
        self._ends = {key: end for key, end in self._ends.items() if key in living}
        self.moves = {key: move for key, move in self.moves.items() if move.at_ns >= before_ns}

    def _owner(self, coid: str | None, venue_id: str) -> str | None:
        """Return the id of the order of ours a report is about: by its own id, else by the venue's."""
        if coid is None:
            return self._state.by_venue_id.get(venue_id)
        return coid if self.is_ours(coid) else None

    def _contradicts(self, report: OrderReport | FillReport, order: Order) -> bool:
        """Return whether a report can't be about an order: another instrument or side, or a venue id of another order."""
        owner = self._state.by_venue_id.get(report.venue_id, order.coid)
        return (report.symbol, report.side, owner) != (order.symbol, order.side, order.coid)

    def _living(self, report: OrderReport, order: Order) -> None:
        if report.venue_id not in order.venue_ids:
            if report.end is End.REJECTED and report.filled == 0 and not order.is_acked:
                self.reject(order, "after it was taken")
                return
            self._acknowledge(report, order)
        self._shown[report.venue_id] = report.filled
        if report.end is not None:
            self._ends[report.venue_id] = report
        if order.status.is_live:
            self._try_to_end(order)

    def _acknowledge(self, report: OrderReport, order: Order) -> None:
        if (report.quantity, report.price) != (order.quantity, order.price):
            self._alarm.ring("CHANGED", f"the venue made another order of {order.coid}: its numbers count")
        is_fork = order.is_acked
        self._journal.append(Ack(order.coid, report.venue_id, report.quantity, report.price))
        if is_fork:
            self.on_cancel(order.coid, "the venue made two orders of it")
            self.latch(f"the venue made two orders of {order.coid}")

    def _try_to_end(self, order: Order) -> None:
        """End an order if every order of its name at the venue has ended and all of its fills are known."""
        ends = [self._ends[venue_id] for venue_id in order.venue_ids if venue_id in self._ends]
        if not ends or len(ends) < len(order.venue_ids):
            return
        if sum(end.filled for end in ends) != order.filled:
            return
        end = ends[-1].end
        # Filled, and yet less than we asked for: the venue has made it smaller.
        self._journal.append(Canceled(order.coid, End.CANCELED if end in {None, End.FILLED} else end, order.filled))

    def _own_fill(self, report: FillReport, order: Order) -> None:
        was = order.status
        self._journal.append(
            Fill(
                report.exec_id,
                order.coid,
                report.venue_id,
                report.quantity,
                report.each,
                report.fee,
                report.currency,
                report.at_ns,
            )
        )
        self._remember(report)
        if not was.is_live:
            self._alarm.ring("LATE_FILL", f"{order.coid} was {was} and has filled after all")
        if was in PROVEN_ABSENT:
            self.latch(f"{order.coid} was {was}, and the venue executed it")
        if order.filled > order.quantity:
            self.latch(f"{order.coid} was filled beyond its quantity")
        if order.status.is_live:
            self._try_to_end(order)
        repeats, most = self._state.repeats.get(order.symbol, (0, 0))[1], self._limits.repeats
        if most is not None and repeats > most:
            self.latch(f"{repeats} orders in {order.symbol} were executed on one decision")

    def _repeated(self, report: FillReport, known: Execution, coid: str | None) -> None:
        """Tell a repetition, which is nothing, from a correction, which is booked and the operator's to judge."""
        owner = known.coid if known.coid is not None else coid
        if (coid, report.symbol, report.side) != (owner, known.symbol, known.side):
            self.latch(f"the venue says execution {report.exec_id} was of something else")
            return
        self._remember(report)
        if (report.quantity, report.each, report.fee) != (known.quantity, known.each, known.fee):
            self._journal.append(Correct(report.exec_id, report.quantity, report.each, report.fee, report.currency))
            self.latch(f"the venue changed execution {report.exec_id}")
            order = self._state.orders.get(known.coid or "")
            if order is not None and order.status.is_live:
                self._try_to_end(order)

    def _foreign_order(self, report: OrderReport, *, is_ours: bool) -> None:
        if is_ours:
            if report.end is None:
                self._stray(report, f"the venue shows {report.coid}, which our journal doesn't know")
            return
        if self._count_foreign(report) and self.policy is ForeignPolicy.REFUSE:
            self.latch(f"an open order of the account is not ours: {report.venue_id}")

    def _stray(self, report: OrderReport, why: str) -> None:
        """Count an order that bears our name and has no place among ours, see that it is cancelled, and latch."""
        if report.end is None:
            self.strays.add(report.venue_id)
            self._count_stray(report)
        self.latch(why)

    def _count_stray(self, report: OrderReport) -> None:
        self._count_foreign(report)
        if report.end is not None:
            self.strays.discard(report.venue_id)

    def _count_foreign(self, report: OrderReport) -> int:
        """Count what remains of an order that isn't among ours; return it."""
        remaining = 0 if report.end is not None else max(report.quantity - report.filled, 0)
        known = self._state.foreign.get(report.venue_id)
        if remaining != (known.remaining if known else 0):
            self._journal.append(ForeignSeen(report.venue_id, report.symbol, report.side, remaining, report.price))
        return remaining

    def _foreign_fill(self, report: FillReport, *, is_ours: bool) -> None:
        opened = self._state.opened_at_ns
        if not is_ours and (opened is None or report.at_ns <= opened):
            return  # the opening balance holds it
        self._book_foreign(report)
        if is_ours:
            self.latch(f"the venue executed {report.coid}, which our journal doesn't know")
        elif self.policy is ForeignPolicy.REFUSE:
            self.latch(f"an execution of the account is not ours: {report.exec_id}")

    def _book_foreign(self, report: FillReport) -> None:
        self._journal.append(
            ForeignFill(
                report.exec_id,
                report.venue_id,
                report.symbol,
                report.side,
                report.quantity,
                report.each,
                report.fee,
                report.currency,
                report.at_ns,
            )
        )
        self._remember(report)

    def _remember(self, report: FillReport) -> None:
        lots = report.side * report.quantity
        self.moves[report.exec_id] = Move(
            report.at_ns, report.symbol, lots, -lots * report.each, report.currency, report.fee
        )


def _unheard(_: str) -> None:
    """Nobody listens yet."""


def _uncancelled(_: str, __: str) -> None:
    """Nobody cancels yet."""
