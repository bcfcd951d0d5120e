"""Rows that arrive one instant at a time give the backtest over the whole to the bit; what a venue reports is booked as a fill is."""

from dataclasses import replace

import numpy as np
from drawn_runs import runs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markets import traded

from runner.engine.arriving import Arriving, Report
from runner.engine.clocks import fill_clock
from runner.engine.native import backtest
from runner.signal.push import PushedRow
from runner.signal.sheet import Surroundings
from runner.spec.exits import Exits
from runner.trading.fill.next_open import NextOpen
from runner.trading.kernel import layout
from tests.long import many

TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges", "signals")
LAW = settings(max_examples=many(50, 150), deadline=None)


def bits_of(tables):
    return {f"{name}.{key}": column.tobytes() for name in TABLES for key, column in getattr(tables, name).items()}


def arrivals(tapes):
    """Return every instant's rows of all streams, with the instants at which they opened."""
    found = {}
    for stream, tape in tapes.items():
        for row in range(tape.rows):
            values = {name: float(column[row]) for name, column in tape.columns.items()}
            each = PushedRow(
                stream, int(tape.symbol[row]), int(tape.ts[row]), int(tape.session[row]), values, int(tape.opened[row])
            )
            found.setdefault(int(tape.ts[row]), []).append(each)
    return [found[ts] for ts in sorted(found)]


def is_known_in_time(tape, deciding):
    """Return whether no row that opened before an instant of the deciding clock is known only after it."""
    return not any(((tape.opened < ts) & (tape.ts > ts)).any() for ts in np.unique(deciding.ts).tolist())


@given(run=runs(), every=st.sampled_from([None, None, "3min"]))
@LAW
def test_rows_that_arrive_give_the_backtest_to_the_bit(run, every):
    """Of every stream, kind and sort of order: each table of the whole-tape run, instant after instant."""
    clock = fill_clock(run.pipeline, run.tapes)
    assume(is_known_in_time(clock.tape, run.deciding))
    columns = {stream: tuple(tape.columns) for stream, tape in run.tapes.items()}
    arriving = Arriving(run.pipeline, run.deciding.symbols, columns, Surroundings(), signals=True, every=every)

    for rows in arrivals(run.tapes):
        arriving.over(rows)

    assert bits_of(arriving.tables()) == bits_of(traded(backtest, run.pipeline, run.tapes, signals=True, every=every))


@given(run=runs(), share=st.floats(0.0, 1.0))
@settings(max_examples=many(15, 100), deadline=None)
def test_an_engine_is_made_as_warm_as_another(run, share):
    """What history leaves is handed on: the second engine comes to every bit of the first, which goes on undisturbed."""
    columns = {stream: tuple(tape.columns) for stream, tape in run.tapes.items()}
    one, other = (Arriving(run.pipeline, run.deciding.symbols, columns, Surroundings(), signals=True) for _ in range(2))
    instants = arrivals(run.tapes)
    history = int(share * len(instants))

    for rows in instants[:history]:
        one.warm(rows)
    warmth = one.warmth()
    for rows in instants[history:]:
        one.over(rows)
    other.warm_as(warmth)
    for rows in instants[history:]:
        other.over(rows)

    assert bits_of(other.tables()) == bits_of(one.tables())


def told_of(arriving, clock):
    """Return reports of what the kernel's venue did since it was last asked: its fills, and the orders it rejected."""
    tape, found = clock.tape, []
    for n, x in zip(*arriving.lines(), strict=True):
        sort, order, ts, symbol, code = (int(each) for each in n[:5])
        if sort == layout.FILL_LINE:
            rows = slice(*tape.offsets[symbol : symbol + 2].tolist())
            at = np.flatnonzero((clock.first[rows] == ts) | (tape.ts[rows] == ts))
            session = int(tape.session[rows][at[0]])
            found.append(Report(ts, session, symbol, order, float(x[0]), float(x[2]), float(x[3]), code == 1))
        elif sort == layout.END_LINE and code in {layout.NO_CASH, layout.REJECTED, layout.NO_COST}:
            found.append(Report(ts, 0, symbol, order, how=code))
    return found


def books_of(tables):
    """Return what a report decides: orders but for their fate, fills but for what they are compared with, and the books.

    Nights are charged when a session is first heard of: by a row at which an order is rejected or finds no price, or, where
    a venue says nothing of that, by the next instant.
    """
    left_out = {"orders": {"status", "refusal"}, "fills": {"reference", "slippage"}, "charges": {"ts"}}
    return {
        f"{name}.{key}": column.tolist()
        for name in TABLES
        for key, column in getattr(tables, name).items()
        if key not in left_out.get(name, ())
    }


def venue_like(pipeline):
    """Return the pipeline without what only the kernel's own venue does: exits at a price, lives of orders, fills at once."""
    return replace(
        pipeline,
        exits=Exits(max_holding=pipeline.exits.max_holding),
        order=pipeline.order.model_copy(update={"time_in_force": "gtc"}),
        fill=NextOpen() if pipeline.fill.kind == "same_close" else pipeline.fill,
    )


@given(run=runs())
@LAW
def test_what_a_venue_reports_is_booked_as_the_kernel_books_its_own_fills(run):
    """One engine fills by itself; another is told of those fills and comes to the same orders, books and refusals."""
    pipeline = venue_like(run.pipeline)
    clock = fill_clock(pipeline, run.tapes)
    assume(is_known_in_time(clock.tape, run.deciding))
    columns = {stream: tuple(tape.columns) for stream, tape in run.tapes.items()}
    filling = Arriving(pipeline, run.deciding.symbols, columns, Surroundings())
    told = Arriving(pipeline, run.deciding.symbols, columns, Surroundings(), reported=True)

    for rows in arrivals(run.tapes):
        filling.over(rows)
        for report in told_of(filling, clock):
            (told.filled if report.quantity else told.ended)(report)
        told.over(rows)

    assert repr(books_of(told.tables())) == repr(books_of(filling.tables()))
