"""The dialect's milliseconds: every row of a tape is played at the first whole one at or after it was known.

What is stamped so is never told before it was known, and after a pong of T everything stamped T or earlier has been heard.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["MS", "ceiled"]

MS = 1_000_000
"""Nanoseconds of a millisecond."""


def ceiled(ts_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the whole milliseconds at or after instants in nanoseconds."""
    return -(-ts_ns // MS)
