"""Bollinger's bands (2001): a mean, and so many standard deviations around it.

The deviation is the sample's, over n − 1; Bollinger divides by n, which makes the bands narrower by √((n − 1) / n).
"""

from runner.signal.operator import Number, Window, formula

__all__ = ["bollinger_lower", "bollinger_position", "bollinger_upper"]

PARAMETERS = (Window("lookback", least=2), Number("width", least=0.0, above=True, default=2.0))

bollinger_upper = formula(
    "bollinger_upper",
    "x",
    parameters=PARAMETERS,
    expression="mean(x, lookback) + width * std(x, lookback)",
    description="Upper band, in units of x: mean(x, lookback) + width × std(x, lookback).",
)

bollinger_lower = formula(
    "bollinger_lower",
    "x",
    parameters=PARAMETERS,
    expression="mean(x, lookback) - width * std(x, lookback)",
    description="Lower band, in units of x: mean(x, lookback) − width × std(x, lookback).",
)

bollinger_position = formula(
    "bollinger_position",
    "x",
    parameters=PARAMETERS,
    expression="0.5 + zscore(x, lookback) / (2 * width)",
    description=(
        "Place of x between the bands, 0 at the lower and 1 at the upper (%b): (x − lower) / (upper − lower)."
        " Undefined where the deviation is 0."
    ),
)
