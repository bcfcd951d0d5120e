"""How much, when, at which cost and within which limits: sizing, fills, slippage, fees, risk, and the compiled kernel."""
