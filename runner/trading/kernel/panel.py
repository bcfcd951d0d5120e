"""Instants of many symbols, of which only those symbols are looked at that something may happen to.

It is what the loop over instants does, and to the bit. But at most instants most symbols neither hold anything nor are asked
for, and what an order would read of them can be found when there is one. So each instant values what is held, and asks those
symbols alone that wait for their order, or of whose rules one holds that counts:

    wakes   per rule and instant a bit per symbol that has a row then, 1 where the rule holds
    seats   a bit per symbol: held long, held short, with an order at work

    asked = at work | long.enter & flat | short.enter & flat | long.exit & long | short.exit & short

Last price, latest row and the like of the others are brought up to date (`catch_up`) before anybody reads them: fills,
decisions, risk rules, and whoever goes on after the last instant.
"""

import numpy as np

from runner.compiler import inner_part, lowest_bit, melted_part, stay_apart
from runner.trading.kernel.booking import charge_nights
from runner.trading.kernel.decide import (
    LONG_ENTERS,
    LONG_LEAVES,
    SHORT_ENTERS,
    SHORT_LEAVES,
    act,
    flatten,
    withdraw,
)
from runner.trading.kernel.gate import demanded
from runner.trading.kernel.layout import (
    AT_ONCE,
    BEST,
    CASH,
    CLOSE_ALL,
    EQUITY,
    EVERY,
    GROSS,
    HELD,
    HELD_LONG,
    HELD_SHORT,
    KIND,
    LAST,
    MARKED,
    N_EQUITY,
    N_LINES,
    NET,
    NONE,
    PASS,
    PEAK,
    POSITION,
    QUEUED_NOW,
    RULES,
    SEEN,
    SESSION,
    STEADY,
    TRADES_IN,
    WATCHES,
    WORKING,
    WORKS,
)
from runner.trading.kernel.log import record
from runner.trading.kernel.queue import next_symbol
from runner.trading.kernel.venue import visit
from runner.trading.kernel.world import log_at, market_at, panel_at, state_at, venue_at

__all__ = ["PER_VISIT", "most_lines", "walk_panel"]

PER_VISIT = 6
"""Lines a visit can write into one buffer, beside one per symbol for the nights before a session."""
PER_SYMBOL = 3
"""Lines that nights and rules that watch the account can write per symbol: a charge, the end of an order and another."""
BITS = 64


@melted_part
def most_lines(rows, symbols, rules):
    """Return how many lines an instant can write at most: a symbol decides once, whatever rows it has, and may fill then."""
    return min(rows, symbols) * (rules + 3 + PER_VISIT) + PER_SYMBOL * symbols + rules + 1


@inner_part
def walk_panel(start, stop, where):
    """Go on from the instant at place `start` of the order of time; return the place of the first that wasn't done."""
    stay_apart()
    market, panel, venue = market_at(where), panel_at(where), venue_at(where)
    state, log = state_at(where), log_at(where)
    account, counters, queue = state.account, state.counters, state.queue
    symbols, count, every = state.book.shape[1], venue.switches[RULES], venue.switches[EVERY]
    watches = venue.switches[WATCHES] > 0
    reads_all = watches and venue.switches[STEADY] == 0
    room, instants = log.n.shape[0] - most_lines(symbols, symbols, count), counters[N_EQUITY]
    _seat_all(panel.seats, state)
    i = _instant_at(start, panel.at)
    while i < panel.row.shape[0] and panel.at[i] < stop:
        ts = panel.ts[i]
        if counters[N_LINES] > room or instants >= log.equity_n.shape[0]:
            break
        is_full = False
        while counters[QUEUED_NOW] > 0 and queue[0, 0] <= 2 * ts:
            if counters[N_LINES] + PER_VISIT + symbols > log.n.shape[0]:
                is_full = True
                break
            _visit_next(i - 1, market, panel, state, where)
        if is_full or counters[N_LINES] > room:
            break
        if panel.session[i] > account[SESSION]:
            charge_nights(int(panel.session[i]), ts, where)
        _value_held(i, panel, state)
        instants = record(ts, instants, every, account, counters, log)
        demand, who = PASS, -1
        if counters[WORKING] > 0 and not account[EQUITY] > 0.0:
            _catch_up_all(i, where)
            withdraw(ts, where)
            _seat_all(panel.seats, state)
        if watches:
            if reads_all:
                _catch_up_all(i, where)
            demand, who = demanded(ts, int(account[SESSION]), where)
            if demand > PASS:
                _catch_up_all(i, where)
                if demand >= CLOSE_ALL:
                    flatten(ts, where)
                else:
                    withdraw(ts, where)
                _seat_all(panel.seats, state)
        _ask(i, ts, demand, who, count, market, panel, state, where)
        while venue.switches[AT_ONCE] == 1 and counters[QUEUED_NOW] > 0 and queue[0, 0] <= 2 * ts:
            _visit_next(i, market, panel, state, where)
        i += 1
    _catch_up_all(i - 1, where)
    counters[N_EQUITY] = instants
    return min(panel.at[i], stop)


@melted_part
def _instant_at(place, at):
    """Return the first instant that begins at a place of the order of time or later."""
    low, high = 0, at.shape[0] - 1
    while low < high:
        middle = (low + high) // 2
        if at[middle] < place:
            low = middle + 1
        else:
            high = middle
    return low


@melted_part
def _visit_next(i, market, panel, state, where):
    """Let the symbol whose row of the fill clock comes first meet it, as of an instant."""
    s = next_symbol(state.queue, state.counters)
    _catch_up(s, i, market, panel, state)
    visit(s, where)
    _seat(s, panel.seats, state)


@melted_part
def _value_held(i, panel, state):
    """Write last prices of what is held, equity and exposure, summed over the symbols held in the order of the universe."""
    account, book = state.account, state.book
    equity = account[CASH]
    gross = 0.0
    net = 0.0
    for k in range(state.counters[HELD]):
        s = state.queue[2, k]
        position, mark = book[POSITION, s], panel.mark[i, s]
        if np.isfinite(mark):
            book[LAST, s] = mark
            best = book[BEST, s]
            if (mark > best) if position > 0.0 else (mark < best):
                book[BEST, s] = mark
        worth = position * book[LAST, s]
        equity += worth
        net += worth
        gross += abs(worth)
    account[EQUITY] = equity
    account[GROSS] = gross
    account[NET] = net
    account[PEAK] = max(account[PEAK], equity)


@melted_part
def _ask(i, ts, demand, who, count, market, panel, state, where):
    """Have those symbols decide that may have something to say."""
    seats = panel.seats
    is_current = False
    for word in range(seats.shape[1]):
        held_long, held_short = seats[HELD_LONG, word], seats[HELD_SHORT, word]
        flat = ~(held_long | held_short)
        long_enter = panel.long_enter[i, word] if panel.long_enter.shape[0] > 0 else 0
        long_exit = panel.long_exit[i, word] if panel.long_exit.shape[0] > 0 else 0
        short_enter = panel.short_enter[i, word] if panel.short_enter.shape[0] > 0 else 0
        short_exit = panel.short_exit[i, word] if panel.short_exit.shape[0] > 0 else 0
        asked = seats[WORKS, word] | (long_enter | short_enter) & flat | long_exit & held_long | short_exit & held_short
        while asked != 0:
            place = lowest_bit(asked)
            s = BITS * word + place
            asked &= asked - 1
            row = panel.row[i, s]
            if row < 0 or market.ts[row] != ts:
                continue
            if count > 0 and not is_current:
                # A risk rule may read of any symbol.
                _catch_up_all(i, where)
                is_current = True
            _catch_up(s, i, market, panel, state)
            holds = (
                (long_enter >> place & 1) * LONG_ENTERS
                + (long_exit >> place & 1) * LONG_LEAVES
                + (short_enter >> place & 1) * SHORT_ENTERS
                + (short_exit >> place & 1) * SHORT_LEAVES
            )
            act(row, s, ts, holds, demand, who, where)
            _seat(s, seats, state)


@melted_part
def _catch_up(s, i, market, panel, state):
    """Take a symbol's latest row at an instant for the one it was last seen at, and its price for the last one."""
    if i < 0:
        return
    row = panel.row[i, s]
    if row < 0 or state.times[SEEN, s] == row:
        return
    state.times[SEEN, s] = row
    priced = panel.priced[row] if panel.priced.shape[0] > 0 else row
    if priced >= 0:
        state.times[MARKED, s] = market.ts[priced]
        state.times[TRADES_IN, s] = market.session[priced]
        state.book[LAST, s] = market.mark[priced]


@inner_part
def _catch_up_all(i, where):
    stay_apart()
    market, panel, state = market_at(where), panel_at(where), state_at(where)
    for s in range(state.book.shape[1]):
        _catch_up(s, i, market, panel, state)


@melted_part
def _seat(s, seats, state):
    """Write down whether a symbol is held and whether it has an order at work."""
    word, bit = s // BITS, np.int64(1) << np.int64(s % BITS)
    position = state.book[POSITION, s]
    is_long, is_short = position > 0.0, position < 0.0
    works = state.book[KIND, s] != NONE
    seats[HELD_LONG, word] = (seats[HELD_LONG, word] | bit) if is_long else (seats[HELD_LONG, word] & ~bit)
    seats[HELD_SHORT, word] = (seats[HELD_SHORT, word] | bit) if is_short else (seats[HELD_SHORT, word] & ~bit)
    seats[WORKS, word] = (seats[WORKS, word] | bit) if works else (seats[WORKS, word] & ~bit)


@melted_part
def _seat_all(seats, state):
    for s in range(state.book.shape[1]):
        _seat(s, seats, state)
