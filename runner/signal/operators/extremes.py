"""Rolling extremes, and how long ago they were.

A window is a queue of two stacks. Rows come in at the back, of which only the best one is kept. When the front has run out,
the back becomes the front: one pass from its newest row to its oldest notes for each place the best row from there on. So
the oldest place of the front and the best of the back between them know the best of the window, for about three
comparisons per row on the average, and hardly a branch that depends on the data.
"""

from runner.compiler import part_of_kernel
from runner.signal.kernel import RING
from runner.signal.operator import window_operator

__all__ = ["argmax", "argmin", "max_", "min_"]

FRONT, BACK, BEST, BEST_AT, LAST = range(5)
"""Numbers kept after the ring: rows in front and at the back, the back's best value and its place, the newest place."""
TOPS = 5
"""Then, per place of the front, the place of the best row from there on."""


@part_of_kernel
def _enter(s, x, at, capacity, sign):
    m = RING + capacity
    if s[m + BACK] == 0.0 or sign * x >= sign * s[m + BEST]:
        s[m + BEST] = x
        s[m + BEST_AT] = at
    s[m + BACK] += 1.0
    s[m + LAST] = at


@part_of_kernel
def _leave(s, at, capacity, sign):
    m = RING + capacity
    if s[m + FRONT] == 0.0:
        _turn(s, at, capacity, sign)
    s[m + FRONT] -= 1.0


@part_of_kernel
def _turn(s, oldest, capacity, sign):
    """Make the back the front."""
    m = RING + capacity
    i = int(s[m + LAST])
    best = i
    value = s[RING + i]
    while True:
        x = s[RING + i]
        if sign * x > sign * value:  # not for undefined rows
            value = x
            best = i
        s[m + TOPS + i] = best
        if i == oldest:
            break
        i = i - 1 if i > 0 else capacity - 1
    s[m + FRONT] = s[m + BACK]
    s[m + BACK] = 0.0


@part_of_kernel
def _best(s, at, n, capacity, sign):
    """Return the place of the window's best row, the latest of equals."""
    m = RING + capacity
    back = int(s[m + BEST_AT])
    if s[m + FRONT] == 0.0:
        return back
    oldest = at + 1 - n
    if oldest < 0:
        oldest += capacity
    front = int(s[m + TOPS + oldest])
    return front if sign * s[RING + front] > sign * s[m + BEST] else back


@part_of_kernel
def _since(s, at, n, capacity, sign):
    """Return how many rows ago the best row was."""
    rows = at - _best(s, at, n, capacity, sign)
    return float(rows if rows >= 0 else rows + capacity)


def _memory(capacity):
    return TOPS + capacity


def _enter_high(s, x, at, capacity, p):
    _enter(s, x, at, capacity, 1.0)


def _leave_high(s, x, at, capacity, p):
    _leave(s, at, capacity, 1.0)


def _enter_low(s, x, at, capacity, p):
    _enter(s, x, at, capacity, -1.0)


def _leave_low(s, x, at, capacity, p):
    _leave(s, at, capacity, -1.0)


@window_operator("x", add=_enter_high, drop=_leave_high, memory=_memory)
def max_(s, at, n, capacity, p):
    """Greatest value of the window: max(x[t-n+1], …, x[t]), in the unit of x."""
    return s[RING + _best(s, at, n, capacity, 1.0)]


@window_operator("x", add=_enter_low, drop=_leave_low, memory=_memory)
def min_(s, at, n, capacity, p):
    """Least value of the window: min(x[t-n+1], …, x[t]), in the unit of x."""
    return s[RING + _best(s, at, n, capacity, -1.0)]


@window_operator("x", add=_enter_high, drop=_leave_high, memory=_memory)
def argmax(s, at, n, capacity, p):
    """Rows since the window's greatest value: 0 if it is the newest row's, at most n − 1; of equals the latest counts."""
    return _since(s, at, n, capacity, 1.0)


@window_operator("x", add=_enter_low, drop=_leave_low, memory=_memory)
def argmin(s, at, n, capacity, p):
    """Rows since the window's least value: 0 if it is the newest row's, at most n − 1; of equals the latest counts."""
    return _since(s, at, n, capacity, -1.0)
