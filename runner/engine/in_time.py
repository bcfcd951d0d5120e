"""The order of time over a tape."""

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape

__all__ = ["in_time"]


def in_time(tape: Tape) -> NDArray[np.int64]:
    """Return the rows of a tape in the order of time, those of one instant in the order of the universe.

    Empty where they lie in that order already, as one symbol's do.
    """
    if len(tape.symbols) == 1 or bool((tape.ts[1:] >= tape.ts[:-1]).all()):
        return np.empty(0, np.int64)
    # Rows of a symbol ascend, so that a stable sort merges runs, which costs far less than sorting anew.
    return np.argsort(tape.ts, kind="stable").astype(np.int64)
