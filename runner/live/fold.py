"""The state is a fold over the journal: `apply` takes one event, and nothing else changes a state.

Every edge is checked before anything is touched, so an event that has no place raises `Broken` and leaves the state as it
was. Whoever produces events (the order book keeper, recovery) has to see to it that none is illegal: `apply` is where their
mistakes are caught, in production too.

Facts about money are taken as they come: a fill of an order that had ended, or beyond its quantity, moves the position,
because it moved it at the venue. What it says about us is for the caller to act on.
"""

from collections.abc import Callable

from runner.live.contract import End
from runner.live.events import (
    Ack,
    Adjust,
    Boot,
    Bust,
    CancelAsked,
    Canceled,
    Close,
    Correct,
    Deny,
    Event,
    Fill,
    ForeignFill,
    ForeignSeen,
    Freeze,
    Gate,
    Intent,
    Kill,
    Mark,
    NotPlaced,
    Permit,
    Reject,
    Resume,
    Snapshot,
)
from runner.live.invariant import invariant
from runner.live.model import (
    BUY,
    SELL,
    Account,
    Execution,
    ForeignOrder,
    Order,
    Permission,
    Position,
    Recent,
    SessionState,
    State,
    Status,
)
from runner.live.money import Money

__all__ = ["SESSION_EDGES", "apply", "equity"]

ENDS = {End.CANCELED: Status.CANCELED, End.EXPIRED: Status.EXPIRED, End.REJECTED: Status.REJECTED}

S = SessionState
SESSION_EDGES: dict[SessionState, frozenset[SessionState]] = {
    S.CLOSED: frozenset(),
    S.BOOT: frozenset({S.RECONCILING, S.HALTED, S.STOPPING}),
    S.RECONCILING: frozenset({S.LIVE, S.DEGRADED, S.HALTED, S.STOPPING}),
    S.LIVE: frozenset({S.DEGRADED, S.HALTED, S.STOPPING}),
    S.DEGRADED: frozenset({S.LIVE, S.HALTED, S.STOPPING}),
    S.HALTED: frozenset({S.STOPPING}),
    S.STOPPING: frozenset({S.HALTED, S.CLOSED}),
}
"""Where a session may go from where; a new one begins with BOOT from anywhere, because any may be the place of a crash."""


def apply(state: State, event: Event) -> None:
    """Change a state by one event; raise `Broken`, and change nothing, for one that can't follow."""
    _EDGES[type(event)](state, event)


def equity(state: State, currency: str) -> Money | None:
    """Return cash and what is held at the last marks; None while something that is held has none."""
    total = state.accounts[currency].cash if currency in state.accounts else 0
    for symbol, position in state.positions.items():
        if position.lots and state.instruments[symbol].currency == currency:
            mark = state.marks.get(symbol)
            if mark is None:
                return None
            total += position.lots * mark
    return total


def _boot(state: State, event: Boot) -> None:
    state.session = SessionState.BOOT
    state.config, state.code = event.config, event.code
    state.permission = None
    state.boots += 1


def _intent(state: State, event: Intent) -> None:
    invariant(event.number == state.intents + 1, f"intents are numbered without gaps, {event.number} after {state.intents}")
    invariant(event.coid not in state.orders, f"{event.coid} is used once")
    invariant(event.symbol in state.instruments, f"{event.symbol} is known")
    invariant(event.side in {BUY, SELL} and event.quantity > 0 and event.price > 0, f"{event.coid} is an order")
    invariant(state.killed is None, f"{event.coid} was not meant after the latch")
    invariant(event.symbol not in state.frozen, f"{event.coid} is not of a frozen instrument")
    invariant(event.replaces is None or event.replaces in state.live, f"{event.coid} replaces an order that lives")
    invariant(event.integer_id is None or event.integer_id > state.last_integer, f"{event.coid} has a new number")
    order = Order(
        coid=event.coid,
        number=event.number,
        symbol=event.symbol,
        side=event.side,
        quantity=event.quantity,
        price=event.price,
        rests=event.rests,
        sent_at_ns=event.sent_at_ns,
        signal=event.signal,
        replaces=event.replaces,
        integer_id=event.integer_id,
    )
    state.orders[order.coid] = state.live[order.coid] = order
    state.intents = event.number
    state.last_integer = event.integer_id or state.last_integer
    state.recent.append(Recent(event.sent_at_ns, event.symbol, event.side, event.quantity, event.price))
    _turn_day(state, event.day)
    state.orders_today += 1


def _ack(state: State, event: Ack) -> None:
    order = _living(state, event.coid)
    _expect_own_id(state, event.venue_id, event.coid)
    invariant(event.venue_id not in order.venue_ids, f"{event.coid} was not yet acknowledged as {event.venue_id}")
    invariant(event.quantity > 0 and event.price > 0, f"{event.coid} is an order at the venue")
    order.quantity, order.price = event.quantity, event.price
    _bind(state, order, event.venue_id)
    _settle(state, order)


def _reject(state: State, event: Reject) -> None:
    order = _living(state, event.coid)
    invariant(not order.is_acked and order.filled == 0, f"{event.coid} was never seen at the venue that rejects it")
    state.rejects.append(event.at_ns)
    _end(state, order, Status.REJECTED)


def _fill(state: State, event: Fill) -> None:
    _expect_new(state, event.exec_id)
    invariant(event.coid in state.orders, f"{event.coid} is an order of ours")
    invariant(event.quantity > 0, f"execution {event.exec_id} is of something")
    _expect_own_id(state, event.venue_id, event.coid)
    order = state.orders[event.coid]
    is_first = order.filled == 0
    order.filled += event.quantity
    state.executions[event.exec_id] = Execution(order.coid, order.symbol, order.side, event.quantity, event.each, event.fee)
    _book(state, order.symbol, order.side, event.quantity, event.each)
    _charge(state, event.currency, event.fee)
    if event.venue_id not in order.venue_ids:
        _bind(state, order, event.venue_id)
    if is_first:
        signal, count = state.repeats.get(order.symbol, (order.signal, 0))
        state.repeats[order.symbol] = (order.signal, count + 1 if signal == order.signal else 1)
    if order.status.is_live:
        _settle(state, order)
    else:
        state.late_fills += 1


def _cancel_asked(state: State, event: CancelAsked) -> None:
    _living(state, event.coid).is_cancel_asked = True


def _canceled(state: State, event: Canceled) -> None:
    order = _living(state, event.coid)
    invariant(event.end in ENDS, f"{event.coid} ended without being filled")
    invariant(order.filled == event.filled, f"every fill of {event.coid} is known when it ends")
    _end(state, order, ENDS[event.end])


def _not_placed(state: State, event: NotPlaced) -> None:
    order = _living(state, event.coid)
    invariant(not order.is_acked and order.filled == 0, f"{event.coid} was never seen at the venue")
    _end(state, order, Status.NOT_PLACED)


def _foreign_fill(state: State, event: ForeignFill) -> None:
    _expect_new(state, event.exec_id)
    invariant(event.symbol in state.instruments, f"{event.symbol} is known")
    invariant(event.side in {BUY, SELL} and event.quantity > 0, f"execution {event.exec_id} is of something")
    state.executions[event.exec_id] = Execution(None, event.symbol, event.side, event.quantity, event.each, event.fee)
    _book(state, event.symbol, event.side, event.quantity, event.each)
    _charge(state, event.currency, event.fee)


def _foreign_seen(state: State, event: ForeignSeen) -> None:
    invariant(event.symbol in state.instruments, f"{event.symbol} is known")
    if event.remaining > 0:
        seen = ForeignOrder(event.venue_id, event.symbol, event.side, event.remaining, event.price)
        state.foreign[event.venue_id] = seen
    else:
        state.foreign.pop(event.venue_id, None)


def _bust(state: State, event: Bust) -> None:
    invariant(event.exec_id not in state.busted, f"execution {event.exec_id} was not yet taken back")
    taken = state.executions.get(event.exec_id)
    state.busted.add(event.exec_id)
    if taken is not None:
        _book(state, taken.symbol, -taken.side, taken.quantity, taken.each)
        _refill(state, taken.coid, -taken.quantity)


def _correct(state: State, event: Correct) -> None:
    invariant(event.exec_id in state.executions, f"execution {event.exec_id} was counted")
    invariant(event.exec_id not in state.busted, f"execution {event.exec_id} was not taken back")
    invariant(event.quantity > 0, f"execution {event.exec_id} is of something")
    was = state.executions[event.exec_id]
    state.executions[event.exec_id] = was._replace(quantity=event.quantity, each=event.each, fee=event.fee)
    _book(state, was.symbol, -was.side, was.quantity, was.each)
    _book(state, was.symbol, was.side, event.quantity, event.each)
    _charge(state, event.currency, event.fee - was.fee)
    _refill(state, was.coid, event.quantity - was.quantity)


def _refill(state: State, coid: str | None, lots: int) -> None:
    """Change what was filled of an order of ours after the fact; one that has ended stays ended."""
    if coid is not None:
        order = state.orders[coid]
        order.filled += lots
        if order.status.is_live:
            _settle(state, order)


def _adjust(state: State, event: Adjust) -> None:
    invariant(all(symbol in state.instruments for symbol, _ in event.positions), "only known instruments are adjusted")
    invariant(not event.is_opening or state.opened_at_ns is None, "a journal is opened once")
    for symbol, lots in event.positions:
        _book(state, symbol, BUY if lots > 0 else SELL, abs(lots), 0)
    for currency, amount in event.cash:
        account = state.accounts.setdefault(currency, Account())
        account.cash += amount
        account.transfers += amount
        _balance(account)
    state.swept_to_ns = max(state.swept_to_ns, event.swept_to_ns)
    if event.is_opening:
        state.opened_at_ns = event.swept_to_ns


def _deny(state: State, _: Deny) -> None:
    state.denials += 1


def _gate(state: State, event: Gate) -> None:
    invariant(event.state in SESSION_EDGES[state.session], f"a session goes from {state.session} to {event.state}")
    is_open = event.state in {SessionState.LIVE, SessionState.DEGRADED}
    invariant(not (is_open and state.killed), "a latched session doesn't trade")
    state.session = event.state


def _freeze(state: State, event: Freeze) -> None:
    invariant(event.symbol in state.instruments, f"{event.symbol} is known")
    state.frozen.setdefault(event.symbol, event.reason)


def _kill(state: State, event: Kill) -> None:
    state.killed = state.killed or event.reason
    state.permission = None


def _permit(state: State, event: Permit) -> None:
    state.permission = Permission(event.reason, event.adjusts, event.absent)


def _resume(state: State, _: Resume) -> None:
    state.killed = None
    state.frozen.clear()
    state.has_lost_too_much = False


def _mark(state: State, event: Mark) -> None:
    invariant(all(symbol in state.instruments for symbol, _ in event.marks), "only known instruments are marked")
    state.marks.update(event.marks)
    _turn_day(state, event.day)
    currencies = {instrument.currency for instrument in state.instruments.values()}
    # One quote currency is a session's condition; without instruments there is nothing to mark.
    now = equity(state, min(currencies)) if currencies else None
    if now is not None:
        state.day_open = now if state.day_open is None else state.day_open
        state.previous_close = now if state.previous_close is None else state.previous_close
        state.peak = now if state.peak is None else max(state.peak, now)
        state.equity = now
    state.has_lost_too_much = state.has_lost_too_much or event.stops
    state.swept_to_ns = max(state.swept_to_ns, event.swept_to_ns)


def _nothing(_: State, __: Event) -> None:
    """Leave the state: the line is there for its reader."""


def _close(state: State, _: Close) -> None:
    invariant(SessionState.CLOSED in SESSION_EDGES[state.session], f"a session doesn't close from {state.session}")
    state.session = SessionState.CLOSED


def _turn_day(state: State, day: int) -> None:
    """Begin a new session date; one that is over never comes back, whatever a clock says."""
    if day > state.day:
        state.day = day
        state.orders_today = 0
        state.previous_close = state.equity if state.equity is not None else state.previous_close
        state.day_open = None
        state.has_lost_too_much = False


def _living(state: State, coid: str) -> Order:
    invariant(coid in state.live, f"{coid} is an order of ours that may still fill")
    return state.live[coid]


def _expect_new(state: State, exec_id: str) -> None:
    invariant(exec_id not in state.executions and exec_id not in state.busted, f"execution {exec_id} is counted once")


def _expect_own_id(state: State, venue_id: str, coid: str) -> None:
    invariant(state.by_venue_id.get(venue_id, coid) == coid, f"the venue's id {venue_id} is not of another order")


def _bind(state: State, order: Order, venue_id: str) -> None:
    order.venue_ids = (*order.venue_ids, venue_id)
    state.by_venue_id[venue_id] = order.coid


def _settle(state: State, order: Order) -> None:
    """Derive the state of a living order that the venue has shown from what was filled."""
    if order.filled >= order.quantity:
        _end(state, order, Status.FILLED)
    else:
        order.status = Status.PARTIAL if order.filled else Status.WORKING


def _end(state: State, order: Order, status: Status) -> None:
    order.status = status
    del state.live[order.coid]


def _book(state: State, symbol: str, side: int, quantity: int, each: Money) -> None:
    """Move position, cost, realized gains and cash by an execution.

    What is closed takes its share of the cost along, rounded down; the rest stays with what remains, so nothing is lost.
    """
    account = state.accounts.setdefault(state.instruments[symbol].currency, Account())
    held = state.positions.setdefault(symbol, Position())
    closing = min(abs(held.lots), quantity) if held.lots * side < 0 else 0
    account.cash -= side * quantity * each
    if closing:
        share = held.cost * closing // abs(held.lots)
        account.realized += -side * closing * each - share
        account.invested -= share
        held.cost -= share
    opening = side * (quantity - closing) * each
    held.cost += opening
    account.invested += opening
    held.lots += side * quantity
    _balance(account)


def _charge(state: State, currency: str, fee: Money) -> None:
    account = state.accounts.setdefault(currency, Account())
    account.cash -= fee
    account.fees += fee
    _balance(account)


def _balance(account: Account) -> None:
    total = account.transfers + account.realized - account.fees - account.invested
    invariant(account.cash == total, "cash is transfers and gains less fees and cost")


_EDGES: dict[type[Event], Callable[..., None]] = {
    Ack: _ack,
    Adjust: _adjust,
    Boot: _boot,
    Bust: _bust,
    CancelAsked: _cancel_asked,
    Canceled: _canceled,
    Close: _close,
    Correct: _correct,
    Deny: _deny,
    Fill: _fill,
    ForeignFill: _foreign_fill,
    ForeignSeen: _foreign_seen,
    Freeze: _freeze,
    Gate: _gate,
    Intent: _intent,
    Kill: _kill,
    Mark: _mark,
    NotPlaced: _not_placed,
    Permit: _permit,
    Reject: _reject,
    Resume: _resume,
    Snapshot: _nothing,
}
