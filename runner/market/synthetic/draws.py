"""Numbers drawn by name: the same key gives the same stream, whatever else is drawn and in whatever order.

Only the raw bits of a counter-based generator are used, and only additions, multiplications, square roots and rounding after
them: these are exact to the last bit on every machine, which logarithms and exponentials are not.
"""

import hashlib

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

__all__ = ["Draws", "bell", "pieces", "shares"]

_PAIRS = np.uint64(0x0000_FFFF_0000_FFFF)
_LOW_HALF = np.uint64(0x0000_0000_FFFF_FFFF)
_MEAN = 4 * 65_535 / 2
_DEVIATION = (4 * (65_536.0**2 - 1) / 12) ** 0.5


class Draws:
    """A stream of 64-bit numbers that depends on its key alone; asking for more continues it."""

    def __init__(self, seed: int, *names: str) -> None:
        """Open the stream of a seed and a path of names, such as a symbol and what is drawn for it."""
        text = "\0".join([str(seed), *names])
        self._bits = Philox(key=int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little"))

    def raw(self, count: int) -> NDArray[np.uint64]:
        """Return the next `count` numbers, all bits even."""
        return self._bits.random_raw(count)


def bell(raw: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return one bell-shaped number per draw: mean 0, deviation 1, never beyond 3.47.

    The sum of four 16-bit pieces: near enough to normal for a price, and bounded, so that no drawn price is an outlier.
    """
    halves = (raw & _PAIRS) + ((raw >> np.uint64(16)) & _PAIRS)
    total = (halves & _LOW_HALF) + (halves >> np.uint64(32))
    return (total.astype(np.float64) - _MEAN) * (1.0 / _DEVIATION)


def pieces(raw: NDArray[np.uint64], which: int) -> NDArray[np.uint64]:
    """Return the 16-bit piece number 0 to 3 of each draw, 0 to 65 535."""
    return (raw >> np.uint64(16 * which)) & np.uint64(0xFFFF)


def shares(raw: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return one number in [0, 1) per draw, of 53 bits."""
    return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53
