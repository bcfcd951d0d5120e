"""The columns that figures are made from, out of the lines that the trading kernel wrote."""

from runner.compiler import inner_part
from runner.report.kernel.layout import (
    CHARGE_AMOUNT,
    CHARGE_COUNT,
    CHARGE_TS,
    FILL_COUNT,
    FILL_FEE,
    FILL_MAKER,
    FILL_PRICE,
    FILL_QUANTITY,
    FILL_SLIPPAGE,
    FILL_SYMBOL,
    FILL_TS,
    FILLED,
    ORDER_COUNT,
    ORDER_END,
    ORDER_FILLED,
    ORDER_QUANTITY,
    ORDER_TS,
    REFUSAL_COUNT,
    REFUSAL_TS,
)
from runner.trading.kernel.layout import CHARGE_LINE, END_LINE, FILL_LINE, ORDER_LINE, REFUSAL_LINE

__all__ = ["gathered"]

WHOLE = 1.0 - 1e-12
"""Share of an order from which on it is filled: what was filled in several parts may miss the whole by rounding."""


@inner_part
def gathered(n, x, lines, wholes, numbers, counts):
    """Write the columns of orders, fills, refusals and charges, and how many rows each has."""
    orders, fills, refusals, charges = 0, 0, 0, 0
    for k in range(lines):
        sort = n[k, 0]
        if sort == FILL_LINE:
            quantity, price = x[k, 0], x[k, 2]
            wholes[FILL_TS, fills] = n[k, 2]
            wholes[FILL_SYMBOL, fills] = n[k, 3]
            wholes[FILL_MAKER, fills] = n[k, 4]
            numbers[FILL_QUANTITY, fills] = quantity
            numbers[FILL_PRICE, fills] = price
            numbers[FILL_FEE, fills] = x[k, 3]
            numbers[FILL_SLIPPAGE, fills] = abs(quantity) * abs(price - x[k, 1])
            numbers[ORDER_FILLED, n[k, 1] - 1] += abs(quantity)
            fills += 1
        elif sort == ORDER_LINE:
            wholes[ORDER_TS, orders] = n[k, 2]
            wholes[ORDER_END, orders] = 0
            numbers[ORDER_QUANTITY, orders] = abs(x[k, 0])
            numbers[ORDER_FILLED, orders] = 0.0
            orders += 1
        elif sort == END_LINE:
            wholes[ORDER_END, n[k, 1] - 1] = n[k, 4]
        elif sort == REFUSAL_LINE:
            # A line with a second whole number tells that a rule began to close everything.
            if n[k, 5] == 0:
                wholes[REFUSAL_TS, refusals] = n[k, 2]
                refusals += 1
        elif sort == CHARGE_LINE:
            wholes[CHARGE_TS, charges] = n[k, 2]
            numbers[CHARGE_AMOUNT, charges] = x[k, 0]
            charges += 1
    for order in range(orders):
        if wholes[ORDER_END, order] == 0 and numbers[ORDER_FILLED, order] >= numbers[ORDER_QUANTITY, order] * WHOLE:
            wholes[ORDER_END, order] = FILLED
    counts[ORDER_COUNT] = orders
    counts[FILL_COUNT] = fills
    counts[REFUSAL_COUNT] = refusals
    counts[CHARGE_COUNT] = charges
