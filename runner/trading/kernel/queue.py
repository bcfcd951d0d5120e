"""The rows of the fill clock that come next, soonest first: a binary heap of at most one row per symbol.

A row's moment is twice its instant, and one more where a bar opens: at one instant bars are known first and decided
together, then the next ones open. Rows of one moment come in the order of the universe, so that nothing depends on how the
heap was built.
"""

from runner.compiler import inner_part
from runner.trading.kernel.layout import QUEUED_NOW

__all__ = ["bring_forward", "enqueue", "next_symbol"]


@inner_part
def _is_before(queue, i, j):
    return queue[0, i] < queue[0, j] or (queue[0, i] == queue[0, j] and queue[1, i] < queue[1, j])


@inner_part
def _swap(queue, i, j):
    for k in range(2):
        queue[k, i], queue[k, j] = queue[k, j], queue[k, i]


@inner_part
def enqueue(queue, counters, moment, s):
    """Add a symbol whose next row is at a moment; it must not be in the queue."""
    i = counters[QUEUED_NOW]
    counters[QUEUED_NOW] = i + 1
    queue[0, i] = moment
    queue[1, i] = s
    _rise(queue, i)


@inner_part
def bring_forward(queue, counters, moment, s):
    """Give a symbol of the queue an earlier moment; nothing is done for one that isn't there."""
    for i in range(counters[QUEUED_NOW]):
        if queue[1, i] == s:
            queue[0, i] = moment
            _rise(queue, i)
            return


@inner_part
def _rise(queue, i):
    while i > 0 and _is_before(queue, i, (i - 1) // 2):
        _swap(queue, i, (i - 1) // 2)
        i = (i - 1) // 2


@inner_part
def next_symbol(queue, counters):
    """Take the symbol away whose row comes first; there must be one."""
    s = queue[1, 0]
    n = counters[QUEUED_NOW] - 1
    counters[QUEUED_NOW] = n
    _swap(queue, 0, n)
    i = 0
    while True:
        least = i
        for child in (2 * i + 1, 2 * i + 2):
            if child < n and _is_before(queue, child, least):
                least = child
        if least == i:
            return s
        _swap(queue, i, least)
        i = least
