"""Donchian's channel: the highest high and the lowest low of a window, the newest bar included.

A breakout is measured against the channel of the bars before: high > lag(donchian_upper(high, 20), 1).
"""

from runner.signal.operator import Window, formula

__all__ = ["donchian_lower", "donchian_middle", "donchian_upper"]

donchian_upper = formula(
    "donchian_upper",
    "high",
    parameters=(Window(),),
    expression="max(high, lookback)",
    description="Upper edge of the channel, in units of price: max(high, lookback).",
)

donchian_lower = formula(
    "donchian_lower",
    "low",
    parameters=(Window(),),
    expression="min(low, lookback)",
    description="Lower edge of the channel, in units of price: min(low, lookback).",
)

donchian_middle = formula(
    "donchian_middle",
    "high",
    "low",
    parameters=(Window(),),
    expression="(max(high, lookback) + min(low, lookback)) / 2",
    description="Middle of the channel, in units of price: (max(high, lookback) + min(low, lookback)) / 2.",
)
