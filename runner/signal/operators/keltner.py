"""Keltner's channel, with the average true range (Raschke's form): an average, and so many ranges around it.

The tolerance is shared out between both averages, so that older rows have no more than that weight in the whole.
"""

from runner.signal.operator import Number, Rows, formula
from runner.signal.operators.decay import TOLERANCE

__all__ = ["keltner_lower", "keltner_upper"]

PARAMETERS = (
    Rows("lookback"),
    Rows("range_lookback", default=10),
    Number("width", least=0.0, above=True, most=1e6, default=2.0),
    TOLERANCE,
)
MIDDLE = "ema(close, lookback, tolerance / (1 + width))"
RANGE = "width * atr(high, low, close, range_lookback, tolerance / (1 + width))"

keltner_upper = formula(
    "keltner_upper",
    "high",
    "low",
    "close",
    parameters=PARAMETERS,
    expression=f"{MIDDLE} + {RANGE}",
    description="Upper edge, in units of price: ema(close, lookback) + width × atr(high, low, close, range_lookback).",
)

keltner_lower = formula(
    "keltner_lower",
    "high",
    "low",
    "close",
    parameters=PARAMETERS,
    expression=f"{MIDDLE} - {RANGE}",
    description="Lower edge, in units of price: ema(close, lookback) − width × atr(high, low, close, range_lookback).",
)
