"""Rolling median and quantiles.

Two heaps meet at the quantile: below holds the rows up to it, its greatest on top, above holds the rest, its least on top. A row that
takes another's place takes its position too and moves up or down from there, so a step costs O(log n), and less on the average.

1. `_leave` marks a row's position as vacant, which `_vacate` closes if another row leaves before one enters.
2. `_enter` fills the vacant position or adds one, orders the tops, and moves tops over until `below` has its share (`_share`).
3. `_value` interpolates between the tops.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.kernel import RING
from runner.signal.operator import Number, window_operator

__all__ = ["median", "quantile"]

BELOW, ABOVE, VACANT = range(3)
"""Numbers kept after the ring: rows below and above; 1 + the vacant position, or 0."""
KEYS = 3
"""Then 2 × capacity keys, those of `below` first: a heap with the least key on top, wherefore the keys of `below` are negated; then in
the same order the rows' places; then the position of each place."""


@part_of_kernel
def _put(s, m, capacity, i, key, place):
    """Put a row at a position."""
    s[m + KEYS + i] = key
    s[m + KEYS + 2 * capacity + i] = place
    s[m + KEYS + 4 * capacity + int(place)] = i


@part_of_kernel
def _copy(s, m, capacity, source, i):
    """Put the row of another position at a position."""
    _put(s, m, capacity, i, s[m + KEYS + source], s[m + KEYS + 2 * capacity + source])


@part_of_kernel
def _least_child(s, keys, first, size):
    """Return which of the up to four children from `first` on has the least key."""
    if first + 4 <= size:  # chosen without branches, which would be mispredicted half of the time
        a = first + 1 if s[keys + first + 1] < s[keys + first] else first
        b = first + 3 if s[keys + first + 3] < s[keys + first + 2] else first + 2
        return b if s[keys + b] < s[keys + a] else a
    least = first
    for child in range(first + 1, size):
        if s[keys + child] < s[keys + least]:
            least = child
    return least


@part_of_kernel
def _settle(s, m, capacity, base, size, i, key, place):
    """Put a row into the heap at `base`, starting at its vacant i-th position."""
    keys = m + KEYS + base
    start = i
    while i > 0:
        parent = (i - 1) >> 2
        if s[keys + parent] <= key:
            break
        _copy(s, m, capacity, base + parent, base + i)
        i = parent
    if i == start:
        while 4 * i + 1 < size:
            child = _least_child(s, keys, 4 * i + 1, size)
            if s[keys + child] >= key:
                break
            _copy(s, m, capacity, base + child, base + i)
            i = child
    _put(s, m, capacity, base + i, key, place)


@part_of_kernel
def _insert(s, m, capacity, base, key, place):
    """Add a row to a heap."""
    heap = m + (ABOVE if base > 0 else BELOW)
    size = int(s[heap])
    s[heap] += 1.0
    _settle(s, m, capacity, base, size + 1, size, key, place)


@part_of_kernel
def _vacate(s, m, capacity, position):
    """Take a position out of its heap: the heap's last row is settled there."""
    base = capacity if position >= capacity else 0
    heap = m + (ABOVE if base > 0 else BELOW)
    s[heap] -= 1.0
    size = int(s[heap])
    if position - base < size:
        last = base + size
        _settle(s, m, capacity, base, size, position - base, s[m + KEYS + last], s[m + KEYS + 2 * capacity + last])


@part_of_kernel
def _move_top(s, m, capacity, source, target):
    """Move the top of one heap to the other."""
    key = s[m + KEYS + source]
    place = s[m + KEYS + 2 * capacity + source]
    _vacate(s, m, capacity, source)
    _insert(s, m, capacity, target, -key, place)


@part_of_kernel
def _order_tops(s, m, capacity):
    """Exchange the tops if the one of `below` is the greater."""
    low = s[m + KEYS]
    high = s[m + KEYS + capacity]
    if s[m + BELOW] > 0.0 and s[m + ABOVE] > 0.0 and -low > high:
        low_place = s[m + KEYS + 2 * capacity]
        high_place = s[m + KEYS + 3 * capacity]
        _settle(s, m, capacity, 0, int(s[m + BELOW]), 0, -high, high_place)
        _settle(s, m, capacity, capacity, int(s[m + ABOVE]), 0, -low, low_place)


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
        if position < capacity:
            _settle(s, m, capacity, 0, int(s[m + BELOW]), position, -x, at)
        else:
            _settle(s, m, capacity, capacity, int(s[m + ABOVE]), position - capacity, x, at)
        _order_tops(s, m, capacity)
    elif s[m + BELOW] > 0.0 and x <= -s[m + KEYS]:
        _insert(s, m, capacity, 0, -x, at)
    else:
        _insert(s, m, capacity, capacity, x, at)
    share = _share(s[m + BELOW] + s[m + ABOVE], q)
    while s[m + BELOW] < share:
        _move_top(s, m, capacity, capacity, 0)
    while s[m + BELOW] > share:
        _move_top(s, m, capacity, 0, capacity)


@part_of_kernel
def _leave(s, at, capacity):
    m = RING + capacity
    if s[m + VACANT] > 0.0:
        vacant = int(s[m + VACANT]) - 1
        _vacate(s, m, capacity, vacant)
    s[m + VACANT] = s[m + KEYS + 4 * capacity + at] + 1.0


@part_of_kernel
def _value(s, n, capacity, q):
    m = RING + capacity
    low = -s[m + KEYS]
    part = q * (n - 1.0) - np.floor(q * (n - 1.0))
    if part == 0.0:
        return low
    high = s[m + KEYS + capacity]
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
    """Quantile of the window, in the unit of x: with the values in ascending order v[0] … v[n-1] and h = q·(n − 1), the value is
    v[⌊h⌋] + (h − ⌊h⌋)·(v[⌊h⌋+1] − v[⌊h⌋]) (Hyndman & Fan 1996, type 7).
    """
    return _value(s, n, capacity, p[1])
