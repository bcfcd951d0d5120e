"""Realised volatility."""

from runner.signal.operator import Window, formula

__all__ = ["realised_volatility"]

realised_volatility = formula(
    "realised_volatility",
    "x",
    parameters=(Window(),),
    expression="sqrt(sum(log_returns(x, 1) * log_returns(x, 1), lookback))",
    description=(
        "Realised volatility of prices x over the window, as a fraction per window: √Σ ln(x[t] / x[t-1])², the root of the sum of the "
        "window's squared log returns (Andersen & Bollerslev 1998). A window of n rows has n returns, hence n + 1 prices."
    ),
)
