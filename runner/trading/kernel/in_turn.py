"""Instants that arrive, one after the other in compiled code: `runner.engine.in_place` says where everything lies.

For each instant (`_in_turn`):

1. Each of its rows goes through the graph (`_step`).
2. What the kernel holds of a symbol moves up by as many rows as came of it, and these take the last places (`_enter`); a
   symbol that waited for a row meets it at this instant.
3. The kernel goes on over the instant alone, so that it can't see what comes after it.

Where the buffer of lines is full the instant in hand is left as it is, and gone on with once the lines were taken away.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from runner.compiler import (
    INT,
    STEP,
    Compiled,
    build,
    calling,
    codes_at,
    load,
    melted_part,
    numbers_at,
    numbers_of,
    numbers_table_at,
    store,
    wholes_at,
    wholes_table_at,
)
from runner.signal.row_table import (
    END_READ,
    FIRST_READ,
    P_AT,
    P_SIZE,
    PLACE,
    STATE_AT,
    STATE_SIZE,
    STEP_AT,
    WARM_AFTER,
    X_AT,
    X_SIZE,
)
from runner.signal.row_table import INDEX as READ_INDEX
from runner.signal.row_table import IS_NODE as READS_NODE
from runner.trading.kernel.advance import SIGNATURE as ADVANCE
from runner.trading.kernel.layout import BEYOND, N_LINES, QUEUED, ROW, SEEN, TAKEN_ROW
from runner.trading.kernel.orders import queue_row
from runner.trading.kernel.world import state_at, venue_at

__all__ = ["Hand", "compiled_in_turn"]

Array = Any


class Hand(NamedTuple):
    """What is at hand: the rows of some instants, where they go, and what is made of them."""

    begins: Array
    """[I+1] first row of each instant, and the one after the last."""
    symbol: Array
    """[B] symbols of the rows, of one instant ascending."""
    ts: Array
    session: Array
    cells: Array
    """[K, B] the stream's columns."""
    mark: Array
    """[B] what a position is worth."""
    values: Array
    """[nodes, B] of the graph."""
    lines: Array
    """[I] how many lines the kernel has written after each instant."""
    nodes: Array
    """See `RowTable`."""
    reads: Array
    passed: Array
    """[N] rows of each symbol so far."""
    outs: Array
    """[outputs, OUT_FIELDS] which values the kernel reads, and where."""
    given: Array
    """[C] where each column of the fill clock lies for the rows at hand; 0 for one that isn't there."""
    held: Array
    """[C] where it lies for the rows that the kernel holds."""
    own: Array
    """[OWN_FIELDS] the numbers below."""
    held_ts: Array
    """[R] of the rows that the kernel holds: so many places per symbol, the latest row in the last one."""
    held_session: Array
    held_mark: Array
    order: Array
    """[R] takes the rows of the instant in hand."""
    ready: Array
    """[N] takes the first row of each symbol at which something may be decided."""
    extras: Array
    """[R, J] what sizing, orders and slippage read besides."""


# outs
IS_NODE = 0
INDEX = 1
AT = 2
"""Where the value of row 0 lies."""
STRIDE = 3
"""Numbers from one row to the next."""
OUT_FIELDS = 4

# own
DECIDES_AFTER = 0
"""Rows of a symbol before it may decide."""
WIDE = 1
"""Places per symbol."""
KERNEL = 2
"""Where `advance` lies."""
STARTED = 3
"""First instant at which a symbol might decide; NOT_YET before that."""
IS_ENTERED = 4
"""1 while an instant that has entered waits for room to be decided in."""
TAKEN = 5
"""Lines that were taken away so far."""
OWN_FIELDS = 6

NOT_YET = 2**62

NUMBER = 8
"""Bytes of one."""

advanced = calling(ADVANCE)
stepping = calling(STEP)


@melted_part
def _hand_at(place):
    return Hand(
        wholes_at(place, 0),
        codes_at(place, 1),
        wholes_at(place, 2),
        codes_at(place, 3),
        numbers_table_at(place, 4),
        numbers_at(place, 5),
        numbers_table_at(place, 6),
        wholes_at(place, 7),
        wholes_table_at(place, 8),
        wholes_table_at(place, 9),
        wholes_at(place, 10),
        wholes_table_at(place, 11),
        wholes_at(place, 12),
        wholes_at(place, 13),
        wholes_at(place, 14),
        wholes_at(place, 15),
        codes_at(place, 16),
        numbers_at(place, 17),
        wholes_at(place, 18),
        wholes_at(place, 19),
        numbers_table_at(place, 20),
    )


@melted_part
def _step(j, s, passed, lines, reads, cells, values):
    """Take a row of a symbol through the graph.

    Args:
        j: number of the row among those at hand.
        s: symbol.
        passed: rows of the symbol before it.
        lines: see `RowTable`.
        reads: likewise.
        cells: [K, B] the columns of the rows at hand.
        values: [nodes, B] takes the values.
    """
    for n in range(lines.shape[0]):
        x = lines[n, X_AT]
        for k in range(lines[n, FIRST_READ], lines[n, END_READ]):
            index = reads[k, READ_INDEX]
            store(x, reads[k, PLACE], values[index, j] if reads[k, READS_NODE] == 1 else cells[index, j])
        size = lines[n, STATE_SIZE]
        state = numbers_of(lines[n, STATE_AT] + NUMBER * size * s, size)
        row, p = numbers_of(x, lines[n, X_SIZE]), numbers_of(lines[n, P_AT], lines[n, P_SIZE])
        value = stepping(lines[n, STEP_AT], (state, row, p))
        values[n, j] = value if passed >= lines[n, WARM_AFTER] else np.nan


@melted_part
def _known(j, hand):
    """Take a row through the graph, and count it; return whether its symbol may decide at it."""
    s = hand.symbol[j]
    passed = hand.passed[s]
    _step(j, s, passed, hand.nodes, hand.reads, hand.cells, hand.values)
    hand.passed[s] = passed + 1
    return passed >= hand.own[DECIDES_AFTER]


@melted_part
def _move(s, rows, hand, state):
    """Make room for new rows of a symbol behind those that are held."""
    wide = hand.own[WIDE]
    base = s * wide
    for to in range(base, base + wide - rows):
        hand.held_ts[to] = hand.held_ts[to + rows]
        hand.held_session[to] = hand.held_session[to + rows]
        hand.held_mark[to] = hand.held_mark[to + rows]
        for j in range(hand.extras.shape[1]):
            hand.extras[to, j] = hand.extras[to + rows, j]
        for c in range(hand.held.shape[0]):
            if hand.given[c] != 0:
                store(hand.held[c], to, load(hand.held[c], to + rows))
    times = state.times
    times[ROW, s] = max(times[ROW, s] - rows, base)
    times[TAKEN_ROW, s] -= rows
    if times[SEEN, s] >= 0:
        times[SEEN, s] -= rows
    hand.ready[s] = base + wide


@melted_part
def _put(j, row, hand):
    """Give a row at hand its place."""
    hand.held_ts[row] = hand.ts[j]
    hand.held_session[row] = hand.session[j]
    hand.held_mark[row] = hand.mark[j]
    for c in range(hand.held.shape[0]):
        if hand.given[c] != 0:
            store(hand.held[c], row, load(hand.given[c], j))
    for k in range(hand.outs.shape[0]):
        index = hand.outs[k, INDEX]
        value = hand.values[index, j] if hand.outs[k, IS_NODE] == 1 else hand.cells[index, j]
        store(hand.outs[k, AT], row * hand.outs[k, STRIDE], value)


@melted_part
def _enter(i, hand, where):
    """Let the rows of an instant in."""
    state, venue = state_at(where), venue_at(where)
    wide, first, stop = hand.own[WIDE], hand.begins[i], hand.begins[i + 1]
    at = first
    while at < stop:
        s = hand.symbol[at]
        end = at + 1
        while end < stop and hand.symbol[end] == s:
            end += 1
        _move(s, end - at, hand, state)
        for j in range(at, end):
            row = (s + 1) * wide - (end - j)
            may_decide = _known(j, hand)
            _put(j, row, hand)
            hand.order[j - first] = row
            if may_decide:
                hand.ready[s] = min(hand.ready[s], row)
                hand.own[STARTED] = min(hand.own[STARTED], hand.ts[j])
        if state.times[QUEUED, s] == BEYOND and state.times[ROW, s] < (s + 1) * wide:
            queue_row(s, state, venue)
        at = end


def _in_turn(first, last, where, place):
    """Let instants go by; return the number of the first that isn't done, as lines must be taken away before.

    Args:
        first: number of the first instant among those at hand.
        last: number of the one after the last.
        where: the table of `world`; 0 where nothing is decided, and the rows are for the signals alone.
        place: the table of `Hand`.
    """
    hand = _hand_at(place)
    own = hand.own
    if where == 0:
        for j in range(hand.begins[first], hand.begins[last]):
            _known(j, hand)
        return last
    counters = state_at(where).counters
    for i in range(first, last):
        rows = hand.begins[i + 1] - hand.begins[i]
        if own[IS_ENTERED] == 0:
            _enter(i, hand, where)
            own[IS_ENTERED] = 1
        if rows > 0 and advanced(own[KERNEL], (0, rows, where)) < rows:
            return i
        own[IS_ENTERED] = 0
        hand.lines[i] = own[TAKEN] + counters[N_LINES]
    return last


SIGNATURE = INT(INT, INT, INT, INT)

TEXT = '''"""Instants that arrive, compiled for pipelines of every shape."""

from runner.compiler import exactly
from runner.trading.kernel.in_turn import SIGNATURE


@exactly(SIGNATURE)
def in_turn({names}):
    """Let instants go by."""
    return body({names})
'''


@cache
def compiled_in_turn() -> Compiled:
    """Return `in_turn`, compiled; made from the parts it calls, whichever files they are in."""
    code = _in_turn.__code__
    names = ", ".join(code.co_varnames[: code.co_argcount])
    compiled: Compiled = build("in_turn", TEXT.format(names=names), {"body": _in_turn}).in_turn
    return compiled
