"""Rows that arrive one instant at a time give the backtest over the whole to the bit; what a venue reports is booked as a fill is."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_runs import runs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markets import pipeline_of, tape_of, traded

from runner.engine.arriving import Arriving, Report
from runner.engine.clocks import fill_clock
from runner.engine.in_place import InPlace
from runner.engine.native import backtest
from runner.engine.onto_tapes import ROOM, begun
from runner.signal.push import PushedRow
from runner.signal.sheet import Surroundings
from runner.spec.exits import Exits
from runner.trading.fill.next_open import NextOpen
from runner.trading.fill.touch import Touch
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


def lines_of(arriving, batch):
    """Return the whole numbers of what the kernel wrote at each instant of a batch; the others stand in the tables."""
    return [n.tolist() for n, _ in arriving.over_each(batch)]


@given(run=runs(), data=st.data(), reported=st.booleans())
@LAW
def test_instants_that_wait_are_decided_on_as_one_after_the_other(run, data, reported):
    """However many are taken at once, with bars of other lengths and several rows at an instant: the same lines at each."""
    pipeline = venue_like(run.pipeline) if reported else run.pipeline
    clock = fill_clock(pipeline, run.tapes)
    assume(is_known_in_time(clock.tape, run.deciding))
    columns = {stream: tuple(tape.columns) for stream, tape in run.tapes.items()}
    engines = [
        Arriving(pipeline, run.deciding.symbols, columns, Surroundings(), signals=True, reported=reported) for _ in "ab"
    ]
    instants = arrivals(run.tapes)
    warm = data.draw(st.integers(0, len(instants)))
    for engine in engines:
        for rows in instants[:warm]:
            engine.warm(rows)

    at, single, together = warm, [], []
    while at < len(instants):
        batch = instants[at : at + data.draw(st.integers(1, 9))]
        single += [found for rows in batch for found in lines_of(engines[0], [rows])]
        together += lines_of(engines[1], batch)
        at += len(batch)

    assert together == single
    assert bits_of(engines[1].tables()) == bits_of(engines[0].tables())


FLIPS = {
    "long": {"enter": "ask_price < 12", "exit": "ask_price > 12"},
    "short": {"enter": "ask_price > 12", "exit": "ask_price < 12"},
}
TOUCH = {"signal": FLIPS, "fill": Touch()}


def quotes(count, *, symbols="A"):
    """Return quotes whose ask jumps around 12, of every symbol at every half minute."""
    rng = np.random.default_rng(3)
    asks = 12 + rng.integers(-50, 50, (len(symbols), count)) / 100
    return tape_of(
        "quotes",
        {
            name: [(t / 2, ask - 0.01, 5.0, ask, 7.0) for t, ask in enumerate(row)]
            for name, row in zip(symbols, asks, strict=True)
        },
    )


@pytest.mark.parametrize(("signal", "expected"), [(FLIPS, True), ({"target": "12 - mean(ask_price, '2min')"}, False)])
def test_events_of_one_stream_are_decided_on_where_they_lie(signal, expected):
    """Whose graph steps over rows alone; a window of time grows, and needs more."""
    tape = quotes(4, symbols="AB")
    pipeline = pipeline_of({"quotes": tape}, **(TOUCH | {"signal": signal}))
    columns = {"quotes": tuple(tape.columns)}
    driver = begun(pipeline, tape.symbols, columns, Surroundings(), reported=False, every=None)

    found = InPlace.of(pipeline, tape.symbols, columns, driver, reported=False, named=[])

    assert (found is not None) == expected


def test_more_lines_than_there_is_room_for_are_taken_away_in_between():
    """Thousands of fills at instants that are taken at once: the backtest's, to the bit."""
    tape = quotes(5_000)
    tapes, columns = {"quotes": tape}, {"quotes": tuple(tape.columns)}
    pipeline = pipeline_of(tapes, **TOUCH)
    arriving = Arriving(pipeline, tape.symbols, columns, Surroundings())

    counts = [len(n) for n, _ in arriving.over_each(arrivals(tapes))]

    tables = traded(backtest, pipeline, tapes)
    assert sum(counts) > ROOM
    assert max(counts) < 10
    assert bits_of(arriving.tables()) == bits_of(tables)


@pytest.mark.parametrize("several", [2, 3, 5])
def test_rows_of_one_symbol_at_an_instant_have_places_whatever_waits_beside_them(several):
    """Instants without a row that decides take none of their places."""
    tape = quotes(60)
    pipeline, columns = pipeline_of({"quotes": tape}, **TOUCH), {"quotes": tuple(tape.columns)}
    rows = [row for instant in arrivals({"quotes": tape}) for row in instant]
    batches = []
    for at in range(0, len(rows), several):
        own = [row._replace(ts=rows[at].ts) for row in rows[at : at + several]]
        batches.append([own, *[[PushedRow("bars", 0, own[0].ts + k, 0, {"close": 1.0})] for k in range(1, several)]])
    engines = [Arriving(pipeline, tape.symbols, columns, Surroundings()) for _ in "ab"]

    single = [found for batch in batches for rows in batch for found in lines_of(engines[0], [rows])]
    together = [found for batch in batches for found in lines_of(engines[1], batch)]

    assert together == single
    assert sum(map(len, single)) > 2
    assert bits_of(engines[1].tables()) == bits_of(engines[0].tables())


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
