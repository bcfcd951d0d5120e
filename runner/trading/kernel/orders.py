"""Orders from the moment they are sent to their end."""

import numpy as np

from runner.compiler import fetch, inner_part, load_whole, melted_part, stay_apart
from runner.trading.kernel.layout import (
    ALIVE_IN,
    AT_ONCE,
    BEYOND,
    BUY,
    DAY,
    EXPIRES,
    FIRST_AT,
    FLIGHT,
    FLIGHT_GROSS,
    FLIGHT_NET,
    FROM,
    JITTER,
    KIND,
    LAST_AT,
    LATENCY,
    LIFE,
    LIMIT,
    LONG_AGO,
    MARKET,
    NONE,
    OFFSETS,
    ORDER,
    ORDERS,
    PHASE,
    POSITION,
    PRICE,
    QUEUED,
    RANGES,
    REASON,
    ROW,
    SAME_CLOCK,
    SEEN,
    SELL,
    SENT,
    SENT_AT,
    SIZE,
    TICK,
    VISITS,
    WANTED,
    WORKING,
)
from runner.trading.kernel.log import log_end, log_order
from runner.trading.kernel.queue import bring_forward, enqueue
from runner.trading.kernel.random import drawn
from runner.trading.kernel.world import log_at, state_at, venue_at

__all__ = ["closes", "end", "fetch_row", "let_go", "place", "queue_row", "release_flight", "send"]

NEVER = np.iinfo(np.int64).max


@inner_part
def send(s, ts, quantity, kind, price, reason, mark, where):
    """Send an order; it waits for the symbol's next row."""
    stay_apart()
    place(s, ts, quantity, kind, price, reason, mark, venue_at(where), state_at(where), log_at(where))


@melted_part
def place(s, ts, quantity, kind, price, reason, mark, venue, state, log):
    """Send an order, as `send` does, in the midst of whoever sends it."""
    account, book, times = state.account, state.book, state.times
    switches = venue.switches
    account[ORDERS] += 1.0
    state.counters[WORKING] += 1
    if kind != MARKET and venue.settings[TICK] > 0.0:
        price = _on_tick(price, venue.settings[TICK], (quantity > 0.0) == (kind == LIMIT))
    log_order(log, state.counters, int(account[ORDERS]), ts, s, reason, int(kind), quantity, price)
    book[WANTED, s] = quantity
    book[ORDER, s] = account[ORDERS]
    book[KIND, s] = kind
    book[PRICE, s] = price
    times[REASON, s] = reason
    beyond = max(abs(book[POSITION, s] + quantity) - abs(book[POSITION, s]), 0.0)
    if book[POSITION, s] * (book[POSITION, s] + quantity) < 0.0:
        beyond = abs(book[POSITION, s] + quantity)
    worth = beyond * mark * (1.0 if quantity > 0.0 else -1.0)
    book[FLIGHT, s] = worth
    account[FLIGHT_GROSS] += abs(worth)
    account[FLIGHT_NET] += worth
    delay = switches[LATENCY]
    if switches[JITTER] > 0:
        delay += int(drawn(times, s, 1) * switches[JITTER])
    # On another clock a row of the very instant of the decision isn't one that comes after it.
    times[FROM, s] = ts + max(delay, 1 - switches[SAME_CLOCK])
    times[EXPIRES, s] = ts + delay + switches[LIFE] if switches[LIFE] > 0 else NEVER
    times[ALIVE_IN, s] = LONG_AGO
    times[VISITS, s] = 0
    times[SENT, s] += 1
    times[SENT_AT, s] = ts
    # Which row the symbol waited for is nothing to an order that has the row that decides.
    if times[QUEUED, s] == 0 or (times[QUEUED, s] == BEYOND and switches[AT_ONCE] == 1):
        if switches[SAME_CLOCK] == 1:
            times[ROW, s] = times[SEEN, s] + (0 if switches[AT_ONCE] == 1 else 1)
        else:
            stop = load_whole(venue.columns[OFFSETS], s + 1)
            while times[ROW, s] < stop and load_whole(venue.columns[FIRST_AT], times[ROW, s]) <= ts:
                times[ROW, s] += 1
        times[PHASE, s] = 0
        queue_row(s, state, venue)
    elif switches[AT_ONCE] == 1:
        # An order that came before it waited for the next row; this one has the row that decides.
        times[ROW, s] = times[SEEN, s]
        times[PHASE, s] = 0
        bring_forward(state.queue, state.counters, 2 * load_whole(venue.columns[FIRST_AT], times[ROW, s]), s)


@melted_part
def closes(s, book):
    """Tell whether what is left of the working order makes the position smaller first: no time in force ends it then."""
    return book[POSITION, s] * book[WANTED, s] < 0.0


@melted_part
def _on_tick(price, tick, is_down):
    """Round to a tick in the direction that fills later."""
    steps = price / tick
    nearest = np.round(steps)
    if abs(steps - nearest) < 1e-9 * max(abs(steps), 1.0):
        return nearest * tick
    rounded = (np.floor(steps) if is_down else np.ceil(steps)) * tick
    return rounded if np.isfinite(rounded) else price


@melted_part
def fetch_row(row, venue):
    """Ask for what a fill reads of a row."""
    for column in (FIRST_AT, BUY, SELL, SIZE):
        fetch(venue.columns[column], row)
    fetch(venue.columns[DAY], row // 2)  # half as wide


@melted_part
def queue_row(s, state, venue):
    """Put the symbol's next row into the queue, if it has one."""
    row = state.times[ROW, s]
    if row >= load_whole(venue.columns[OFFSETS], s + 1):
        # Whether more rows come later mustn't matter to what is decided now.
        state.times[QUEUED, s] = BEYOND
        return
    state.times[QUEUED, s] = 1
    fetch_row(row, venue)
    if state.times[PHASE, s] == 0:
        moment = 2 * load_whole(venue.columns[FIRST_AT], row) + venue.switches[RANGES]
    else:
        moment = 2 * load_whole(venue.columns[LAST_AT], row)
    enqueue(state.queue, state.counters, moment, s)


@melted_part
def release_flight(s, share, state):
    """Take a share of the working order out of what is in flight."""
    account, book = state.account, state.book
    worth = book[FLIGHT, s] * share
    book[FLIGHT, s] -= worth
    account[FLIGHT_GROSS] -= abs(worth)
    account[FLIGHT_NET] -= worth
    if share == 1.0:
        book[FLIGHT, s] = 0.0


@inner_part
def end(s, ts, how, where):
    """End the working order: it is filled, or `how` says why what is left of it isn't."""
    stay_apart()
    state, log = state_at(where), log_at(where)
    if how != 0:
        log_end(log, state.counters, int(state.book[ORDER, s]), ts, s, how)
    let_go(s, state)


@melted_part
def let_go(s, state):
    """Forget the working order."""
    release_flight(s, 1.0, state)
    state.counters[WORKING] -= 1
    if state.counters[WORKING] == 0:
        state.account[FLIGHT_GROSS] = 0.0
        state.account[FLIGHT_NET] = 0.0
    state.book[KIND, s] = NONE
    state.book[WANTED, s] = 0.0
