"""Moving average convergence and divergence (Appel 1979).

The tolerance is shared out among the averages, so that older rows have no more than that weight in the whole.
"""

from runner.signal.operator import Ordered, Rows, formula
from runner.signal.operators.decay import TOLERANCE

__all__ = ["macd", "macd_histogram", "macd_signal"]

FAST, SLOW, SIGNAL = Rows("fast", default=12), Rows("slow", default=26), Rows("signal", default=9)
ORDERED = (Ordered("fast", "slow", strictly=True),)

macd = formula(
    "macd",
    "x",
    parameters=(FAST, SLOW, TOLERANCE),
    ordered=ORDERED,
    expression="ema(x, fast, tolerance / 2) - ema(x, slow, tolerance / 2)",
    description="Convergence of two averages, in units of x: ema(x, fast) − ema(x, slow).",
)

macd_signal = formula(
    "macd_signal",
    "x",
    parameters=(FAST, SLOW, SIGNAL, TOLERANCE),
    ordered=ORDERED,
    expression="ema(macd(x, fast, slow, tolerance / 2), signal, tolerance / 4)",
    description="Signal line of macd, in units of x: ema(macd(x, fast, slow), signal).",
)

macd_histogram = formula(
    "macd_histogram",
    "x",
    parameters=(FAST, SLOW, SIGNAL, TOLERANCE),
    ordered=ORDERED,
    expression="macd(x, fast, slow, tolerance / 4) - macd_signal(x, fast, slow, signal, tolerance / 2)",
    description="Height of macd over its signal, in units of x: macd(x, fast, slow) − macd_signal(x, fast, slow, signal).",
)
