"""Side of a trade, guessed from its price."""

import numpy as np

from runner.signal.operator import operator

__all__ = ["tick_rule"]


@operator("price", state=lambda: 3, warm_up=lambda: 1, undefined="skip")
def tick_rule(state, x, p):
    """Taker's side by the tick test (Lee & Ready 1991): 1 above the last different price, -1 below it, 0 without one yet.

    A trade at an unchanged price takes the side of the trade before it.
    """
    price = x[0]
    if not np.isfinite(price):
        return np.nan
    if state[0] == 0.0:
        state[0] = 1.0
        state[1] = price
        return np.nan
    if price > state[1]:
        state[2] = 1.0
    elif price < state[1]:
        state[2] = -1.0
    state[1] = price
    return state[2]
