"""Realised volatility."""

from runner.signal.operator import Window, formula

__all__ = ["realised_volatility"]

realised_volatility = formula(
    "realised_volatility",
    "x",
    parameters=(Window(),),
    expression="sqrt(sum(log_returns(x, 1) * log_returns(x, 1), lookback))",
    description=(
        "Realised volatility of prices x over the window, a fraction per window (Andersen & Bollerslev 1998): √Σ r², with "
        "r = ln(x[t] / x[t-1]). A window of n rows has n returns, hence n + 1 prices."
    ),
)
