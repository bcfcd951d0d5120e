"""Lines for the tables: what was ordered, filled, ended, refused and charged, in the order in which it happened."""

from runner.compiler import melted_part
from runner.trading.kernel.layout import (
    CASH,
    CHARGE_LINE,
    END_LINE,
    EQUITY,
    FILL_LINE,
    GROSS,
    LINE_SESSION,
    N_LINES,
    NET,
    ORDER_LINE,
    REFUSAL_LINE,
    SESSION,
)

__all__ = ["log_charge", "log_end", "log_fill", "log_order", "log_refusal", "log_trip", "record"]


@melted_part
def _begin(log, counters, sort, order, ts, s, a, b):
    k = counters[N_LINES]
    counters[N_LINES] = k + 1
    n = log.n
    n[k, 0] = sort
    n[k, 1] = order
    n[k, 2] = ts
    n[k, 3] = s
    n[k, 4] = a
    n[k, 5] = b
    return k


@melted_part
def log_order(log, counters, order, ts, s, reason, kind, quantity, price):
    """Write down an order: `order`, `ts`, `symbol`, `reason`, `kind`; `quantity`, `price`."""
    k = _begin(log, counters, ORDER_LINE, order, ts, s, reason, kind)
    log.x[k, 0] = quantity
    log.x[k, 1] = price


@melted_part
def log_fill(log, counters, order, ts, s, maker, quantity, reference, price, fee, position, average, realised):
    """Write down a fill; position, average price and realised profit are those after it."""
    k = _begin(log, counters, FILL_LINE, order, ts, s, maker, 0)
    log.x[k, 0] = quantity
    log.x[k, 1] = reference
    log.x[k, 2] = price
    log.x[k, 3] = fee
    log.x[k, 4] = position
    log.x[k, 5] = average
    log.x[k, 6] = realised


@melted_part
def log_end(log, counters, order, ts, s, end):
    """Write down how an order ended that wasn't filled, or not wholly."""
    _begin(log, counters, END_LINE, order, ts, s, end, 0)


@melted_part
def log_refusal(log, counters, ts, s, rule, wanted, allowed):
    """Write down who made an order smaller or stopped it before it was sent."""
    k = _begin(log, counters, REFUSAL_LINE, 0, ts, s, rule, 0)
    log.x[k, 0] = wanted
    log.x[k, 1] = allowed


@melted_part
def log_trip(log, counters, ts, rule, asked, gross):
    """Write down that a rule begins to ask that everything be closed, as a refusal of all that is open, for no symbol."""
    k = _begin(log, counters, REFUSAL_LINE, 0, ts, -1, rule, asked)
    log.x[k, 0] = gross
    log.x[k, 1] = 0.0


@melted_part
def log_charge(log, counters, ts, s, amount):
    """Write down what holding cost; a symbol of -1 is the account's debt."""
    k = _begin(log, counters, CHARGE_LINE, 0, ts, s, 0, 0)
    log.x[k, 0] = amount


@melted_part
def record(ts, k, every, account, counters, log):
    """Write equity, cash and exposure; instants of one stretch of `every` share a line, which says how it ended.

    Those of two sessions never do: returns are those of sessions, however few lines are kept.

    Returns how many lines there are.
    """
    if every > 0:
        session = int(account[SESSION])
        if k > 0 and counters[LINE_SESSION] == session and log.equity_n[k - 1] // every == ts // every:
            k -= 1
        counters[LINE_SESSION] = session
    log.equity_n[k] = ts
    log.equity_x[k, 0] = account[EQUITY]
    log.equity_x[k, 1] = account[CASH]
    log.equity_x[k, 2] = account[GROSS]
    log.equity_x[k, 3] = account[NET]
    return k + 1
