"""The books: positions, cash, average prices, what everything is worth, and what holding costs."""

import numpy as np

from runner.compiler import inner_part, lowest_bit, melted_part, stay_apart
from runner.trading.kernel.layout import (
    AVERAGE,
    BEGAN,
    BEST,
    BITS,
    BORROW,
    CASH,
    DEBT,
    ENTERED,
    EQUITY,
    FEES,
    FINANCING,
    GROSS,
    HOLDS,
    LAST,
    LEFT,
    NET,
    OUTCOME,
    PEAK,
    POSITION,
    REALISED,
    SESSION,
    SESSION_IN,
    STOP_AT,
    STOP_LOSS_AT,
    TAKE_AT,
    TAKE_PROFIT_AT,
)
from runner.trading.kernel.log import log_charge
from runner.trading.kernel.world import log_at, state_at, venue_at

__all__ = ["begin_session", "book_fill", "charge_nights", "value", "words_of"]

DAYS = 365.0
"""Days of a year of interest."""
FEE_PERIOD = 30.0
"""Days over which fees by what was traded add it up."""


@melted_part
def book_fill(s, quantity, price, fee, instant, state, settings):
    """Book a fill: cash, position, average price, realised profit, and where exits lie from now on."""
    account, book = state.account, state.book
    position = book[POSITION, s]
    after = position + quantity
    account[CASH] -= quantity * price + fee
    account[FEES] += fee
    opens = position == 0.0 or position * after < 0.0
    began = book[REALISED, s]
    if position == 0.0:
        book[AVERAGE, s] = price
        _hold(s, state)
    elif position * quantity > 0.0:
        book[AVERAGE, s] = (book[AVERAGE, s] * position + price * quantity) / after
    else:
        closed = min(abs(quantity), abs(position))
        book[REALISED, s] += closed * (price - book[AVERAGE, s]) * (1.0 if position > 0.0 else -1.0)
        if position * after < 0.0:
            book[AVERAGE, s] = price
    book[REALISED, s] -= fee
    book[POSITION, s] = after
    if position != 0.0 and position * after <= 0.0:
        # The fee of an order that turns a position round counts for the one it closes.
        book[OUTCOME, s] = book[REALISED, s] - book[BEGAN, s]
        state.times[LEFT, s] = instant
        began = book[REALISED, s]
    if opens:
        book[BEGAN, s] = began
        state.times[ENTERED, s] = instant
        state.times[SESSION_IN, s] = int(account[SESSION])
        book[BEST, s] = price
    if after == 0.0:
        book[AVERAGE, s] = np.nan
        _release(s, state)
    side = 1.0 if after > 0.0 else -1.0
    book[STOP_AT, s] = book[AVERAGE, s] * (1.0 - side * settings[STOP_LOSS_AT])
    book[TAKE_AT, s] = book[AVERAGE, s] * (1.0 + side * settings[TAKE_PROFIT_AT])


@melted_part
def words_of(symbols):
    """Return how many numbers the bits of so many symbols take."""
    return (symbols + BITS - 1) // BITS


@melted_part
def _hold(s, state):
    """Put a symbol among those held."""
    state.queue[HOLDS, s // BITS] |= np.int64(1) << np.int64(s % BITS)


@melted_part
def _release(s, state):
    state.queue[HOLDS, s // BITS] &= ~(np.int64(1) << np.int64(s % BITS))


@melted_part
def value(state):
    """Write equity and exposure at the last prices, summed over the symbols held in the order of the universe."""
    account, book = state.account, state.book
    equity = account[CASH]
    gross = 0.0
    net = 0.0
    for word in range(words_of(book.shape[1])):
        held = state.queue[HOLDS, word]
        while held != 0:
            s = BITS * word + lowest_bit(held)
            held &= held - 1
            worth = book[POSITION, s] * book[LAST, s]
            equity += worth
            net += worth
            gross += abs(worth)
    account[EQUITY] = equity
    account[GROSS] = gross
    account[NET] = net
    account[PEAK] = max(account[PEAK], equity)


@melted_part
def begin_session(session, ts, venue, state, where):
    """Begin a session of the account: what holding costs is charged, and periods of fees begin."""
    if venue.settings[BORROW] == 0.0 and venue.settings[DEBT] == 0.0:
        _begin(session, venue, state)
    else:
        charge_nights(session, ts, where)


@melted_part
def _begin(session, venue, state):
    if venue.traded[1] < 0.0 or session - venue.traded[1] >= FEE_PERIOD:
        venue.traded[0] = 0.0
        venue.traded[1] = session
    state.account[SESSION] = session


@inner_part
def charge_nights(session, ts, where):
    """Charge shorts and debts for the days since the last session, at the last prices before; begin periods of fees."""
    stay_apart()
    state, venue, log = state_at(where), venue_at(where), log_at(where)
    account, book, settings = state.account, state.book, venue.settings
    days = session - account[SESSION]
    known = account[SESSION] >= 0.0
    _begin(session, venue, state)
    if not known or (settings[BORROW] == 0.0 and settings[DEBT] == 0.0):
        return
    for word in range(words_of(book.shape[1])):
        held = state.queue[HOLDS, word]
        while held != 0:
            s = BITS * word + lowest_bit(held)
            held &= held - 1
            if book[POSITION, s] < 0.0 and settings[BORROW] > 0.0:
                cost = -book[POSITION, s] * book[LAST, s] * settings[BORROW] * days / DAYS
                account[CASH] -= cost
                account[FINANCING] += cost
                book[REALISED, s] -= cost
                log_charge(log, state.counters, ts, s, cost)
    if account[CASH] < 0.0 and settings[DEBT] > 0.0:
        cost = -account[CASH] * settings[DEBT] * days / DAYS
        account[CASH] -= cost
        account[FINANCING] += cost
        log_charge(log, state.counters, ts, -1, cost)
