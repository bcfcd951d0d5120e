"""Trade-flow imbalance: size bought against size sold by those who took the price."""

from runner.signal.operator import Window, formula

__all__ = ["trade_flow_imbalance"]

trade_flow_imbalance = formula(
    "trade_flow_imbalance",
    "size",
    "side",
    parameters=(Window(),),
    expression="sum(size * side, lookback) / sum(size, lookback)",
    description="""\
sum(size · side, lookback) / sum(size, lookback): takers' buys less sells as a share of all that was traded, -1 to 1.

`side` is 1 for a trade whose taker bought and -1 for one whose taker sold. Undefined while a size or side of the window is
unknown; `tick_rule(price)` stands in where the source doesn't say the side. Undefined where nothing was traded.""",
)
