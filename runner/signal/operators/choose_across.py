"""The highest and the lowest symbols of an instant."""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Rows, cross_operator
from runner.signal.operators.instant import ascending

__all__ = ["bottom", "top"]


@part_of_kernel
def _choose(x, out, side, border, room):
    """Choose what lies beyond the border, above it for side 1 and below it for −1, and the first `room` that lie on it."""
    for i in range(out.size):
        value = x[i, 0]
        if not np.isfinite(value):
            out[i] = np.nan
        elif value == border and room > 0:
            out[i] = 1.0
            room -= 1
        else:
            out[i] = 1.0 if side * value > side * border else 0.0


@cross_operator("x", parameters=(Rows("count", of_symbols=True),), gives="boolean")
def top(x, p, out):
    """Whether x is among the `count` highest of the symbols defined at the instant: rank from the top ≤ count.

    Never more than `count` are chosen, so that a position of a fixed share each can't add up to more: of equal values at the
    border the first in the order of the universe are taken. All are chosen where no more than `count` are defined.
    """
    n = ascending(x, out)
    first = max(n - int(p[0]), 0)
    border = out[first]
    room = n - first
    for i in range(first, n):
        room -= 1 if out[i] > border else 0
    _choose(x, out, 1.0, border, room)


@cross_operator("x", parameters=(Rows("count", of_symbols=True),), gives="boolean")
def bottom(x, p, out):
    """Whether x is among the `count` lowest of the symbols defined at the instant: rank from the bottom ≤ count.

    Never more than `count` are chosen: of equal values at the border the first in the order of the universe are taken. All
    are chosen where no more than `count` are defined.
    """
    n = ascending(x, out)
    room = min(n, int(p[0]))
    border = out[max(room - 1, 0)]
    for i in range(room - 1, -1, -1):
        room -= 1 if out[i] < border else 0
    _choose(x, out, -1.0, border, room)
