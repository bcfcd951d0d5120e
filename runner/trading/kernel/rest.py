"""Rows of a single symbol at which nothing can happen, done in one go.

It is what the loop over instants does there, and to the bit: last price, equity, exposure, one line each, and risk rules
that watch the account are asked. But most rows of most runs are such rows, and a loop without anything to look up takes a
quarter of the time for them.
"""

import numpy as np

from runner.compiler import melted_part
from runner.trading.kernel.gate import demanded
from runner.trading.kernel.layout import (
    BEST,
    CASH,
    EQUITY,
    GROSS,
    KIND,
    LAST,
    MARKED,
    NET,
    NONE,
    PASS,
    PEAK,
    POSITION,
    QUEUED_NOW,
    SEEN,
    STEADY,
    TRADES_IN,
    WATCHES,
)
from runner.trading.kernel.orders import fetch_row

__all__ = ["may_rest", "rest"]


AHEAD = 24
"""Rows ahead at which what an order will read is asked for; about as many as are done while memory answers."""


@melted_part
def may_rest(state):
    """Tell whether the only symbol neither has an order at work nor waits for a row."""
    return state.counters[QUEUED_NOW] == 0 and state.book[KIND, 0] == NONE


@melted_part
def rest(at, stop, session, instants, market, rules, venue, state, log, where):
    """Go on from a place to the first row that has to be looked at.

    That is where a rule of the signal holds, a session begins, or an instant has several rows; or the row after one of which
    a risk rule had something to say.

    Args:
        at: place in the order of time, which is the order of the rows.
        stop: place after the last.
        session: latest session date.
        instants: lines of equity so far; one is added for each row that is done.
        market: the deciding rows.
        rules: what the signal says.
        venue: where orders will fill.
        state: of the one symbol; `may_rest`.
        log: buffers.
        where: the table of all these.

    Returns:
        The first row that isn't done, what the risk rules demand at the last one that is, and which of them.
    """
    end = _first_of_interest(
        at, min(stop, at + log.equity_n.shape[0] - instants), stop, session, market, rules, venue, state
    )
    if end == at:
        return at, PASS, -1
    if venue.switches[WATCHES] > 0:
        return _watched(at, end, session, instants, market, venue, state, log, where)
    if state.book[POSITION, 0] == 0.0:
        _flat(at, end, instants, market, state, log)
    else:
        _valued(at, end, instants, market, state, log)
    return end, PASS, -1


@melted_part
def _first_of_interest(at, end, stop, session, market, rules, venue, state):
    position = state.book[POSITION, 0]
    one, other = rules.long_enter, rules.short_enter
    if position > 0.0:
        one, other = rules.long_exit, rules.long_exit
    elif position < 0.0:
        one, other = rules.short_exit, rules.short_exit
    has_one, has_other = one.shape[0] > 0, other.shape[0] > 0
    row = at
    while row < end:
        if (has_one and one[row] == 1.0) or (has_other and other[row] == 1.0) or market.session[row] > session:
            break
        if row + 1 < stop and market.ts[row + 1] == market.ts[row]:
            break
        soon = row + AHEAD
        if soon < stop and ((has_one and one[soon] == 1.0) or (has_other and other[soon] == 1.0)):
            fetch_row(soon + 1, venue)
        row += 1
    return row


@melted_part
def _flat(at, end, instants, market, state, log):
    """Without a position: equity is cash, and of the prices only the last one counts."""
    account = state.account
    cash = account[CASH]
    first = instants - at
    for row in range(at, end):
        log.equity_n[first + row] = market.ts[row]
    for line in range(instants, instants + end - at):
        log.equity_x[line, 0] = cash
        log.equity_x[line, 1] = cash
        log.equity_x[line, 2] = 0.0
        log.equity_x[line, 3] = 0.0
    row = end - 1
    while row >= at and not np.isfinite(market.mark[row]):
        row -= 1
    if row >= at:
        state.book[LAST, 0] = market.mark[row]
        state.times[MARKED, 0] = market.ts[row]
        state.times[TRADES_IN, 0] = market.session[row]
    account[EQUITY], account[GROSS], account[NET] = cash, 0.0, 0.0
    account[PEAK] = max(account[PEAK], cash)
    state.times[SEEN, 0] = end - 1


@melted_part
def _valued(at, end, instants, market, state, log):
    """Mark, value and record row by row, whatever is held."""
    account, book = state.account, state.book
    marked, trades_in = state.times[MARKED, 0], state.times[TRADES_IN, 0]
    position, last, best, cash = book[POSITION, 0], book[LAST, 0], book[BEST, 0], account[CASH]
    peak, equity, net = account[PEAK], account[EQUITY], account[NET]
    for row in range(at, end):
        mark = market.mark[row]
        if np.isfinite(mark):
            last, marked, trades_in = mark, market.ts[row], market.session[row]
            if position > 0.0:
                best = max(best, mark)
            elif position < 0.0:
                best = min(best, mark)
        net = 0.0
        if position != 0.0:
            net += position * last
        equity = cash + net if position != 0.0 else cash
        peak = max(peak, equity)
        line = instants + row - at
        log.equity_n[line] = market.ts[row]
        log.equity_x[line, 0] = equity
        log.equity_x[line, 1] = cash
        log.equity_x[line, 2] = abs(net)
        log.equity_x[line, 3] = net
    book[LAST, 0], book[BEST, 0] = last, best
    account[EQUITY], account[GROSS], account[NET], account[PEAK] = equity, abs(net), net, peak
    state.times[SEEN, 0], state.times[MARKED, 0], state.times[TRADES_IN, 0] = end - 1, marked, trades_in


@melted_part
def _watched(at, end, session, instants, market, venue, state, log, where):
    """With rules that watch the account: each is asked at every row, or once if none can say anything else at the next."""
    for row in range(at, end):
        _valued(row, row + 1, instants + row - at, market, state, log)
        demand, who = demanded(market.ts[row], session, where)
        if demand > PASS:
            return row + 1, demand, who
        if venue.switches[STEADY] == 1 and state.book[POSITION, 0] == 0.0:
            if row + 1 < end:
                _flat(row + 1, end, instants + row + 1 - at, market, state, log)
            break
    return end, PASS, -1
