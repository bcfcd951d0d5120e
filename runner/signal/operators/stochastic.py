"""Where the close lies within the range of a window."""

from runner.signal.operator import Rows, Window, formula

__all__ = ["stochastic", "stochastic_signal", "williams_r"]

stochastic = formula(
    "stochastic",
    "high",
    "low",
    "close",
    parameters=(Window(),),
    expression="100 * (close - min(low, lookback)) / (max(high, lookback) - min(low, lookback))",
    description=(
        "Stochastic oscillator %K (Lane), 0 to 100: 100 × (close − lowest) / (highest − lowest), where highest = max(high,"
        " lookback) and lowest = min(low, lookback). Undefined where they are equal."
    ),
)

stochastic_signal = formula(
    "stochastic_signal",
    "high",
    "low",
    "close",
    parameters=(Window(), Rows("smoothing", default=3)),
    expression="mean(stochastic(high, low, close, lookback), smoothing)",
    description="Stochastic oscillator %D (Lane), 0 to 100: mean(stochastic(high, low, close, lookback), smoothing).",
)

williams_r = formula(
    "williams_r",
    "high",
    "low",
    "close",
    parameters=(Window(),),
    expression="100 * (close - max(high, lookback)) / (max(high, lookback) - min(low, lookback))",
    description=(
        "Williams' %R, −100 to 0: 100 × (close − highest) / (highest − lowest), where highest = max(high, lookback) and"
        " lowest = min(low, lookback). Undefined where they are equal."
    ),
)
