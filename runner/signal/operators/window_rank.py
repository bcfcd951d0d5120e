"""Rank of the newest value within its window.

The window's values are kept in ascending order, cut into blocks of about 2·√capacity, so that a row enters or leaves by moving the
values of one block only: O(√n) per row, of which the most is copying neighbours.

1. `_find` looks for the first value that isn't below another: first its block, then its index in the block.
2. `_enter` puts the value there and notes where; a block that is full is split first (`_split`).
3. `_leave` takes a value out; a block and its neighbour that fit into half a block are merged (`_merge`), so that there are
   never more than 4·capacity / width + 1 blocks.
4. The rank counts the rows of the blocks before, and the index.
"""

import math

from runner.compiler import part_of_kernel
from runner.signal.kernel import RING
from runner.signal.operator import window_operator

__all__ = ["window_rank"]

BLOCKS, STORES, AT_BLOCK, AT_INDEX = range(4)
"""Numbers kept after the ring: blocks in use, stores ever used, block and index of the newest value."""
TABLE = 4
"""Then per block, in ascending order of their values, its number of values; then its store; behind the blocks in use stand the stores
that are free again. Then the stores themselves."""


@part_of_kernel
def _width(capacity):
    """Return how many values a store has room for."""
    return 16 + 4 * int(math.sqrt(capacity))


@part_of_kernel
def _most(capacity):
    """Return the most blocks there may be."""
    return 4 * capacity // _width(capacity) + 3


def _memory(capacity):
    return TABLE + _most(capacity) * (2 + _width(capacity))


@part_of_kernel
def _start(s, m, capacity, block):
    """Return where the values of a block begin."""
    most = _most(capacity)
    return m + TABLE + 2 * most + int(s[m + TABLE + most + block]) * _width(capacity)


@part_of_kernel
def _find_block(s, m, capacity, x):
    """Return the first block whose last value isn't below x, or the number of blocks."""
    low = 0
    high = int(s[m + BLOCKS])
    while low < high:
        middle = (low + high) >> 1
        if s[_start(s, m, capacity, middle) + int(s[m + TABLE + middle]) - 1] < x:
            low = middle + 1
        else:
            high = middle
    return low


@part_of_kernel
def _find_index(s, start, count, x):
    """Return how many of a block's values are below x."""
    low = 0
    while count > 0:
        half = count >> 1
        below = s[start + low + half] < x
        low = low + half + 1 if below else low
        count = count - half - 1 if below else half
    return low


@part_of_kernel
def _open(s, m, capacity, block):
    """Make room in the table for another block, with an empty store."""
    most = _most(capacity)
    blocks = int(s[m + BLOCKS])
    if s[m + STORES] == blocks:
        s[m + TABLE + most + blocks] = blocks
        s[m + STORES] += 1.0
    store = s[m + TABLE + most + blocks]
    for i in range(blocks, block, -1):
        s[m + TABLE + i] = s[m + TABLE + i - 1]
        s[m + TABLE + most + i] = s[m + TABLE + most + i - 1]
    s[m + TABLE + block] = 0.0
    s[m + TABLE + most + block] = store
    s[m + BLOCKS] += 1.0


@part_of_kernel
def _close(s, m, capacity, block):
    """Take a block off the table and keep its store for later."""
    most = _most(capacity)
    store = s[m + TABLE + most + block]
    s[m + BLOCKS] -= 1.0
    blocks = int(s[m + BLOCKS])
    for i in range(block, blocks):
        s[m + TABLE + i] = s[m + TABLE + i + 1]
        s[m + TABLE + most + i] = s[m + TABLE + most + i + 1]
    s[m + TABLE + most + blocks] = store


@part_of_kernel
def _split(s, m, capacity, block):
    """Move the upper half of a block to a new one behind it."""
    count = int(s[m + TABLE + block])
    _open(s, m, capacity, block + 1)
    source = _start(s, m, capacity, block) + count // 2
    target = _start(s, m, capacity, block + 1)
    for i in range(count - count // 2):
        s[target + i] = s[source + i]
    s[m + TABLE + block] = count // 2
    s[m + TABLE + block + 1] = count - count // 2


@part_of_kernel
def _merge(s, m, capacity, block):
    """Move the values of the block behind to this one, if both are small; return whether they were."""
    if block < 0 or block + 1 >= s[m + BLOCKS]:
        return False
    count = int(s[m + TABLE + block])
    more = int(s[m + TABLE + block + 1])
    if count + more > _width(capacity) // 2:
        return False
    target = _start(s, m, capacity, block) + count
    source = _start(s, m, capacity, block + 1)
    for i in range(more):
        s[target + i] = s[source + i]
    s[m + TABLE + block] = count + more
    _close(s, m, capacity, block + 1)
    return True


def _enter(s, x, at, capacity, p):
    m = RING + capacity
    block = _find_block(s, m, capacity, x)
    if block == s[m + BLOCKS]:
        if block == 0:
            _open(s, m, capacity, 0)
        else:
            block -= 1
    if s[m + TABLE + block] == _width(capacity):
        _split(s, m, capacity, block)
        if s[_start(s, m, capacity, block) + int(s[m + TABLE + block]) - 1] < x:
            block += 1
    start = _start(s, m, capacity, block)
    count = int(s[m + TABLE + block])
    index = _find_index(s, start, count, x)
    for i in range(start + count, start + index, -1):
        s[i] = s[i - 1]
    s[start + index] = x
    s[m + TABLE + block] += 1.0
    s[m + AT_BLOCK] = block
    s[m + AT_INDEX] = index


def _leave(s, x, at, capacity, p):
    m = RING + capacity
    block = _find_block(s, m, capacity, x)
    start = _start(s, m, capacity, block)
    count = int(s[m + TABLE + block])
    for i in range(start + _find_index(s, start, count, x), start + count - 1):
        s[i] = s[i + 1]
    s[m + TABLE + block] -= 1.0
    if count == 1:
        _close(s, m, capacity, block)
    elif not _merge(s, m, capacity, block - 1):
        _merge(s, m, capacity, block)


@part_of_kernel
def _upto(s, m, capacity, block, index, x):
    """Return block and index of the first value above x, at or behind a place."""
    while block < s[m + BLOCKS]:
        start = _start(s, m, capacity, block)
        count = int(s[m + TABLE + block])
        low = index
        high = count
        while low < high:
            middle = (low + high) >> 1
            if s[start + middle] <= x:
                low = middle + 1
            else:
                high = middle
        if low < count:
            return block, low
        block += 1
        index = 0
    return block, 0


@window_operator("x", add=_enter, drop=_leave, memory=_memory)
def window_rank(s, at, n, capacity, p):
    """Rank of the newest value within the window, as a share of it, in (0, 1]: (below + (equal + 1) / 2) / n.

    `below` counts the window's values below the newest, `equal` those equal to it, itself among them; so equal values share the
    mean of their ranks 1 … n. The least is 1/n, the greatest 1, and where all are equal the value is (n + 1) / 2n.
    """
    m = RING + capacity
    block = int(s[m + AT_BLOCK])
    index = int(s[m + AT_INDEX])
    below = 0.0
    for i in range(block):
        below += s[m + TABLE + i]
    last_block, last_index = _upto(s, m, capacity, block, index, s[RING + at])
    equal = float(last_index - index)
    for i in range(block, last_block):
        equal += s[m + TABLE + i]
    return (below + index + (equal + 1.0) / 2.0) / n
