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
from runner.trading.kernel.booking import begin_session
from runner.trading.kernel.decide import (
    LONG_ENTERS,
    LONG_LEAVES,
    SHORT_ENTERS,
    SHORT_LEAVES,
    act,
    decides_simply,
    flatten,
    withdraw,
)
from runner.trading.kernel.gate import demanded
from runner.trading.kernel.layout import (
    AT_ONCE,
    BEST,
    BITS,
    BORROW,
    CASH,
    CLOSE_ALL,
    DEBT,
    EQUITY,
    EVERY,
    FIRST_LINE,
    FIRST_OPEN,
    GROSS,
    HELD_LONG,
    HELD_SHORT,
    HOLDS,
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
    SIMPLE,
    STEADY,
    TRADES_IN,
    TRAIL_AT,
    WATCHES,
    WORKING,
    WORKS,
)
from runner.trading.kernel.log import record
from runner.trading.kernel.queue import next_symbol
from runner.trading.kernel.venue import fills_simply, visit
from runner.trading.kernel.world import log_at, market_at, panel_at, rules_at, state_at, venue_at, worth_at
from runner.trading.kernel.worth import close_span, equity_at, is_full, open_span, put_by, record_cash

__all__ = ["PER_VISIT", "most_lines", "walk_panel"]

PER_VISIT = 6
"""Lines a visit can write into one buffer, beside one per symbol for the nights before a session."""
PER_SYMBOL = 3
"""Lines that nights and rules that watch the account can write per symbol: a charge, the end of an order and another."""


@melted_part
def most_lines(rows, symbols, rules):
    """Return how many lines an instant can write at most: a symbol decides once, whatever rows it has, and may fill then."""
    return min(rows, symbols) * (rules + 3 + PER_VISIT) + PER_SYMBOL * symbols + rules + 1


@inner_part
def walk_panel(start, stop, where):
    """Go on from the instant at place `start` of the order of time; return the place of the first that wasn't done."""
    stay_apart()
    market, panel, rules, venue = market_at(where), panel_at(where), rules_at(where), venue_at(where)
    state, log, worth = state_at(where), log_at(where), worth_at(where)
    account, counters, queue = state.account, state.counters, state.queue
    symbols, count, every = state.book.shape[1], venue.switches[RULES], venue.switches[EVERY]
    watches = venue.switches[WATCHES] > 0
    reads_all = watches and venue.switches[STEADY] == 0
    later = _may_value_later(venue)
    room, instants = log.n.shape[0] - most_lines(symbols, symbols, count), counters[N_EQUITY]
    _seat_all(panel.seats, state)
    i, until = _instant_at(start, panel.at), _instant_at(stop, panel.at)
    if later:
        open_span(i, instants, worth)
    while i < until:
        if counters[N_LINES] > room or instants >= log.equity_n.shape[0]:
            break
        if later and is_full(i, worth):
            close_span(i, where)
            open_span(i, instants, worth)
        if later and counters[QUEUED_NOW] == 0 and counters[WORKING] == 0:
            quiet = _pass_quiet(i, min(until, i + log.equity_n.shape[0] - instants), where) - i
            i += quiet
            instants += quiet
            if i == until or instants >= log.equity_n.shape[0] or is_full(i, worth):
                continue
        ts = panel.ts[i]
        no_room = False
        while counters[QUEUED_NOW] > 0 and queue[0, 0] <= 2 * ts:
            if counters[N_LINES] + PER_VISIT + symbols > log.n.shape[0]:
                no_room = True
                break
            _visit_next(i - 1, i, later, market, panel, venue, state, log, worth, where)
        if no_room or counters[N_LINES] > room:
            break
        if panel.session[i] > account[SESSION]:
            begin_session(int(panel.session[i]), ts, venue, state, where)
        if later:
            record_cash(i, account, worth)
            instants += 1
        else:
            _value_held(i, panel, state)
            instants = record(ts, instants, every, account, counters, log)
        demand, who = PASS, -1
        if counters[WORKING] > 0:
            if later:
                account[EQUITY] = equity_at(i, panel, state)
            if not account[EQUITY] > 0.0:
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
        _ask(i, ts, demand, who, count, later, market, panel, rules, venue, state, log, where)
        while venue.switches[AT_ONCE] == 1 and counters[QUEUED_NOW] > 0 and queue[0, 0] <= 2 * ts:
            _visit_next(i, i + 1, later, market, panel, venue, state, log, worth, where)
        i += 1
    if later:
        close_span(i, where)
    _catch_up_all(i - 1, where)
    counters[N_EQUITY] = instants
    return min(panel.at[i], stop)


@melted_part
def _may_value_later(venue):
    """Tell whether nobody asks between decisions what the account is worth, or for the best price of what is held."""
    switches, settings = venue.switches, venue.settings
    is_alone = switches[RULES] == 0 and switches[EVERY] == 0
    return is_alone and np.isnan(settings[TRAIL_AT]) and settings[BORROW] == 0.0 and settings[DEBT] == 0.0


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
def _visit_next(i, counts_from, later, market, panel, venue, state, log, worth, where):
    """Let the symbol whose row of the fill clock comes first meet it, as of an instant.

    What fills is in the account's worth from the instant `counts_from` on.
    """
    s = next_symbol(state.queue, state.counters)
    _catch_up(s, i, market, panel, state)
    position = state.book[POSITION, s]
    if venue.switches[SIMPLE] == 0 or not fills_simply(s, venue, state, log, where):
        visit(s, where)
    if later and state.book[POSITION, s] != position:
        put_by(s, position, counts_from, worth)
        if is_full(counts_from, worth):
            close_span(counts_from, where)
            open_span(counts_from, worth.at[FIRST_LINE] + counts_from - worth.at[FIRST_OPEN], worth)
    _seat(s, panel.seats, state)


@melted_part
def _value_held(i, panel, state):
    """Write last prices of what is held, equity and exposure, summed over the symbols held in the order of the universe."""
    account, book = state.account, state.book
    equity = account[CASH]
    gross = 0.0
    net = 0.0
    for word in range(panel.seats.shape[1]):
        held = state.queue[HOLDS, word]
        while held != 0:
            s = BITS * word + lowest_bit(held)
            held &= held - 1
            position, mark = book[POSITION, s], panel.mark[i, s]
            if np.isfinite(mark):
                book[LAST, s] = mark
                best = book[BEST, s]
                book[BEST, s] = max(best, mark) if position > 0.0 else min(best, mark)
            worth = position * book[LAST, s]
            equity += worth
            net += worth
            gross += abs(worth)
    account[EQUITY] = equity
    account[GROSS] = gross
    account[NET] = net
    account[PEAK] = max(account[PEAK], equity)


@melted_part
def _ask(i, ts, demand, who, count, later, market, panel, rules, venue, state, log, where):
    """Have those symbols decide that may have something to say."""
    seats = panel.seats
    is_current = False
    is_valued = not later
    is_simple = venue.switches[SIMPLE] == 1 and count == 0
    for word in range(seats.shape[1]):
        long_enter, long_exit, short_enter, short_exit = _waking(i, word, panel)
        works = seats[WORKS, word]
        asked = works | _asked(i, word, panel)
        if not is_valued and asked & (long_enter | short_enter) != 0:
            # What is sized goes by what the account is worth.
            state.account[EQUITY] = equity_at(i, panel, state)
            is_valued = True
        while asked != 0:
            place = lowest_bit(asked)
            s = BITS * word + place
            asked &= asked - 1
            row = panel.row[i, s]
            # A rule only holds at a row of this instant; an order may also be at work while its symbol has none.
            if works >> place & 1 == 1 and (row < 0 or market.ts[row] != ts):
                continue
            if count == 0:
                _see(row, s, i, panel, state)
            elif not is_current:
                # A risk rule may read of any symbol.
                _catch_up_all(i, where)
                is_current = True
            holds = (
                (long_enter >> place & 1) * LONG_ENTERS
                + (long_exit >> place & 1) * LONG_LEAVES
                + (short_enter >> place & 1) * SHORT_ENTERS
                + (short_exit >> place & 1) * SHORT_LEAVES
            )
            if not is_simple or not decides_simply(row, s, ts, holds, rules, venue, state, log):
                act(row, s, ts, holds, demand, who, where)
            _seat(s, seats, state)


@melted_part
def _waking(i, word, panel):
    """Return the bits of the symbols that each rule holds for at an instant."""
    return (
        panel.long_enter[i, word] if panel.long_enter.shape[0] > 0 else 0,
        panel.long_exit[i, word] if panel.long_exit.shape[0] > 0 else 0,
        panel.short_enter[i, word] if panel.short_enter.shape[0] > 0 else 0,
        panel.short_exit[i, word] if panel.short_exit.shape[0] > 0 else 0,
    )


@melted_part
def _asked(i, word, panel):
    """Return the bits of the symbols of which a rule holds that counts for what they hold now."""
    held_long, held_short = panel.seats[HELD_LONG, word], panel.seats[HELD_SHORT, word]
    long_enter, long_exit, short_enter, short_exit = _waking(i, word, panel)
    return (long_enter | short_enter) & ~(held_long | held_short) | long_exit & held_long | short_exit & held_short


@inner_part
def _pass_quiet(i, until, where):
    """Go on over instants at which nobody is asked, while no order is at work; return the first that has to be looked at.

    Of these only the cash is put by, and sessions begin: the account has neither debts to pay for nor rules that watch it.
    """
    stay_apart()
    panel, venue, state, worth = panel_at(where), venue_at(where), state_at(where), worth_at(where)
    until = min(until, worth.at[FIRST_OPEN] + worth.sums.shape[1])
    while i < until:
        asked = np.int64(0)
        for word in range(panel.seats.shape[1]):
            asked |= _asked(i, word, panel)
        if asked != 0:
            return i
        if panel.session[i] > state.account[SESSION]:
            begin_session(int(panel.session[i]), panel.ts[i], venue, state, where)
        record_cash(i, state.account, worth)
        i += 1
    return i


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


@melted_part
def _see(row, s, i, panel, state):
    """Take a row of an instant for the one a symbol was last seen at; when that had a price is for risk rules to ask."""
    state.times[SEEN, s] = row
    mark = panel.mark[i, s]
    state.book[LAST, s] = mark if np.isfinite(mark) else panel.last[s, i]


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
