"""What a venue says it did, booked as the kernel books its own fills.

In a backtest the kernel itself decides what fills, row by row of a fill clock. In a session with a broker it is the venue
that decides, and the kernel is told: a fill of so much at a price and for a fee, or the end of an order. Books, reservations
and what follows from them (average price, exits, outcome of a position) are the same code either way.

A fill may come after its order has ended, or be of an order that isn't the one at work: it counts in the position all the
same, and what is wanted stays as it was.
"""

from functools import cache

from runner.compiler import FLOAT, INT, Compiled, build
from runner.trading.kernel.booking import book_fill, charge_nights
from runner.trading.kernel.layout import (
    AVERAGE,
    KIND,
    N_LINES,
    NONE,
    ORDER,
    POSITION,
    REALISED,
    SESSION,
    WANTED,
)
from runner.trading.kernel.log import log_fill
from runner.trading.kernel.orders import end, release_flight
from runner.trading.kernel.panel import PER_VISIT
from runner.trading.kernel.quantities import is_dust
from runner.trading.kernel.venue import beyond
from runner.trading.kernel.world import log_at, state_at, venue_at

__all__ = ["compiled_ended", "compiled_filled"]


def _filled(s, order, instant, session, quantity, price, fee, maker, where):
    """Book a fill; return 1 if it is, 0 if the buffer of lines must be emptied first.

    Args:
        s: symbol.
        order: number of the order that filled; 0 for one that the kernel never sent.
        instant: of the fill.
        session: its session date.
        quantity: signed units.
        price: per unit.
        fee: in all.
        maker: 1 if it waited in the book.
        where: the table of `world`.
    """
    state, venue, log = state_at(where), venue_at(where), log_at(where)
    book, counters = state.book, state.counters
    if counters[N_LINES] + PER_VISIT + book.shape[1] > log.n.shape[0]:
        return 0
    if session > state.account[SESSION]:
        charge_nights(session, instant, where)
    position, wanted = book[POSITION, s], book[WANTED, s]
    book_fill(s, quantity, price, fee, instant, state, venue.settings)
    venue.traded[0] += abs(quantity) * price
    log_fill(
        log, counters, order, instant, s, maker, quantity, price, price, fee,
        book[POSITION, s], book[AVERAGE, s], book[REALISED, s],
    )  # fmt: skip
    if book[KIND, s] == NONE or order != int(book[ORDER, s]) or quantity * wanted <= 0.0:
        return 1
    # Many parts may miss the whole by their roundings; what is left then is nothing that could ever fill.
    if abs(quantity) >= abs(wanted) or is_dust(wanted - quantity, wanted, position):
        end(s, instant, 0, where)
    else:
        release_flight(s, 1.0 - beyond(position + quantity, wanted - quantity) / beyond(position, wanted), state)
        book[WANTED, s] = wanted - quantity
    return 1


def _ended(s, order, instant, how, where):
    """End the order at work, if it is that one; return 1 if it is done, 0 if the buffer of lines must be emptied first."""
    state, log = state_at(where), log_at(where)
    if state.counters[N_LINES] + PER_VISIT + state.book.shape[1] > log.n.shape[0]:
        return 0
    if state.book[KIND, s] != NONE and order == int(state.book[ORDER, s]):
        end(s, instant, how, where)
    return 1


FILLED = INT(INT, INT, INT, INT, FLOAT, FLOAT, FLOAT, INT, INT)
ENDED = INT(INT, INT, INT, INT, INT)

TEXT = '''"""What a venue reports, compiled for pipelines of every shape."""

from runner.compiler import exactly
from runner.trading.kernel.reported import {signature}


@exactly({signature})
def {name}({names}):
    """Book it."""
    return body({names})
'''


def _compiled(name, signature, body) -> Compiled:
    code = body.__code__
    names = ", ".join(code.co_varnames[: code.co_argcount])
    module = build(name, TEXT.format(name=name, signature=signature, names=names), {"body": body})
    compiled: Compiled = getattr(module, name)
    return compiled


@cache
def compiled_filled() -> Compiled:
    """Return `filled`, compiled; made from the parts it calls, whichever files they are in."""
    return _compiled("filled", "FILLED", _filled)


@cache
def compiled_ended() -> Compiled:
    """Return `ended`, compiled; likewise."""
    return _compiled("ended", "ENDED", _ended)
