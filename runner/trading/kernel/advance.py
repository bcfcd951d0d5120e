"""The loop over instants; see the package for what happens at each."""

from functools import cache

import numpy as np

from runner.compiler import (
    CODES,
    FLAT,
    GRID,
    INT,
    INTS,
    MATRIX,
    ROWS,
    SERIES,
    TABLE,
    Compiled,
    build,
    melted_part,
)
from runner.trading.kernel.booking import charge_nights, value
from runner.trading.kernel.decide import decide, flatten
from runner.trading.kernel.gate import demanded
from runner.trading.kernel.layout import (
    BEST,
    CASH,
    CLOSE_ALL,
    EQUITY,
    EVERY,
    GROSS,
    LAST,
    MARKED,
    N_EQUITY,
    N_LINES,
    NET,
    POSITION,
    QUEUED_NOW,
    RULES,
    SEEN,
    SESSION,
    Log,
    Market,
    Rules,
    State,
    Venue,
)
from runner.trading.kernel.queue import next_symbol
from runner.trading.kernel.venue import visit

__all__ = ["MOST_RULES", "compiled_advance"]

MOST_RULES = 16
"""Risk rules a pipeline may have."""
PER_VISIT = 4
"""Lines a visit can write into one buffer."""


@melted_part
def _has_room(lines, log, counters):
    """Tell whether the buffers have room for some lines more, and one of equity."""
    return counters[N_LINES] + lines <= log.n.shape[0] and counters[N_EQUITY] + 1 <= log.equity_n.shape[0]


@melted_part
def _record(ts, every, state, log):
    """Write equity, cash and exposure; instants of one stretch of `every` share a line, which says how it ended."""
    k = state.counters[N_EQUITY]
    if every > 0 and k > 0 and log.equity_n[k - 1] // every == ts // every:
        k -= 1
    else:
        state.counters[N_EQUITY] = k + 1
    account = state.account
    log.equity_n[k] = ts
    log.equity_x[k, 0] = account[EQUITY]
    log.equity_x[k, 1] = account[CASH]
    log.equity_x[k, 2] = account[GROSS]
    log.equity_x[k, 3] = account[NET]


@melted_part
def _mark(row, s, ts, market, state):
    """Take a row's price for the symbol's last one; a price that isn't known leaves the one before."""
    book, mark = state.book, market.mark[row]
    state.times[SEEN, s] = row
    state.times[MARKED, s] = ts
    if np.isfinite(mark):
        book[LAST, s] = mark
        if book[POSITION, s] > 0.0:
            book[BEST, s] = max(book[BEST, s], mark)
        elif book[POSITION, s] < 0.0:
            book[BEST, s] = min(book[BEST, s], mark)


@melted_part
def _walk(start, stop, market, rules, venue, state, log):
    """Go on from the instant at place `start` of the order of time; return the place of the first that wasn't done."""
    symbols = state.book.shape[1]
    count = venue.switches[RULES]
    ordered = market.order.shape[0] > 0
    at = start
    while at < stop:
        ts = market.ts[market.order[at] if ordered else at]
        while state.counters[QUEUED_NOW] > 0 and state.queue[0, 0] <= 2 * ts:
            if not _has_room(PER_VISIT, log, state.counters):
                return at
            visit(next_symbol(state.queue, state.counters), venue, state, log)
        after = at + 1
        while after < stop and market.ts[market.order[after] if ordered else after] == ts:
            after += 1
        if not _has_room((after - at) * (count + 3) + 2 * symbols + 1, log, state.counters):
            return at
        session = state.account[SESSION]
        for place in range(at, after):
            session = max(session, market.session[market.order[place] if ordered else place])
        if session > state.account[SESSION]:
            charge_nights(session, ts, state, venue, log)
        for place in range(at, after):
            row = market.order[place] if ordered else place
            _mark(row, market.symbol[row], ts, market, state)
        value(state)
        _record(ts, venue.switches[EVERY], state, log)
        demand, who = 0.0, -1
        if count > 0:
            demand, who = demanded(ts, int(session), rules, venue.switches, state)
            if demand >= CLOSE_ALL:
                flatten(ts, venue, state, log)
        for place in range(at, after):
            row = market.order[place] if ordered else place
            # Of several rows of a symbol at one instant the last one decides: it is what is known then.
            if state.times[SEEN, market.symbol[row]] == row:
                decide(row, market.symbol[row], ts, demand, who, rules, venue, state, log)
        at = after
    return stop


def _advance(
    start, stop,
    order, ts, session, symbol, mark,
    ready, long_enter, long_exit, short_enter, short_exit, size, size_p, allowed, watch, rule_p, rule_at, own,
    columns, outages, extras, price, price_p, fee, fee_p, traded, given, settings, switches,
    account, book, times, queue, counters,
    n, x, equity_n, equity_x,
):  # fmt: skip
    """Advance over the instants from place `start` to `stop`; return the place of the first that wasn't done."""
    market = Market(order, ts, session, symbol, mark)
    rules = Rules(
        ready, long_enter, long_exit, short_enter, short_exit, size, size_p, allowed, watch, rule_p, rule_at, own
    )  # fmt: skip
    venue = Venue(columns, outages, extras, price, price_p, fee, fee_p, traded, given, settings, switches)
    state = State(account, book, times, queue, counters)
    return _walk(start, stop, market, rules, venue, state, Log(n, x, equity_n, equity_x))


SIGNATURE = INT(
    INT, INT,
    ROWS, ROWS, CODES, CODES, SERIES,
    ROWS, SERIES, SERIES, SERIES, SERIES, INT, FLAT, INTS, INTS, MATRIX, INTS, FLAT,
    INTS, GRID, TABLE, INT, FLAT, INT, FLAT, FLAT, FLAT, FLAT, INTS,
    FLAT, MATRIX, GRID, GRID, INTS,
    GRID, MATRIX, INTS, MATRIX,
)  # fmt: skip

TEXT = '''"""The decision kernel, compiled for pipelines of every shape."""

from runner.compiler import exactly
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
