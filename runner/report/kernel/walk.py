"""Round trips from fills, one walk for whoever counts them or shows them; the rules are those of `report.trades`."""

from runner.compiler import inner_part
from runner.report.kernel.layout import (
    CLOSED,
    COST,
    DIRECTION,
    ENTERED,
    ENTRY_NOTIONAL,
    EXIT_NOTIONAL,
    EXITED,
    FEES,
    HELD,
    LARGEST,
    OPEN,
    OPENED,
    REALISED,
    SLIPPAGE,
    SYMBOL,
    TRADE_X,
)

__all__ = ["walked"]

DUST = 1e-9
"""A position below this share of the trade's largest is flat: sums of decimals such as 0.1 + 0.2 − 0.3 leave that much."""


@inner_part
def walked(ts, symbol, quantity, price, fee, slippage, count, symbols, current, n, x):
    """Walk over fills, write down their trades in the order in which they opened, and return how many there are.

    Args:
        ts: UTC ns of each fill, ascending.
        symbol: Its place in the universe.
        quantity: Above zero where it was bought.
        price: After slippage.
        fee: Of the whole fill.
        slippage: Of the whole fill.
        count: How many fills there are.
        symbols: How many symbols the universe has.
        current: Scratch, one whole number per symbol.
        n: Room for the trades' whole numbers, one trade per fill.
        x: Room for their numbers.
    """
    for s in range(symbols):
        current[s] = -1
    trades = 0
    for k in range(count):
        s = symbol[k]
        units, at = abs(quantity[k]), price[k]
        direction = 1 if quantity[k] > 0.0 else -1
        trip, left = current[s], units
        if trip >= 0 and n[trip, DIRECTION] != direction:
            # The fill reduces the trade.
            held = x[trip, HELD]
            part = min(units, held)
            x[trip, FEES] += fee[k] * part / units
            x[trip, SLIPPAGE] += slippage[k] * part / units
            released = part * x[trip, COST] / held
            x[trip, REALISED] += (part * at - released) * -direction
            x[trip, COST] -= released
            held -= part
            x[trip, HELD] = held
            x[trip, EXITED] += part
            x[trip, EXIT_NOTIONAL] += part * at
            if held > DUST * x[trip, LARGEST]:
                continue
            n[trip, CLOSED] = ts[k]
            current[s] = -1
            left = units - part
            if not left > DUST * x[trip, LARGEST]:
                continue
            trip = -1
        if trip < 0:
            trip = trades
            trades += 1
            current[s] = trip
            n[trip, SYMBOL] = s
            n[trip, OPENED] = ts[k]
            n[trip, CLOSED] = OPEN
            n[trip, DIRECTION] = direction
            for place in range(TRADE_X):
                x[trip, place] = 0.0
        x[trip, FEES] += fee[k] * left / units
        x[trip, SLIPPAGE] += slippage[k] * left / units
        held = x[trip, HELD] + left
        x[trip, HELD] = held
        x[trip, COST] += left * at
        x[trip, ENTERED] += left
        x[trip, ENTRY_NOTIONAL] += left * at
        x[trip, LARGEST] = max(x[trip, LARGEST], held)
    return trades
