"""Round trips: what was earned between leaving and reaching a flat position, from the fills alone.

1. Each symbol's fills are walked in the order of the table.
2. A fill that increases the position, or opens one, adds to the trade's entries; one that decreases it adds to its exits
   and realises `(exit price − average cost) × quantity × direction`.
3. The trade closes when the position is flat. A fill that goes through zero is split by quantity: its first part closes
   the trade, the rest opens the next one, and its fee and slippage are shared in proportion.

Average cost is what the entries that are still held cost on average. Once a trade is closed every matching rule gives the
same profit; the rule only decides what an open trade has realised so far.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from runner.report.columns import numbers, stamps, words
from runner.tables import Table

__all__ = ["OPEN", "closed_trades", "round_trips"]

OPEN = -1
"""`closed` of a trade that is still open."""

_DUST = 1e-9
"""A position below this share of the trade's largest is flat: sums of decimals such as 0.1 + 0.2 − 0.3 leave that much."""


class _Fill(NamedTuple):
    symbol: str
    ts: int
    direction: int
    quantity: float
    price: float
    fee: float
    slippage: float


@dataclass(slots=True)
class _Trade:
    """A trade while it is walked through."""

    symbol: str
    opened: int
    direction: int
    closed: int = OPEN
    held: float = 0.0
    cost: float = 0.0
    largest: float = 0.0
    entered: float = 0.0
    entry_notional: float = 0.0
    exited: float = 0.0
    exit_notional: float = 0.0
    realised: float = 0.0
    fees: float = 0.0
    slippage: float = 0.0

    def charge(self, fill: _Fill, quantity: float) -> None:
        self.fees += fill.fee * quantity / fill.quantity
        self.slippage += fill.slippage * quantity / fill.quantity

    def enter(self, quantity: float, price: float) -> None:
        self.held += quantity
        self.cost += quantity * price
        self.entered += quantity
        self.entry_notional += quantity * price
        self.largest = max(self.largest, self.held)

    def leave(self, quantity: float, price: float, ts: int) -> None:
        released = quantity * self.cost / self.held
        self.realised += (quantity * price - released) * self.direction
        self.cost -= released
        self.held -= quantity
        self.exited += quantity
        self.exit_notional += quantity * price
        if self.held <= _DUST * self.largest:
            self.closed = ts


def closed_trades(fills: Table, *, after: int) -> int:
    """Return how many trades `round_trips` would find closed that opened later than an instant, without their figures.

    Args:
        fills: columns `ts`, `symbol` (anything that tells symbols apart) and signed `quantity`, ascending in `ts`.
        after: UTC ns.
    """
    found = 0
    current: dict[int, tuple[float, float, int]] = {}  # symbol → signed quantity held, largest so far, opened
    columns = (fills[name].tolist() for name in ("symbol", "quantity", "ts"))
    for symbol, quantity, ts in zip(*columns, strict=True):
        held, largest, opened = current.get(symbol, (0.0, 0.0, ts))
        total = held + quantity
        if held * quantity >= 0.0:
            current[symbol] = total, max(largest, abs(total)), opened
        elif abs(total) <= _DUST * largest or held * total < 0.0:
            found += opened > after
            del current[symbol]
            # What is left of a fill that went through zero opens the next trade.
            if abs(total) > _DUST * largest:
                current[symbol] = total, abs(total), ts
        else:
            current[symbol] = total, largest, opened
    return found


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
    trades: list[_Trade] = []
    current: dict[str, _Trade] = {}
    for fill in _fills(fills):
        left = _close(fill, current)
        if left > 0:
            _open(fill, left, current, trades)
    return _table(trades)


def _fills(fills: Table) -> Iterator[_Fill]:
    names = ("quantity", "price", "fee", "slippage")
    directions = np.where(words(fills, "side") == "buy", 1, -1).tolist()
    values = (numbers(fills, name).tolist() for name in names)
    return map(_Fill, words(fills, "symbol").tolist(), stamps(fills, "ts").tolist(), directions, *values)


def _close(fill: _Fill, current: dict[str, _Trade]) -> float:
    """Let a fill reduce its symbol's current trade and return the quantity left to open or increase one."""
    trade = current.get(fill.symbol)
    if trade is None or trade.direction == fill.direction:
        return fill.quantity
    part = min(fill.quantity, trade.held)
    trade.charge(fill, part)
    trade.leave(part, fill.price, fill.ts)
    if trade.closed == OPEN:
        return 0.0
    del current[fill.symbol]
    left = fill.quantity - part
    return left if left > _DUST * trade.largest else 0.0


def _open(fill: _Fill, quantity: float, current: dict[str, _Trade], trades: list[_Trade]) -> None:
    trade = current.get(fill.symbol)
    if trade is None:
        trade = current[fill.symbol] = _Trade(fill.symbol, fill.ts, fill.direction)
        trades.append(trade)
    trade.charge(fill, quantity)
    trade.enter(quantity, fill.price)


def _table(trades: list[_Trade]) -> Table:
    return {
        "symbol": np.array([trade.symbol for trade in trades], dtype=np.str_),
        "opened": np.array([trade.opened for trade in trades], dtype=np.int64),
        "closed": np.array([trade.closed for trade in trades], dtype=np.int64),
        "side": np.array(["long" if trade.direction > 0 else "short" for trade in trades], dtype=np.str_),
        "quantity": np.array([trade.largest for trade in trades], dtype=np.float64),
        "entry_price": np.array([trade.entry_notional / trade.entered for trade in trades], dtype=np.float64),
        "exit_price": np.array([_exit_price(trade) for trade in trades], dtype=np.float64),
        "profit": np.array([trade.realised - trade.fees for trade in trades], dtype=np.float64),
        "fees": np.array([trade.fees for trade in trades], dtype=np.float64),
        "slippage": np.array([trade.slippage for trade in trades], dtype=np.float64),
    }


def _exit_price(trade: _Trade) -> float:
    return trade.exit_notional / trade.exited if trade.exited > 0 else float("nan")
