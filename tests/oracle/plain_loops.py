"""The reference strategy in plain Python loops: no engine, no arrays, nothing of Runner.

For each day on which any symbol has a bar:

1. at the open, in the order of the universe, fill what was ordered at the symbol's previous bar, or refuse a purchase the
   cash can't pay;
2. at the close, value what is held at the last close each symbol has shown;
3. for each symbol that has a bar, look at the mean pressure of its last `lookback` bars and order for its next bar.
"""

import math
from dataclasses import dataclass, field

from tests.oracle.outcome import Bar, Bars, Fill, Order, Outcome, Rules, Value, closing, opening


def trade(bars: Bars, rules: Rules) -> Outcome:
    """Return what the strategy does on these bars."""
    desk = _Desk(rules=rules, cash=rules.capital, held=dict.fromkeys(bars, 0.0))
    by_day = {symbol: {bar.day: bar for bar in rows} for symbol, rows in bars.items()}
    for day in sorted({bar.day for rows in bars.values() for bar in rows}):
        today = {symbol: rows[day] for symbol, rows in by_day.items() if day in rows}
        for symbol, bar in today.items():
            desk.fill(symbol, bar)
        desk.mark(today)
        for symbol, bar in today.items():
            desk.decide(symbol, bar)
    return desk.outcome()


@dataclass
class _Waiting:
    ts: object
    symbol: str
    side: str
    quantity: float
    status: str = "unfilled"


@dataclass
class _Desk:
    rules: Rules
    cash: float
    held: dict[str, float]
    last_close: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, list[float]] = field(default_factory=dict)
    waiting: dict[str, _Waiting] = field(default_factory=dict)
    orders: list[_Waiting] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    curve: list[Value] = field(default_factory=list)

    def fill(self, symbol: str, bar: Bar) -> None:
        order = self.waiting.pop(symbol, None)
        if order is None:
            return
        sign = 1 if order.side == "buy" else -1
        price = bar.open * (1 + sign * self.rules.bps / 10_000)
        if sign > 0 and order.quantity * price > self.cash:
            order.status = "rejected"
            return
        order.status = "filled"
        self.cash -= sign * order.quantity * price
        self.held[symbol] += sign * order.quantity
        self.fills.append(Fill(opening(bar.day), symbol, order.side, order.quantity, bar.open, price))

    def mark(self, today: dict[str, Bar]) -> None:
        self.last_close.update((symbol, bar.close) for symbol, bar in today.items())
        day = next(iter(today.values())).day
        self.curve.append(Value(closing(day), self.equity(), self.cash))

    def equity(self) -> float:
        return self.cash + sum(self.held[symbol] * close for symbol, close in self.last_close.items())

    def decide(self, symbol: str, bar: Bar) -> None:
        ratios = self.ratios.setdefault(symbol, [])
        ratios.append(_ratio(bar))
        if len(ratios) < self.rules.lookback:
            return
        smooth = math.fsum(ratios[-self.rules.lookback :]) / self.rules.lookback
        if self.held[symbol] == 0 and smooth < self.rules.buy_below:
            self.order(symbol, "buy", self.size(bar), bar)
        elif self.held[symbol] > 0 and smooth > self.rules.sell_above:
            self.order(symbol, "sell", self.held[symbol], bar)

    def size(self, bar: Bar) -> float:
        if self.rules.share is None:
            return self.rules.units
        return float(math.floor(self.rules.share * self.equity() / bar.close))

    def order(self, symbol: str, side: str, quantity: float, bar: Bar) -> None:
        if quantity == 0:
            return
        order = _Waiting(closing(bar.day), symbol, side, float(quantity))
        self.waiting[symbol] = order
        self.orders.append(order)

    def outcome(self) -> Outcome:
        orders = [Order(order.ts, order.symbol, order.side, order.quantity, order.status) for order in self.orders]
        return Outcome(orders, self.fills, self.curve)


def _ratio(bar: Bar) -> float:
    up = (bar.close - bar.open) / (bar.high - bar.low + 1e-9) if bar.close > bar.open else 0.0
    return up / max(1.0 - up, 1e-9)
