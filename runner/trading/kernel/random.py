"""Random numbers of orders: a function of seed, symbol and the symbol's order, so that nothing else can change them.

The numbers are SplitMix64's (Steele, Lea & Flood 2014), started at a symbol's key and stepped by the order.
"""

import numpy as np

from runner.compiler import melted_part
from runner.trading.kernel.layout import KEY, SENT

__all__ = ["drawn"]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11))
SCALE = 2.0**-53


@melted_part
def drawn(times, s, which):
    """Return a number in [0, 1) for a symbol's next order; `which` tells several of one order apart, 0 to 3."""
    z = np.uint64(times[KEY, s]) + GOLDEN * np.uint64(4 * times[SENT, s] + which + 1)
    z = (z ^ (z >> SHIFTS[0])) * FIRST
    z = (z ^ (z >> SHIFTS[1])) * SECOND
    z = z ^ (z >> SHIFTS[2])
    return float(z >> SHIFTS[3]) * SCALE
