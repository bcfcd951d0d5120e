"""A number of 64 bits that tells whether two runs wrote the same: every column mixed for itself, then all of them together.

Each value is mixed into its column's number by a step that can be undone, so that one value that differs always gives
another number. Columns don't wait for one another, so the processor mixes several at once.
"""

import numpy as np

from runner.compiler import inner_part
from runner.report.kernel.layout import FILL_SLIPPAGE, ORDER_END, ORDER_FILLED
from runner.trading.kernel.layout import CHARGE_LINE, FILL_LINE, ORDER_LINE, REFUSAL_LINE

__all__ = ["mixed_column", "mixed_lines", "together"]

# where the columns' numbers stand
EQUITY = 0
"""ts, equity, cash, gross, net."""
ORDERS = 5
"""order, ts, symbol, reason, kind, signed quantity, price, end, filled."""
FILLS = 14
"""order, ts, symbol, maker, signed quantity, reference, price, fee, position, average price, realised, slippage."""
REFUSED = 26
"""ts, symbol, rule, what a rule asked for, wanted, allowed."""
CHARGES = 32
"""ts, symbol, amount."""
ROWS = 35
"""How many rows there are: of equity, measured ones, orders, fills, refusals, charges."""
PLACES = 41

FIRST = 0x243F6A8885A308D3
ODD = 0x2545F4914F6CDD1D
LOW_31 = 0x7FFFFFFF
LOW_32 = 0xFFFFFFFF


@inner_part
def _mix(found, value):
    """Return a number with a value mixed into it: turned by 31 bits, so that high bits reach low ones, and multiplied."""
    found ^= value
    return ((found << 31) | ((found >> 33) & LOW_31)) * ODD


@inner_part
def _bits(value):
    return np.float64(value).view(np.int64)


@inner_part
def mixed_column(values):
    """Return the number of a column of 64 bits each."""
    found = FIRST
    for value in values:
        found = _mix(found, value)
    return found


@inner_part
def together(sums):
    """Return one number of all the columns' numbers."""
    found = FIRST
    for value in sums:
        found = _mix(found, value)
        found ^= (found >> 32) & LOW_32
    return found


@inner_part
def _equity(ts, worth, instants, sums):
    a, b, c, d, e = FIRST, FIRST, FIRST, FIRST, FIRST
    for i in range(instants):
        a = _mix(a, ts[i])
        b = _mix(b, _bits(worth[i, 0]))
        c = _mix(c, _bits(worth[i, 1]))
        d = _mix(d, _bits(worth[i, 2]))
        e = _mix(e, _bits(worth[i, 3]))
    sums[EQUITY], sums[EQUITY + 1], sums[EQUITY + 2], sums[EQUITY + 3], sums[EQUITY + 4] = a, b, c, d, e


@inner_part
def mixed_lines(n, x, lines, equity_n, equity_x, instants, first, wholes, numbers, sums):
    """Return the number of what a run wrote, whose columns `gather` has written.

    Args:
        n: Whole numbers of each line.
        x: Numbers of each line.
        lines: How many lines there are.
        equity_n: Instants.
        equity_x: Equity, cash, gross and net by instant.
        instants: How many instants there are.
        first: First measured instant.
        wholes: Columns of whole numbers.
        numbers: Columns of numbers.
        sums: Scratch, `PLACES` long.
    """
    for place in range(ROWS):
        sums[place] = FIRST
    _equity(equity_n, equity_x, instants, sums)
    orders, fills, refusals, charges = 0, 0, 0, 0
    for k in range(lines):
        sort = n[k, 0]
        if sort == ORDER_LINE:
            sums[ORDERS] = _mix(sums[ORDERS], n[k, 1])
            for j in range(4):
                sums[ORDERS + 1 + j] = _mix(sums[ORDERS + 1 + j], n[k, 2 + j])
            for j in range(2):
                sums[ORDERS + 5 + j] = _mix(sums[ORDERS + 5 + j], _bits(x[k, j]))
            sums[ORDERS + 7] = _mix(sums[ORDERS + 7], wholes[ORDER_END, orders])
            sums[ORDERS + 8] = _mix(sums[ORDERS + 8], _bits(numbers[ORDER_FILLED, orders]))
            orders += 1
        elif sort == FILL_LINE:
            for j in range(4):
                sums[FILLS + j] = _mix(sums[FILLS + j], n[k, 1 + j])
            for j in range(7):
                sums[FILLS + 4 + j] = _mix(sums[FILLS + 4 + j], _bits(x[k, j]))
            sums[FILLS + 11] = _mix(sums[FILLS + 11], _bits(numbers[FILL_SLIPPAGE, fills]))
            fills += 1
        elif sort == REFUSAL_LINE:
            for j in range(4):
                sums[REFUSED + j] = _mix(sums[REFUSED + j], n[k, 2 + j])
            for j in range(2):
                sums[REFUSED + 4 + j] = _mix(sums[REFUSED + 4 + j], _bits(x[k, j]))
            refusals += 1
        elif sort == CHARGE_LINE:
            for j in range(2):
                sums[CHARGES + j] = _mix(sums[CHARGES + j], n[k, 2 + j])
            sums[CHARGES + 2] = _mix(sums[CHARGES + 2], _bits(x[k, 0]))
            charges += 1
    sums[ROWS], sums[ROWS + 1], sums[ROWS + 2] = instants, instants - first, orders
    sums[ROWS + 3], sums[ROWS + 4], sums[ROWS + 5] = fills, refusals, charges
    return together(sums)
