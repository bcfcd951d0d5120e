"""Rolling median and quantiles.

Two heaps meet at the quantile: `below` holds the rows up to it, its greatest on top, `above` the rest, its least on top.
Each parent has four children, which are compared without branches. A step costs O(log n), and less on the average:

1. `_leave` marks a row's position as vacant; `_vacate` closes it if another row leaves before one enters.
2. `_enter` fills the vacant position, or else adds one, and the row settles up or down from there. Then the tops are
   ordered, and moved over until `below` has its share (`_share`).
3. `_value` interpolates between the tops.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.kernel import RING
from runner.signal.operator import Number, window_operator

__all__ = ["median", "quantile"]

BELOW, ABOVE, VACANT = range(3)
"""Numbers kept after the ring: rows below and above, whose numbers name the heaps; 1 + the vacant position, or 0."""
KEYS = 3
"""Then 2 × capacity keys, those of `below` first: heaps with the least key on top, wherefore those of `below` are negated;
then, at the same positions, the rows' places; then the position of each place."""


@part_of_kernel
def _put(s, capacity, position, key, place):
    """Put a row at a position."""
    keys = RING + capacity + KEYS
    s[keys + position] = key
    s[keys + 2 * capacity + position] = place
    s[keys + 4 * capacity + int(place)] = position


@part_of_kernel
def _least_child(s, keys, first, size):
    """Return the least key of the up to four children from `first` on, and which it is."""
    if first + 4 <= size:  # chosen without branches, which would be mispredicted half of the time
        key_0, key_1, key_2, key_3 = s[keys + first], s[keys + first + 1], s[keys + first + 2], s[keys + first + 3]
        key_a, a = (key_1, first + 1) if key_1 < key_0 else (key_0, first)
        key_b, b = (key_3, first + 3) if key_3 < key_2 else (key_2, first + 2)
        return (key_b, b) if key_b < key_a else (key_a, a)
    least = first
    for child in range(first + 1, size):
        if s[keys + child] < s[keys + least]:
            least = child
    return s[keys + least], least


@part_of_kernel
def _settle(s, capacity, heap, i, key, place):
    """Put a row into a heap whose i-th position is vacant."""
    base = heap * capacity
    keys = RING + capacity + KEYS + base
    start = i
    while i > 0:
        parent = (i - 1) >> 2
        if s[keys + parent] <= key:
            break
        _put(s, capacity, base + i, s[keys + parent], s[keys + 2 * capacity + parent])
        i = parent
    size = int(s[RING + capacity + heap])
    while i >= start and 4 * i + 1 < size:
        child_key, child = _least_child(s, keys, 4 * i + 1, size)
        if child_key >= key:
            break
        _put(s, capacity, base + i, child_key, s[keys + 2 * capacity + child])
        i = child
    _put(s, capacity, base + i, key, place)


@part_of_kernel
def _vacate(s, capacity, position):
    """Take a position out of its heap: the heap's last row settles there."""
    heap = ABOVE if position >= capacity else BELOW
    i = position - heap * capacity
    s[RING + capacity + heap] -= 1.0
    size = int(s[RING + capacity + heap])
    if i < size:
        last = RING + capacity + KEYS + heap * capacity + size
        _settle(s, capacity, heap, i, s[last], s[last + 2 * capacity])


@part_of_kernel
def _move_top(s, capacity, heap):
    """Move the top of a heap to the other one."""
    top = RING + capacity + KEYS + heap * capacity
    key = s[top]
    place = s[top + 2 * capacity]
    _vacate(s, capacity, heap * capacity)
    other = ABOVE + BELOW - heap
    size = int(s[RING + capacity + other])
    s[RING + capacity + other] += 1.0
    _settle(s, capacity, other, size, -key, place)


@part_of_kernel
def _order_tops(s, capacity):
    """Exchange the tops if the one of `below` is the greater."""
    keys = RING + capacity + KEYS
    if s[RING + capacity + BELOW] > 0.0 and s[RING + capacity + ABOVE] > 0.0 and -s[keys] > s[keys + capacity]:
        low = s[keys]
        low_place = s[keys + 2 * capacity]
        _settle(s, capacity, BELOW, 0, -s[keys + capacity], s[keys + 3 * capacity])
        _settle(s, capacity, ABOVE, 0, -low, low_place)


@part_of_kernel
def _share(rows, q):
    """Return how many of the rows belong below."""
    return np.floor(q * (rows - 1.0)) + 1.0


@part_of_kernel
def _enter(s, x, at, capacity, q):
    m = RING + capacity
    x += 0.0  # no negative zero: which zero is on top would depend on the past
    if s[m + VACANT] > 0.0:
        position = int(s[m + VACANT]) - 1
        s[m + VACANT] = 0.0
        heap = ABOVE if position >= capacity else BELOW
        i = position - heap * capacity
    else:
        heap = BELOW if s[m + BELOW] > 0.0 and x <= -s[m + KEYS] else ABOVE
        i = int(s[m + heap])
        s[m + heap] += 1.0
    _settle(s, capacity, heap, i, x if heap == ABOVE else -x, at)
    _order_tops(s, capacity)
    share = _share(s[m + BELOW] + s[m + ABOVE], q)
    while s[m + BELOW] != share:
        _move_top(s, capacity, ABOVE if s[m + BELOW] < share else BELOW)


@part_of_kernel
def _leave(s, at, capacity):
    m = RING + capacity
    if s[m + VACANT] > 0.0:
        _vacate(s, capacity, int(s[m + VACANT]) - 1)
    s[m + VACANT] = s[m + KEYS + 4 * capacity + at] + 1.0


@part_of_kernel
def _value(s, n, capacity, q):
    keys = RING + capacity + KEYS
    low = -s[keys]
    part = q * (n - 1.0) - np.floor(q * (n - 1.0))
    if part == 0.0:
        return low
    high = s[keys + capacity]
    return low if low == high else (1.0 - part) * low + part * high


def _memory(capacity):
    return KEYS + 5 * capacity


def _enter_median(s, x, at, capacity, p):
    _enter(s, x, at, capacity, 0.5)


def _enter_quantile(s, x, at, capacity, p):
    _enter(s, x, at, capacity, p[1])


def _drop(s, x, at, capacity, p):
    _leave(s, at, capacity)


@window_operator("x", add=_enter_median, drop=_drop, memory=_memory)
def median(s, at, n, capacity, p):
    """Median of the window, in the unit of x: the middle value, or the mean of the two middle ones."""
    return _value(s, n, capacity, 0.5)


@window_operator("x", add=_enter_quantile, drop=_drop, memory=_memory, parameters=(Number("q", least=0.0, most=1.0),))
def quantile(s, at, n, capacity, p):
    """Quantile of the window, in the unit of x, for q from 0 to 1 (Hyndman & Fan 1996, type 7).

    With the values in ascending order v[0] … v[n-1] and h = q·(n − 1), it is v[⌊h⌋] + (h − ⌊h⌋)·(v[⌊h⌋+1] − v[⌊h⌋]).
    """
    return _value(s, n, capacity, p[1])
