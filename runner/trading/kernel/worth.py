"""What the account is worth at each of many instants, worked out at once.

Between two fills nothing changes but prices. So a walk over instants puts by what was held from when until when, and the
cash of each instant; equity and exposure of many instants are then sums of columns, symbol after symbol in the order of the
universe. At each instant the same numbers are added in the same order as if it had been valued alone, so the bits are the
same.

    1. `open_span` begins at an instant.
    2. `put_by` is told before which instant a position changes, `record_cash` of each instant's cash.
    3. `close_span` writes the lines of equity up to an instant.

It takes a caller that nobody asks in between what the account is worth; `equity_at` tells of one instant alone.
"""

import numpy as np

from runner.compiler import inner_part, lowest_bit, melted_part, stay_apart
from runner.trading.kernel.booking import words_of
from runner.trading.kernel.layout import (
    BITS,
    CASH,
    EQUITY,
    FIRST_LINE,
    FIRST_OPEN,
    GROSS,
    HOLDS,
    LATEST,
    NET,
    PEAK,
    PIECES,
    POSITION,
    SINCE_WHEN,
    WORTH_CASH,
    WORTH_EQUITY,
    WORTH_GROSS,
    WORTH_NET,
)
from runner.trading.kernel.world import log_at, panel_at, state_at, worth_at

__all__ = ["close_span", "equity_at", "is_full", "open_span", "put_by", "record_cash"]


@melted_part
def open_span(i, line, worth):
    """Begin with an instant, whose equity goes to a line."""
    worth.at[FIRST_OPEN], worth.at[FIRST_LINE], worth.at[PIECES] = i, line, 0
    for s in range(worth.span.shape[1]):
        worth.span[SINCE_WHEN, s] = i
        worth.span[LATEST, s] = -1


@melted_part
def is_full(i, worth):
    """Tell whether there is no room for an instant, or for a piece."""
    return i - worth.at[FIRST_OPEN] >= worth.sums.shape[1] or worth.at[PIECES] >= worth.units.shape[0]


@melted_part
def put_by(s, position, i, worth):
    """Put by that a position was held until before an instant."""
    since = worth.span[SINCE_WHEN, s]
    if position != 0.0 and since < i:
        piece = worth.at[PIECES]
        worth.at[PIECES] = piece + 1
        worth.pieces[piece, 0] = since
        worth.pieces[piece, 1] = i
        worth.pieces[piece, 2] = worth.span[LATEST, s]
        worth.units[piece] = position
        worth.span[LATEST, s] = piece
    worth.span[SINCE_WHEN, s] = i


@melted_part
def record_cash(i, account, worth):
    """Put by the cash of an instant."""
    worth.sums[WORTH_CASH, i - worth.at[FIRST_OPEN]] = account[CASH]


@melted_part
def equity_at(i, panel, state):
    """Return what the account is worth at an instant, summed over the symbols held in the order of the universe."""
    equity = state.account[CASH]
    for word in range(words_of(state.book.shape[1])):
        held = state.queue[HOLDS, word]
        while held != 0:
            s = BITS * word + lowest_bit(held)
            held &= held - 1
            # Prices of one instant lie side by side; those of one symbol are elsewhere.
            price = panel.mark[i, s]
            equity += state.book[POSITION, s] * (price if np.isfinite(price) else panel.last[s, i])
    return equity


@inner_part
def close_span(i, where):
    """Write a line of equity for every instant since the first up to before this one."""
    stay_apart()
    panel, state, log, worth = panel_at(where), state_at(where), log_at(where), worth_at(where)
    first, line = worth.at[FIRST_OPEN], worth.at[FIRST_LINE]
    count = i - first
    if count <= 0:
        return
    equity, cash = worth.sums[WORTH_EQUITY, :count], worth.sums[WORTH_CASH, :count]
    gross, net = worth.sums[WORTH_GROSS, :count], worth.sums[WORTH_NET, :count]
    for t in range(count):
        equity[t] = cash[t]
        gross[t] = 0.0
        net[t] = 0.0
    for s in range(state.book.shape[1]):
        _add(worth.span[SINCE_WHEN, s], i, first, state.book[POSITION, s], panel.last[s], worth)
        piece = worth.span[LATEST, s]
        while piece >= 0:
            _add(worth.pieces[piece, 0], worth.pieces[piece, 1], first, worth.units[piece], panel.last[s], worth)
            piece = worth.pieces[piece, 2]
    peak = state.account[PEAK]
    for t in range(count):
        log.equity_n[line + t] = panel.ts[first + t]
    lines = log.equity_x[line : line + count]
    for t in range(count):
        peak = max(peak, equity[t])
        lines[t, 0] = equity[t]
        lines[t, 1] = cash[t]
        lines[t, 2] = gross[t]
        lines[t, 3] = net[t]
    account = state.account
    account[EQUITY], account[GROSS], account[NET], account[PEAK] = equity[count - 1], gross[count - 1], net[count - 1], peak


@melted_part
def _add(since, until, first, position, last, worth):
    """Add what a position was worth at each instant of a stretch."""
    if position == 0.0 or until <= since:
        return
    begin, end = since - first, until - first
    equity, gross = worth.sums[WORTH_EQUITY, begin:end], worth.sums[WORTH_GROSS, begin:end]
    net, price = worth.sums[WORTH_NET, begin:end], last[since:until]
    for t in range(end - begin):
        value = position * price[t]
        equity[t] += value
        net[t] += value
        gross[t] += abs(value)
