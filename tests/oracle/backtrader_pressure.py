"""The reference strategy written for Backtrader by hand, with Backtrader's own lines, moving average, broker and clock.

Market orders placed in `next` fill at the open of the data's next bar. Slippage must not be clamped into the bar's range
(`slip_out`), and the only check for cash is the one at the fill (`checksubmit` would look at the close before it). The
strategy decides on each data by itself from that data's first full lookback: Backtrader would otherwise keep all of them
waiting for the youngest.
"""

import math

import backtrader as bt
import pandas as pd

from tests.oracle.outcome import Bar, Bars, Fill, Order, Outcome, Rules, Value, closing, opening

STATUS = {bt.Order.Completed: "filled", bt.Order.Margin: "rejected", bt.Order.Accepted: "unfilled"}
# An order of the last bar never reaches the broker's next step.
STATUS |= {bt.Order.Submitted: "unfilled", bt.Order.Created: "unfilled"}


class PressureBars(bt.Strategy):
    params = (("rules", None),)

    def __init__(self):
        self.smooth = {data: self._smooth(data) for data in self.datas}
        self.seen = dict.fromkeys(self.datas, 0)
        self.placed = []
        self.fills = []
        self.curve = []

    def _smooth(self, data):
        up = bt.If(data.close > data.open, (data.close - data.open) / (data.high - data.low + 1e-9), 0.0)
        return bt.ind.SMA(up / bt.Max(1.0 - up, 1e-9), period=self.p.rules.lookback)

    def prenext(self):
        self.next()

    def next(self):
        day = bt.num2date(self.datetime[0]).date()
        self.curve.append(Value(closing(day), self.broker.getvalue(), self.broker.getcash()))
        for data in self.datas:
            if len(data) > self.seen[data]:
                self.seen[data] = len(data)
                if len(data) >= self.p.rules.lookback:
                    self._decide(data, day)

    def _decide(self, data, day):
        held = self.getposition(data).size
        if not held and self.smooth[data][0] < self.p.rules.buy_below:
            self._place(self.buy, data, day, self._size(data))
        elif held and self.smooth[data][0] > self.p.rules.sell_above:
            self._place(self.sell, data, day, held)

    def _size(self, data):
        if self.p.rules.share is None:
            return self.p.rules.units
        return math.floor(self.p.rules.share * self.broker.getvalue() / data.close[0])

    def _place(self, side, data, day, size):
        if size:
            self.placed.append((closing(day), side(data=data, size=size)))

    def notify_order(self, order):
        if order.status == order.Completed:
            day = bt.num2date(order.executed.dt).date()
            quantity = float(abs(order.executed.size))
            reference = order.data.open[0]
            symbol = order.data._name
            self.fills.append(Fill(opening(day), symbol, _side(order), quantity, reference, order.executed.price))


def trade(bars: Bars, rules: Rules) -> Outcome:
    """Return what the strategy does on these bars."""
    cerebro = bt.Cerebro(stdstats=False)
    for symbol, rows in bars.items():
        cerebro.adddata(bt.feeds.PandasData(dataname=_frame(rows)), name=symbol)
    cerebro.broker.setcash(rules.capital)
    cerebro.broker.set_checksubmit(False)
    cerebro.broker.set_slippage_perc(rules.bps / 10_000, slip_open=True, slip_match=True, slip_out=True)
    cerebro.addstrategy(PressureBars, rules=rules)
    (strategy,) = cerebro.run()
    return Outcome([_order(ts, order) for ts, order in strategy.placed], strategy.fills, strategy.curve)


def _frame(rows: list[Bar]) -> pd.DataFrame:
    prices = [(bar.open, bar.high, bar.low, bar.close, 0.0) for bar in rows]
    index = pd.DatetimeIndex([pd.Timestamp(bar.day) for bar in rows])
    return pd.DataFrame(prices, index=index, columns=["open", "high", "low", "close", "volume"])


def _order(ts, order) -> Order:
    return Order(ts, order.data._name, _side(order), float(abs(order.created.size)), STATUS[order.status])


def _side(order) -> str:
    return "buy" if order.isbuy() else "sell"
