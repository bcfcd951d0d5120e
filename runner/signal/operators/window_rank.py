"""Rank of the newest value within its window.

The window's values are kept in ascending order, cut into blocks of about 2·√capacity, so that a row enters or leaves by
moving the values of one block only: O(√n) per row, most of which is copying neighbours.

1. `_block_of` and `_index_of` look for the first value that isn't below another: its block, then its index in the block.
2. `_enter` puts the value there and notes where; a block that is full is split first (`_split`).
3. `_leave` takes a value out; a block and its neighbour that fit into half a block are merged (`_merge`), so that there are
   never more than 4·capacity / width + 1 blocks.
4. The rank counts the rows of the blocks before, and the index.
"""

import math

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.kernel import RING
from runner.signal.operator import window_operator

__all__ = ["window_rank"]

BLOCKS, USED, WIDTH, AT_BLOCK, AT_INDEX = range(5)
"""Numbers kept after the ring: blocks, rooms ever used, values that a room holds, block and index of the newest value."""
COUNTS, ROOMS = 5, 6
"""Then in turn, for each block in ascending order of its values, how many they are and where its room begins; behind the
last block stand the rooms that are free again. Then the rooms themselves."""


@part_of_kernel
def _width(capacity):
    """Return how many values a room holds."""
    return 16 + 4 * int(math.sqrt(capacity))


@part_of_kernel
def _most(capacity):
    """Return the most blocks there may be."""
    return 4 * capacity // _width(capacity) + 3


def _memory(capacity):
    return COUNTS + _most(capacity) * (2 + _width(capacity))


@part_of_kernel
def _block_of(s, m, x):
    """Return the first block whose last value isn't below x, or else the last block."""
    low = 0
    blocks = int(s[m + BLOCKS])
    while blocks > 1:
        half = blocks >> 1
        entry = m + 2 * (low + half - 1)
        last = int(s[entry + ROOMS]) + int(s[entry + COUNTS]) - 1
        low += half * int(s[last] < x)  # a branch would be mispredicted half of the time
        blocks -= half
    return low


@part_of_kernel
def _index_of(s, start, count, x):
    """Return how many of a block's values are below x."""
    low = start
    while count > 1:
        half = count >> 1
        low += half * int(s[low + half - 1] < x)
        count -= half
    return low - start + int(count > 0 and s[low] < x)


@part_of_kernel
def _up(s, start, stop, by):
    """Move s[start:stop] up by some places. An index that is seen not to be negative lets the compiler copy in bulk."""
    for i in range(np.uint64(stop + by - 1), np.uint64(start + by - 1), -1):
        s[i] = s[i - np.uint64(by)]


@part_of_kernel
def _down(s, start, stop, by):
    """Move s[start:stop] down by some places."""
    for i in range(np.uint64(start - by), np.uint64(stop - by)):
        s[i] = s[i + np.uint64(by)]


@part_of_kernel
def _open(s, m, capacity, block):
    """Put an empty block before another one."""
    blocks = int(s[m + BLOCKS])
    if s[m + USED] == blocks:
        s[m + ROOMS + 2 * blocks] = m + COUNTS + 2 * _most(capacity) + blocks * _width(capacity)
        s[m + USED] += 1.0
    start = s[m + ROOMS + 2 * blocks]
    _up(s, m + COUNTS + 2 * block, m + COUNTS + 2 * blocks, 2)
    s[m + COUNTS + 2 * block] = 0.0
    s[m + ROOMS + 2 * block] = start
    s[m + BLOCKS] += 1.0


@part_of_kernel
def _close(s, m, block):
    """Take a block away and keep its room for later."""
    start = s[m + ROOMS + 2 * block]
    s[m + BLOCKS] -= 1.0
    blocks = int(s[m + BLOCKS])
    _down(s, m + COUNTS + 2 * block + 2, m + COUNTS + 2 * blocks + 2, 2)
    s[m + ROOMS + 2 * blocks] = start


@part_of_kernel
def _split(s, m, capacity, block):
    """Move the upper half of a block to a new one behind it."""
    _open(s, m, capacity, block + 1)
    entry = m + 2 * block
    count = int(s[entry + COUNTS])
    rest = count // 2
    source = int(s[entry + ROOMS]) + rest
    target = int(s[entry + 2 + ROOMS])
    for i in range(count - rest):
        s[target + i] = s[source + i]
    s[entry + COUNTS] = rest
    s[entry + 2 + COUNTS] = count - rest


@part_of_kernel
def _merge(s, m, block):
    """Move the values of the next block to this one, if both exist and are small; return whether it was so."""
    if block < 0 or block + 1 >= s[m + BLOCKS]:
        return False
    entry = m + 2 * block
    if 2.0 * (s[entry + COUNTS] + s[entry + 2 + COUNTS]) > s[m + WIDTH]:
        return False
    count = int(s[entry + COUNTS])
    more = int(s[entry + 2 + COUNTS])
    target = int(s[entry + ROOMS]) + count
    source = int(s[entry + 2 + ROOMS])
    for i in range(more):
        s[target + i] = s[source + i]
    s[entry + COUNTS] = count + more
    _close(s, m, block + 1)
    return True


def _enter(s, x, at, capacity, p):
    m = RING + capacity
    if s[m + BLOCKS] == 0.0:
        s[m + WIDTH] = _width(capacity)
        _open(s, m, capacity, 0)
    block = _block_of(s, m, x)
    if s[m + COUNTS + 2 * block] == s[m + WIDTH]:
        _split(s, m, capacity, block)
        block = _block_of(s, m, x)
    start = int(s[m + ROOMS + 2 * block])
    count = int(s[m + COUNTS + 2 * block])
    index = _index_of(s, start, count, x)
    _up(s, start + index, start + count, 1)
    s[start + index] = x
    s[m + COUNTS + 2 * block] += 1.0
    s[m + AT_BLOCK] = block
    s[m + AT_INDEX] = index


def _leave(s, x, at, capacity, p):
    m = RING + capacity
    block = _block_of(s, m, x)
    start = int(s[m + ROOMS + 2 * block])
    count = int(s[m + COUNTS + 2 * block])
    _down(s, start + _index_of(s, start, count, x) + 1, start + count, 1)
    s[m + COUNTS + 2 * block] -= 1.0
    if count == 1:
        _close(s, m, block)
    elif not _merge(s, m, block - 1):
        _merge(s, m, block)


@part_of_kernel
def _equal(s, m, block, index, x):
    """Return how many values equal x, of which the first is at an index of a block."""
    equal = 0
    while block < s[m + BLOCKS]:
        start = int(s[m + ROOMS + 2 * block])
        low = index
        high = int(s[m + COUNTS + 2 * block])
        if low + 1 < high and s[start + low + 1] > x:
            high = low + 1  # as a rule there is just one
        while low < high:
            middle = (low + high) >> 1
            if s[start + middle] <= x:
                low = middle + 1
            else:
                high = middle
        equal += low - index
        if low < s[m + COUNTS + 2 * block]:
            break
        block += 1
        index = 0
    return equal


@window_operator("x", add=_enter, drop=_leave, memory=_memory)
def window_rank(s, at, n, capacity, p):
    """Rank of the newest value within the window, as a share of it, in (0, 1]: (below + (equal + 1) / 2) / n.

    `below` counts the window's values below the newest, `equal` those equal to it, itself among them: equal values share the
    mean of their ranks 1 … n. The least is 1/n, the greatest 1, and where all are equal the value is (n + 1) / 2n.
    """
    m = RING + capacity
    block = int(s[m + AT_BLOCK])
    below = s[m + AT_INDEX]
    for i in range(block):
        below += s[m + COUNTS + 2 * i]
    equal = _equal(s, m, block, int(s[m + AT_INDEX]), s[RING + at])
    return (below + (equal + 1.0) / 2.0) / n
