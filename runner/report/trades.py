"""Round trips: what was earned between leaving and reaching a flat position, from the fills alone.

1. Each symbol's fills are walked in the order of the table.
2. A fill that increases the position, or opens one, adds to the trade's entries; one that decreases it adds to its exits
   and realises `(exit price − average cost) × quantity × direction`.
3. The trade closes when the position is flat. A fill that goes through zero is split by quantity: its first part closes
   the trade, the rest opens the next one, and its fee and slippage are shared in proportion.

Average cost is what the entries that are still held cost on average. Once a trade is closed every matching rule gives the
same profit; the rule only decides what an open trade has realised so far.
"""

import numpy as np
from numpy.typing import NDArray

from runner.report.columns import numbers, stamps, words
from runner.report.from_tables import places_of, signed
from runner.report.kernel import layout
from runner.report.kernel.compiled import compiled_figures
from runner.report.kernel.layout import OPEN
from runner.tables import Table

__all__ = ["OPEN", "closed_trades", "round_trips"]

Wholes = NDArray[np.int64]
Values = NDArray[np.float64]


def closed_trades(fills: Table, *, after: int) -> int:
    """Return how many trades `round_trips` would find closed that opened later than an instant, without their figures.

    Args:
        fills: columns `ts`, `symbol` (its place among the symbols) and signed `quantity`, ascending in `ts`.
        after: UTC ns.
    """
    ts, symbol, quantity = stamps(fills, "ts"), stamps(fills, "symbol"), numbers(fills, "quantity")
    none = np.zeros(ts.size)
    n, _ = _walk(ts, symbol, quantity, none, none, none)
    return int(np.sum((n[:, layout.OPENED] > after) & (n[:, layout.CLOSED] != OPEN)))


def round_trips(fills: Table) -> Table:
    """Return one row per trade, in the order in which they opened.

    Args:
        fills: the fills table, ascending in `ts`.

    Returns:
        Columns `symbol`; `opened` and `closed` (UTC ns, `closed` is -1 while open); `side` (`long` or `short`);
        `quantity` (largest position held); `entry_price` and `exit_price` (averages over quantity, after slippage;
        `exit_price` is NaN until something was closed); `profit` (quote currency, after slippage and `fees`; of an open
        trade what it has realised so far); `fees`; `slippage` (already in the prices).
    """
    names, symbol = places_of(words(fills, "symbol"))
    values = (numbers(fills, name) for name in ("price", "fee", "slippage"))
    n, x = _walk(stamps(fills, "ts"), symbol, signed(fills), *values)
    exited = x[:, layout.EXITED]
    exit_price = np.full(exited.size, np.nan)
    np.divide(x[:, layout.EXIT_NOTIONAL], exited, out=exit_price, where=exited > 0)
    return {
        "symbol": np.array(names, dtype=np.str_)[n[:, layout.SYMBOL]],
        "opened": n[:, layout.OPENED].copy(),
        "closed": n[:, layout.CLOSED].copy(),
        "side": np.where(n[:, layout.DIRECTION] > 0, "long", "short"),
        "quantity": x[:, layout.LARGEST].copy(),
        "entry_price": x[:, layout.ENTRY_NOTIONAL] / x[:, layout.ENTERED],
        "exit_price": exit_price,
        "profit": x[:, layout.REALISED] - x[:, layout.FEES],
        "fees": x[:, layout.FEES].copy(),
        "slippage": x[:, layout.SLIPPAGE].copy(),
    }


def _walk(ts: Wholes, symbol: Wholes, *values: Values) -> tuple[Wholes, Values]:
    """Return whole numbers and numbers of the trades, from signed quantities, prices, fees and slippage of fills."""
    n, x = np.empty((ts.size, layout.TRADE_N), np.int64), np.empty((ts.size, layout.TRADE_X))
    symbols = int(symbol.max(initial=-1)) + 1
    columns = (np.array(column) for column in (ts, symbol, *values))
    trades = compiled_figures().walk(*columns, symbols, np.empty(symbols, np.int64), n, x)
    return n[:trades], x[:trades]
