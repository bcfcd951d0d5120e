"""The loop over instants; see the package for what happens at each."""

from functools import cache

import numpy as np

from runner.compiler import (
    INT,
    Compiled,
    build,
    melted_part,
)
from runner.trading.kernel.booking import charge_nights, value
from runner.trading.kernel.decide import act, flatten, holding, is_idle, withdraw
from runner.trading.kernel.gate import demanded
from runner.trading.kernel.layout import (
    AT_ONCE,
    BEST,
    CLOSE_ALL,
    EQUITY,
    EVERY,
    HAS_TARGET,
    LAST,
    MARKED,
    MAX_HOLDING,
    N_EQUITY,
    N_LINES,
    PASS,
    POSITION,
    QUEUED_NOW,
    RULES,
    SEEN,
    SESSION,
    TRADES_IN,
    WORKING,
)
from runner.trading.kernel.log import record
from runner.trading.kernel.panel import PER_VISIT, most_lines, walk_panel
from runner.trading.kernel.queue import next_symbol
from runner.trading.kernel.rest import may_rest, rest
from runner.trading.kernel.venue import visit
from runner.trading.kernel.world import log_at, market_at, panel_at, rules_at, state_at, venue_at

__all__ = ["compiled_advance"]


@melted_part
def _mark(row, s, ts, session, mark, state):
    """Take a row's price for the symbol's last one; a price that isn't known leaves the one before."""
    book = state.book
    state.times[SEEN, s] = row
    if np.isfinite(mark):
        state.times[MARKED, s] = ts
        state.times[TRADES_IN, s] = session
        book[LAST, s] = mark
        position = book[POSITION, s]
        if position > 0.0:
            book[BEST, s] = max(book[BEST, s], mark)
        elif position < 0.0:
            book[BEST, s] = min(book[BEST, s], mark)


@melted_part
def _respond(at, after, demand, who, market, rules, venue, state, where):
    """Do what the risk rules demand at an instant, then what the signal says of its rows."""
    ts = market.ts[market.order[at] if market.order.shape[0] > 0 else at]
    if demand >= CLOSE_ALL:
        flatten(ts, where)
    elif demand > PASS:
        withdraw(ts, where)
    by_rules = venue.switches[HAS_TARGET] == 0 and venue.switches[MAX_HOLDING] == 0
    for place in range(at, after):
        row = market.order[place] if market.order.shape[0] > 0 else place
        s = market.symbol[row]
        # Of several rows of a symbol at one instant the last one decides: it is what is known then.
        if state.times[SEEN, s] == row and not (by_rules and is_idle(row, s, rules, state.book)):
            act(row, s, ts, holding(row, rules), demand, who, where)
    # What fills at the row that decides waits for no later instant: there may be none.
    while venue.switches[AT_ONCE] == 1 and state.counters[QUEUED_NOW] > 0 and state.queue[0, 0] <= 2 * ts:
        visit(next_symbol(state.queue, state.counters), where)


@melted_part
def _walk(start, stop, where):
    """Go on from the instant at place `start` of the order of time; return the place of the first that wasn't done."""
    market, rules, venue = market_at(where), rules_at(where), venue_at(where)
    state, log = state_at(where), log_at(where)
    # What doesn't change is read once: a compiled loop can't know that what it writes elsewhere leaves it alone.
    account, counters, queue = state.account, state.counters, state.queue
    symbols, count, every = state.book.shape[1], venue.switches[RULES], venue.switches[EVERY]
    by_rules = venue.switches[HAS_TARGET] == 0 and venue.switches[MAX_HOLDING] == 0
    ordered = market.order.shape[0] > 0
    room, instants = log.n.shape[0], counters[N_EQUITY]
    alone = symbols == 1 and every == 0 and by_rules and not ordered
    at = start
    while at < stop:
        if alone and may_rest(state) and counters[N_LINES] + most_lines(1, 1, count) <= room:
            done, demand, who = rest(at, stop, int(account[SESSION]), instants, market, rules, venue, state, log, where)
            instants += done - at
            at = done
            if demand > PASS:
                _respond(at - 1, at, demand, who, market, rules, venue, state, where)
                continue
            if at == stop:
                break
        row = market.order[at] if ordered else at
        ts = market.ts[row]
        while counters[QUEUED_NOW] > 0 and queue[0, 0] <= 2 * ts:
            if counters[N_LINES] + PER_VISIT + symbols > room:
                counters[N_EQUITY] = instants
                return at
            visit(next_symbol(queue, counters), where)
        after = at + 1
        latest = int(market.session[row])
        while after < stop:
            row = market.order[after] if ordered else after
            if market.ts[row] != ts:
                break
            latest = max(latest, int(market.session[row]))
            after += 1
        if counters[N_LINES] + most_lines(after - at, symbols, count) > room or instants >= log.equity_n.shape[0]:
            counters[N_EQUITY] = instants
            return at
        if latest > account[SESSION]:
            charge_nights(latest, ts, where)
        for place in range(at, after):
            row = market.order[place] if ordered else place
            _mark(row, market.symbol[row], ts, market.session[row], market.mark[row], state)
        value(state)
        instants = record(ts, instants, every, account, counters, log)
        demand, who = PASS, -1
        if counters[WORKING] > 0 and not account[EQUITY] > 0.0:
            withdraw(ts, where)
        if count > 0:
            demand, who = demanded(ts, int(account[SESSION]), where)
        _respond(at, after, demand, who, market, rules, venue, state, where)
        at = after
    counters[N_EQUITY] = instants
    return stop


def _advance(start, stop, where):
    """Advance over the instants from place `start` to `stop`; return the place of the first that wasn't done."""
    if panel_at(where).at.shape[0] > 0:
        return walk_panel(start, stop, where)
    return _walk(start, stop, where)


SIGNATURE = INT(INT, INT, INT)
"""Place of the first instant, of the one after the last, and where the table of `world` lies."""

TEXT = '''"""The decision kernel, compiled for pipelines of every shape."""

from runner.compiler import exactly, melted_part
from runner.trading.kernel.advance import SIGNATURE


@exactly(SIGNATURE)
def advance({names}):
    """Go on from one place in the order of time to another."""
    return body({names})
'''


@cache
def compiled_advance() -> Compiled:
    """Return `advance`, compiled; made from the parts it calls, whichever files they are in."""
    code = _advance.__code__
    names = ", ".join(code.co_varnames[: code.co_argcount])
    module = build("advance", TEXT.format(names=names), {"body": _advance})
    compiled: Compiled = module.advance
    return compiled
