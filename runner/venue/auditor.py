"""What must hold at every instant, judged by the exchange's own books and the bytes that left, never by the session's word.

    S1  every decision has at most one order at the venue, and every client order id too
    S2  position plus all that may still fill is within every limit, at the venue
    S3  nothing new is sent after a kill, nor by a session that isn't open for trading
    S4  an intent is durable before its first byte leaves
    S5  each execution is counted once; positions are the sum of distinct executions, exactly
    S6  no order is called ended without proof: the venue agrees now, and nothing arrives later
    S7  messages stay within the venue's budget, and none is sent while it has asked to be left alone
    S8  no order is decided on data older than allowed, or on a book that is known to be broken
    S9  cash is what the executions and fees make it, exactly
    S10 no byte that is written or shown has the secret in it

The first breach ends the run: what comes after it proves nothing.
"""

import json
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from runner.live.events import Canceled, event_of
from runner.live.listener import MOST_WAITING
from runner.live.model import SessionState, State
from runner.live.money import money_of
from runner.live.ports import Action, Request, Response, Row
from runner.venue.book import VenueFill
from runner.venue.disk import Platter
from runner.venue.exchange import Exchange
from runner.venue.faults import Fault, FaultPlan
from runner.venue.outcome import Breach
from runner.venue.process import Life, SimAlarm, SimKill
from runner.venue.rules import ATOM, INSTRUMENTS
from runner.venue.world import SECOND, World

__all__ = ["Auditor", "Bounds", "Decision"]

TERMINAL_ROWS = frozenset({"REJECT", "NOT_PLACED", "CANCELED"})
NEW = frozenset({Action.PLACE, Action.REPLACE})
OPEN_FOR_TRADING = frozenset({SessionState.LIVE, SessionState.DEGRADED})
BUGS = frozenset({"FAILED", "CONTRADICTION", "QUARANTINED"})
"""Alarms that tell of a bug of ours, or of a journal that isn't what was written: no fault of these worlds asks for one."""
BEYOND_CONTROL = (Fault.FOREIGN, Fault.OVERFILL, Fault.LATE_FILL, Fault.BUST)
"""What moves a position whatever a session does."""
MONEY_PER_ATOM = money_of(ATOM)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits a session was given, as the auditor measures them at the venue."""

    position: dict[str, int]
    """Symbol → most lots, long or short."""
    gross: Decimal
    """Most worth of all positions and open orders together."""
    quote_age: int
    """Nanoseconds after which market data are too old to decide on."""
    orders: int
    """New orders it may decide on within `orders_within`."""
    orders_within: int
    orders_per_window: int
    requests_per_window: int
    window: int


class Watched(Protocol):
    """What the auditor reads of a session."""

    @property
    def state(self) -> State:
        """Return everything it knows."""


@dataclass(frozen=True, slots=True)
class Decision:
    """When a decision was made, and on which quote."""

    at: int
    quote_at: int | None
    is_valid: bool


class Auditor:
    """Looks at everything and believes nobody."""

    def __init__(
        self, world: World, exchange: Exchange, platter: Platter, plan: FaultPlan, bounds: Bounds, secret: str
    ) -> None:
        """Watch an exchange and a disk."""
        self.breach: Breach | None = None
        self.decisions: dict[int, Decision] = {}
        """Number of a decision → what it was made on."""
        self.session: Watched | None = None
        self.life: Life | None = None
        self._world = world
        self._exchange = exchange
        self._platter = platter
        self._plan = plan
        self.bounds = bounds
        self._secret = secret
        self._kill: SimKill | None = None
        self._ended: dict[str, str] = {}
        """Client order id → the kind of row that ended it."""
        self._counted: set[str] = set()
        self._by_intent: Counter[int] = Counter()
        self._by_client_id: Counter[str] = Counter()
        self._seen_placements = 0
        self._seen_fills = 0
        self._fills: dict[str, VenueFill] = {}
        self._sent: deque[int] = deque()
        self._sent_orders: deque[int] = deque()
        self._intended: deque[int] = deque()
        self._shut_until = 0
        self._is_latched = False
        self._seen_alarms = 0
        self._opened: Counter[str] | None = None
        """What the opening balance held, once it is durable."""
        exchange.watch = self.on_venue
        platter.watch = self.on_rows

    def begin(self, life: Life, kill: SimKill) -> None:
        """Watch a new process: what it sends is counted anew, what the venue knows is not."""
        self.life = life
        self._kill = kill
        self._shut_until = 0
        self._sent.clear()
        self._sent_orders.clear()

    def fail(self, promise: str, what: str) -> None:
        """Note the first breach and stop the world."""
        if self.breach is None:
            self.breach = Breach(promise, what)
            self._world.note(f"BREACH {promise} {what}")
            self._world.is_over = True

    def on_leave(self, request: Request) -> None:
        """Judge a request at the instant its first byte leaves."""
        self._check_budget(request)
        if any(self._secret in value for _, value in request.fields) or self._secret in request.path:
            self.fail("S10", f"the secret is in a request to {request.path}")
        if not request.path.startswith("/"):
            self.fail("S10", f"a request, and the credentials with it, leaves for {request.path}")
        if request.action not in NEW or self.session is None:
            return
        fields = dict(request.fields)
        coid = fields.get("client_order_id", "")
        state = self.session.state
        if self._is_latched:
            self.fail("S3", f"{coid} is sent although the journal is latched")
        if state.killed is not None or (self._kill is not None and self._kill.reason is not None):
            self.fail("S3", f"{coid} is sent after the kill")
        if state.session not in OPEN_FOR_TRADING:
            self.fail("S3", f"{coid} is sent while the session is {state.session}")
        intent = self._platter.intents.get(coid)
        if intent is None:
            self.fail("S4", f"{coid} is sent before its intent is durable")
        else:
            self._check_decision(coid, json.loads(intent.body)["signal"])

    def on_line(self, frames: int) -> None:
        """Judge how many frames of the private stream wait in the session's line."""
        if frames > MOST_WAITING:
            self.fail("L5", f"{frames} frames wait in line, which has room for {MOST_WAITING}")

    def on_hear(self, response: Response) -> None:
        """Take note of an answer that asks to be left alone."""
        wait = response.header("retry-after")
        if wait is not None:
            self._shut_until = max(self._shut_until, self._world.now + int(wait) * SECOND)

    def on_venue(self) -> None:
        """Judge the account at the venue after each of its changes."""
        exchange = self._exchange
        for placed in exchange.placements[self._seen_placements :]:
            coid = placed.client_id or ""
            self._by_intent[placed.intent] += 1
            self._by_client_id[coid] += 1
            if self._by_intent[placed.intent] > 1 or self._by_client_id[coid] > 1:
                self.fail("S1", f"intent {placed.intent} has a second order at the venue, {coid}")
            if coid in self._ended:
                self.fail("S6", f"{coid} arrives at the venue after it was called ended by {self._ended[coid]}")
        self._seen_placements = len(exchange.placements)
        self._check_exposure()

    def on_rows(self, rows: Sequence[Row]) -> None:
        """Judge what has just become durable."""
        for row in rows:
            if self._secret in row.body:
                self.fail("S10", f"the secret is in journal row {row.seq}")
            if row.kind in {"KILL", "RESUME"}:
                self._is_latched = row.kind == "KILL"
            elif row.kind == "INTENT":
                self._check_rate(row)
            elif row.kind == "ADJUST":
                self._opened = self._opened or Counter()
                self._opened.update(dict(json.loads(row.body)["positions"]))
            elif row.kind == "FILL":
                self._check_fill(row)
            elif row.kind in TERMINAL_ROWS and row.coid is not None:
                self._ended[row.coid] = row.kind
                self._check_ended(row, row.coid)
        state = self.session.state if self.session is not None else None
        if (
            state is not None
            and not self._plan.struck[Fault.BUST]
            and (state.opened_at_ns is None) == (self._opened is None)
        ):
            self.check_books(state)

    def on_alarms(self, alarm: SimAlarm) -> None:
        """Judge what was told to the operator."""
        for code, detail in alarm.rung[self._seen_alarms :]:
            if self._secret in detail or self._secret in code:
                self.fail("S10", f"the secret is in alarm {code}")
            if code in BUGS:
                self.fail("L5", f"a part of the session failed: {detail}")
        self._seen_alarms = len(alarm.rung)

    def check_books(self, state: State) -> None:
        """Judge positions and cash against the executions that the session says it has counted."""
        for fill in self._exchange.fills[self._seen_fills :]:
            self._fills[fill.execution_id] = fill
        self._seen_fills = len(self._exchange.fills)
        lots = {symbol: (self._opened or Counter())[symbol] for symbol in self._exchange.positions}
        cash = 0
        for execution in state.executions:
            if execution not in self._fills:
                self.fail("S5", f"execution {execution} is counted and never happened")
                return
            fill = self._fills[execution]
            order = fill.order
            lots[order.symbol] += order.side * fill.quantity
            worth = fill.price * self._exchange.instrument(order.symbol).atoms_per_lot_tick
            cash -= order.side * fill.quantity * worth + fill.fee
        for symbol, expected in lots.items():
            if state.position(symbol) != expected:
                self.fail("S5", f"position of {symbol} is {state.position(symbol)}, its executions make it {expected}")
        for account in state.accounts.values():
            if account.cash != account.transfers + cash * MONEY_PER_ATOM:
                self.fail(
                    "S9", f"cash is {account.cash}, the executions make it {account.transfers + cash * MONEY_PER_ATOM}"
                )
            held = sum(position.cost for position in state.positions.values())
            if account.cash != account.transfers + account.realized - account.fees - held:
                self.fail("S9", "cash and cost are not what came in, was gained and was paid")

    def _check_budget(self, request: Request) -> None:
        now, bounds = self._world.now, self.bounds
        if now < self._shut_until:
            self.fail("S7", f"{request.action} is sent while the venue has asked to be left alone")
        sent = (self._sent, bounds.requests_per_window), (self._sent_orders, bounds.orders_per_window)
        for times, most in sent if request.action in NEW else sent[:1]:
            times.append(now)
            while times and times[0] <= now - bounds.window:
                times.popleft()
            if len(times) > most:
                self.fail("S7", f"{len(times)} messages within {bounds.window // SECOND} s, {most} are allowed")

    def _check_rate(self, row: Row) -> None:
        at = json.loads(row.body)["sent_at_ns"]
        self._intended.append(at)
        while self._intended and at - self._intended[0] >= self.bounds.orders_within:
            self._intended.popleft()
        if len(self._intended) > self.bounds.orders:
            self.fail("S7", f"{len(self._intended)} orders were decided within {self.bounds.orders_within // SECOND} s")

    def _check_decision(self, coid: str, signal: int) -> None:
        decision = self.decisions.get(signal)
        if decision is None:
            self.fail("S8", f"{coid} was decided by nobody")
        elif decision.quote_at is None or decision.at - decision.quote_at > self.bounds.quote_age:
            self.fail("S8", f"{coid} was decided on data of {decision.quote_at}, at {decision.at}")
        elif not decision.is_valid:
            self.fail("S8", f"{coid} was decided on a broken book")

    def _check_exposure(self) -> None:
        struck = self._plan.struck
        if any(struck[kind] for kind in BEYOND_CONTROL):
            return
        gross = 0
        for instrument in INSTRUMENTS:
            symbol = instrument.symbol
            book = self._exchange.books[symbol]
            held = self._exchange.positions[symbol]
            most = held + sum(order.remaining for order in book.resting if order.side > 0)
            least = held - sum(order.remaining for order in book.resting if order.side < 0)
            worst = max(abs(most), abs(least))
            if worst > self.bounds.position[symbol]:
                self.fail("S2", f"{symbol} may become {worst} lots, {self.bounds.position[symbol]} are allowed")
            gross += worst * book.mid * instrument.atoms_per_lot_tick
        if gross * ATOM > self.bounds.gross:
            self.fail("S2", f"all together may become {gross * ATOM}, {self.bounds.gross} is allowed")

    def _check_fill(self, row: Row) -> None:
        if row.exec_id is None or row.exec_id in self._counted:
            self.fail("S5", f"execution {row.exec_id} is journalled twice")
        else:
            self._counted.add(row.exec_id)

    def _check_ended(self, row: Row, coid: str) -> None:
        orders = self._exchange.ever_under_client_id(coid)
        if row.kind != "CANCELED":
            if orders:
                self.fail("S6", f"{coid} is called {row.kind}, and the venue has it as {orders[-1].status}")
            return
        event = event_of(row.kind, row.body)
        struck = self._plan.struck
        filled = sum(order.filled for order in orders)
        still_open = [order.order_id for order in orders if order.is_open]
        if not orders or still_open:
            self.fail("S6", f"{coid} is called ended, and {still_open or 'no order'} is open at the venue")
        elif isinstance(event, Canceled) and event.filled != filled and not (struck[Fault.LATE_FILL] or struck[Fault.BUST]):
            self.fail("S6", f"{coid} is called ended with {event.filled} lots filled, the venue filled {filled}")
