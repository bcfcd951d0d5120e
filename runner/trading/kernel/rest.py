"""Rows of a single symbol at which nothing can happen, done in one go.

It is what the loop over instants does there, and to the bit: last price, equity, exposure, one line each. But most rows of
most runs are such rows, and a loop without anything to look up takes a quarter of the time for them.
"""

import numpy as np

from runner.compiler import melted_part
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
    PEAK,
    POSITION,
    QUEUED_NOW,
    SEEN,
)

__all__ = ["may_rest", "rest"]


@melted_part
def may_rest(state):
    """Tell whether the only symbol neither has an order at work nor waits for a row."""
    return state.counters[QUEUED_NOW] == 0 and state.book[KIND, 0] == NONE


@melted_part
def rest(at, stop, session, instants, market, rules, state, log):
    """Go on from a place to the first row that has to be looked at; return its place.

    That is where a rule holds, a session begins, or an instant has several rows.

    Args:
        at: place in the order of time, which is the order of the rows.
        stop: place after the last.
        session: latest session date.
        instants: lines of equity so far; one is added for each row that is done.
        market: the deciding rows.
        rules: what the signal says.
        state: of the one symbol; `may_rest`.
        log: buffers.
    """
    account, book = state.account, state.book
    marked = state.times[MARKED, 0]
    position, last, best, cash = book[POSITION, 0], book[LAST, 0], book[BEST, 0], account[CASH]
    peak, equity, net = account[PEAK], account[EQUITY], account[NET]
    one, other = rules.long_enter, rules.short_enter
    if position > 0.0:
        one, other = rules.long_exit, rules.long_exit
    elif position < 0.0:
        one, other = rules.short_exit, rules.short_exit
    has_one, has_other = one.shape[0] > 0, other.shape[0] > 0
    end = min(stop, at + log.equity_n.shape[0] - instants)
    row = at
    while row < end:
        ts = market.ts[row]
        if (has_one and one[row] == 1.0) or (has_other and other[row] == 1.0) or market.session[row] > session:
            break
        if row + 1 < stop and market.ts[row + 1] == ts:
            break
        mark = market.mark[row]
        if np.isfinite(mark):
            last, marked = mark, ts
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
        log.equity_n[line] = ts
        log.equity_x[line, 0] = equity
        log.equity_x[line, 1] = cash
        log.equity_x[line, 2] = abs(net)
        log.equity_x[line, 3] = net
        row += 1
    if row > at:
        book[LAST, 0], book[BEST, 0] = last, best
        account[EQUITY], account[GROSS], account[NET], account[PEAK] = equity, abs(net), net, peak
        state.times[SEEN, 0], state.times[MARKED, 0] = row - 1, marked
    return row
