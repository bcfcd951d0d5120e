"""Sums in the order in which numpy adds: the same bits, whoever adds.

1. Fewer than eight numbers are added one by one.
2. Up to 128 go into eight sums, every eighth number into the same; these are added in pairs, then what is left over.
3. More are halved, the first half a multiple of eight long, and the sums of both halves are added.
"""

import math

from runner.compiler import inner_part, registers, spliced_part

__all__ = ["deviation", "mean", "total"]

BLOCK = 128
"""Numbers that are added without halving."""


@inner_part
def _block(values, at, count):
    """Return the sum of up to `BLOCK` numbers from place `at` on."""
    if count < 8:
        found = 0.0
        for i in range(at, at + count):
            found += values[i]
        return found
    a, b, c, d = values[at], values[at + 1], values[at + 2], values[at + 3]
    e, f, g, h = values[at + 4], values[at + 5], values[at + 6], values[at + 7]
    whole = count - count % 8
    for i in range(at + 8, at + whole, 8):
        a += values[i]
        b += values[i + 1]
        c += values[i + 2]
        d += values[i + 3]
        e += values[i + 4]
        f += values[i + 5]
        g += values[i + 6]
        h += values[i + 7]
    found = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(at + whole, at + count):
        found += values[i]
    return found


@inner_part
def total(values, count):
    """Return the sum of the first `count` numbers as `numpy.sum` gives it."""
    # For each halving whose second half isn't added yet: how long that is, and the sum of the first, once it is known.
    second, first, is_second = registers(64), registers(64), registers(64)
    level, at, size = 0, 0, count
    while True:
        while size > BLOCK:
            half = size // 2
            half -= half % 8
            second[level] = size - half
            is_second[level] = 0.0
            level += 1
            size = half
        found = _block(values, int(at), int(size))
        at += size
        while level > 0 and is_second[level - 1] == 1.0:
            level -= 1
            found = first[level] + found
        if level == 0:
            return 0.0 + found
        first[level - 1] = found
        is_second[level - 1] = 1.0
        size = int(second[level - 1])


@spliced_part
def mean(values, count):
    """Return the mean of the first `count` numbers as `numpy.mean` gives it; NaN of none."""
    return total(values, count) / count


@inner_part
def deviation(values, count, spare):
    """Return the sample deviation of the first `count` numbers as `numpy.std(ddof=1)` gives it.

    `spare` is written over with the squares.
    """
    middle = total(values, count) / count
    for i in range(count):
        away = values[i] - middle
        spare[i] = away * away
    return math.sqrt(total(spare, count) / (count - 1))
