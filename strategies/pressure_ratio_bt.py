"""The pressure ratio as a Backtrader strategy: what conf/signal/pressure_bars.yaml says, in Backtrader's words.

`runner experiment=backtrader_strategy` runs it with Runner's data, costs, sizing and run directory. Each symbol decides for
itself from its own first full lookback: Backtrader would otherwise keep all of them waiting for the youngest.
"""

import backtrader as bt


class PressureRatio(bt.Strategy):
    """Buys where sellers have pressed for a while, sells where buyers have.

    pressure = up / (1 − up), with up = (close − open) / (high − low) of bars that rise and 0 of those that fall; smooth is
    its mean over `lookback` bars. Long while smooth came below `buy_below` and hasn't come above `sell_above` since.
    """

    params = (("lookback", 20), ("buy_below", 0.7), ("sell_above", 1.5))

    def __init__(self) -> None:
        """Make the indicators, one for each symbol."""
        self.smooth = {data: self._smooth(data) for data in self.datas}
        self.seen = dict.fromkeys(self.datas, 0)
        self.working = {}

    def _smooth(self, data):
        up = bt.If(data.close > data.open, (data.close - data.open) / (data.high - data.low + 1e-9), 0.0)
        return bt.ind.SMA(up / bt.Max(1.0 - up, 1e-9), period=self.p.lookback)

    def prenext(self):
        """Decide for the symbols that trade already."""
        self.next()

    def next(self):
        """Decide for each symbol that has a new bar and no order at work."""
        for data in self.datas:
            if len(data) > self.seen[data]:
                self.seen[data] = len(data)
                if len(data) >= self.p.lookback and not self._works(data):
                    self._decide(data)

    def _works(self, data):
        order = self.working.get(data)
        return order is not None and order.alive()

    def _decide(self, data):
        held = self.getposition(data).size
        if not held and self.smooth[data][0] < self.p.buy_below:
            self.working[data] = self.buy(data=data, reason="pressure of sellers")
        elif held and self.smooth[data][0] > self.p.sell_above:
            self.working[data] = self.close(data=data, reason="pressure of buyers")
