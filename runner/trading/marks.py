"""What a position is worth: the price of each row of a stream."""

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.trading.fill.touch import best_prices

__all__ = ["marks"]


def marks(tape: Tape) -> NDArray[np.float64]:
    """Return the price per unit at each row: a bar's close, a trade's price, half-way between best bid and ask.

    NaN where a side is missing: the price before goes on to count.
    """
    if tape.stream == "bars":
        return tape.columns["close"]
    if tape.stream == "trades":
        return tape.columns["price"]
    bid, ask = (tape.columns[name] for name in best_prices(tape))
    middle: NDArray[np.float64] = bid + ask
    middle /= 2.0
    return middle
