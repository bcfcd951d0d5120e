"""Fills that are due before the next decision, for whoever has to let go of the rows they happen at.

Between two instants of the deciding clock nothing happens but that orders and exits meet rows of the fill clock. The loop
over instants visits them when it comes to the next instant; `settle` visits those up to any instant before that one, in the
same order, so that it makes no difference which of the two does. The caller's duty: there must be a next instant, for what
comes after the last one is never visited.
"""

from functools import cache

from runner.compiler import FLAT, GRID, INT, INTS, MATRIX, TABLE, Compiled, build
from runner.trading.kernel.advance import PER_VISIT
from runner.trading.kernel.layout import N_LINES, QUEUED_NOW, Log, State, Venue
from runner.trading.kernel.queue import next_symbol
from runner.trading.kernel.venue import visit

__all__ = ["compiled_settle"]


def _settle(
    until,
    columns, outages, extras, price, price_p, fee, fee_p, traded, given, settings, switches,
    account, book, times, queue, counters,
    n, x, equity_n, equity_x,
):  # fmt: skip
    """Visit the rows that come up to an instant; return 1 if all were, 0 if the buffer of lines must be emptied first."""
    venue = Venue(columns, outages, extras, price, price_p, fee, fee_p, traded, given, settings, switches)
    state, log = State(account, book, times, queue, counters), Log(n, x, equity_n, equity_x)
    while counters[QUEUED_NOW] > 0 and queue[0, 0] <= 2 * until:
        if counters[N_LINES] + PER_VISIT + book.shape[1] > n.shape[0]:
            return 0
        visit(next_symbol(queue, counters), venue, state, log)
    return 1


SIGNATURE = INT(
    INT,
    INTS, GRID, TABLE, INT, FLAT, INT, FLAT, FLAT, FLAT, FLAT, INTS,
    FLAT, MATRIX, GRID, GRID, INTS,
    GRID, MATRIX, INTS, MATRIX,
)  # fmt: skip

TEXT = '''"""Fills before the next decision, compiled for pipelines of every shape."""

from runner.compiler import exactly
from runner.trading.kernel.settle import SIGNATURE


@exactly(SIGNATURE)
def settle({names}):
    """Visit the rows that come up to an instant."""
    return body({names})
'''


@cache
def compiled_settle() -> Compiled:
    """Return `settle`, compiled; made from the parts it calls, whichever files they are in."""
    code = _settle.__code__
    names = ", ".join(code.co_varnames[: code.co_argcount])
    module = build("settle", TEXT.format(names=names), {"body": _settle})
    compiled: Compiled = module.settle
    return compiled
