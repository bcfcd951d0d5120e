"""One engine, however it is driven: all at once or instant by instant, whatever comes later, whoever stands beside whom."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_runs import Run, instants, runs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markets import traded

from runner.engine import panel, written
from runner.engine.native import backtest, named_nodes, replay
from runner.engine.results import tables_of
from runner.engine.side_by_side import side_by_side
from runner.market.tape import Tape
from runner.signal.sheet import Surroundings
from runner.trading.fees.per_share import PerShare
from runner.trading.fill.next_open import NextOpen
from runner.trading.sizing.units import Units
from tests.long import many

TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges", "signals")
LAW = settings(max_examples=many(50, 150), deadline=None)
FEWER = settings(max_examples=many(20, 60), deadline=None)


def told(engine, run, **options):
    return traded(engine, run.pipeline, run.tapes, **options)


def bits_of(tables):
    return {f"{name}.{key}": column.tobytes() for name in TABLES for key, column in getattr(tables, name).items()}


@given(run=runs())
@LAW
def test_a_replay_gives_the_backtest_to_the_bit(run):
    """Of every stream, kind and sort of order: pushing one instant at a time gives every table of the whole-tape run."""
    assert bits_of(told(backtest, run, signals=True)) == bits_of(told(replay, run, signals=True))


def known(tape, instant):
    """Return the tape as it was known at an instant."""
    kept = tape.ts <= instant
    counts = [int(kept[a:b].sum()) for a, b in zip(tape.offsets, tape.offsets[1:], strict=False)]
    columns = {name: column[kept].copy() for name, column in tape.columns.items()}
    rows = (each[kept] for each in (tape.ts, tape.opened, tape.session, tape.symbol))
    return Tape(tape.symbols, *rows, columns, np.cumsum([0, *counts]).astype(np.int64), tape.stream)


PLAIN = {
    "order": {"kind": "market"},
    "exits": {},
    "scenario": {},
    "financing": {},
    "fill": NextOpen(),
    "risk": {"rules": {}},
}
"""Orders that nothing stands in the way of, and an account that nobody watches."""


@given(run=runs((("bars",),), **PLAIN), few=st.booleans())
@LAW
def test_what_is_made_for_many_instants_at_once_is_what_a_replay_makes_of_each(run, few):
    """Plain orders and equity that nobody asks for between decisions, also where there is room for one instant alone."""
    with pytest.MonkeyPatch.context() as patch:
        if few:
            patch.setattr(panel, "INSTANTS", 1)
            patch.setattr(panel, "PIECES_MADE", 1)
        found = told(backtest, run)

    assert bits_of(found) == bits_of(told(replay, run))


AT_A_PRICE = ("exits.stop_loss", "exits.trailing_stop", "exits.take_profit")


def until(table, instant, *, inclusive):
    """Return a table's lines up to an instant, but for what becomes of orders later.

    Exits at a price are sent where they fill, as at the open of a bar that begins at the instant and isn't known then.
    """
    kept = table["ts"] <= instant if inclusive else table["ts"] < instant
    if "reason" in table:
        kept &= (table["ts"] < instant) | ~np.isin(table["reason"], AT_A_PRICE)
    return {name: column[kept].tolist() for name, column in table.items() if name not in {"status", "refusal", "filled"}}


@given(run=runs(), share=st.floats(0.1, 0.9))
@LAW
def test_cutting_the_future_off_never_changes_the_past(run, share):
    """What is decided by an instant, and filled before it, is the same on tapes that end there.

    The instant is one at which no bar is half done, for a bar can't be cut in two.
    """
    tapes = run.tapes.values()
    whole = [ts for ts in instants(run).tolist() if not any(((t.opened < ts) & (t.ts > ts)).any() for t in tapes)]
    assume(whole)
    instant = whole[int(share * len(whole))]
    part = Run({stream: known(tape, instant) for stream, tape in run.tapes.items()}, run.pipeline)

    now, then = told(backtest, run), told(backtest, part)

    for name, inclusive in (("orders", True), ("equity", True), ("refusals", True)):
        assert repr(until(getattr(now, name), instant, inclusive=inclusive)) == repr(
            until(getattr(then, name), instant, inclusive=inclusive)
        ), name
    for name in ("fills", "positions", "charges"):
        assert repr(until(getattr(now, name), instant, inclusive=False)) == repr(
            until(getattr(then, name), instant, inclusive=False)
        ), name


def turned(tape):
    """Return the tape with its symbols in the opposite order."""
    names = tape.symbols[::-1]
    parts = [slice(int(a), int(b)) for a, b in zip(tape.offsets, tape.offsets[1:], strict=False)][::-1]
    rows = np.concatenate([np.arange(part.start, part.stop) for part in parts]).astype(np.int64)
    counts = [part.stop - part.start for part in parts]
    return replace(
        tape,
        symbols=names,
        ts=tape.ts[rows],
        opened=tape.opened[rows],
        session=tape.session[rows],
        symbol=np.repeat(np.arange(len(names), dtype=np.int32), counts),
        columns={name: column[rows].copy() for name, column in tape.columns.items()},
        offsets=np.cumsum([0, *counts]).astype(np.int64),
    )


def of_symbol(table, symbol, columns):
    own = table["symbol"] == symbol
    return [table[column][own].tolist() for column in columns]


@given(run=runs(capital=1e9, sizing=Units(units=3.0), fees=PerShare(), risk={"rules": {}}))
@FEWER
def test_the_order_of_the_universe_does_not_matter_where_cash_does_not_bind(run):
    """Each symbol has the same orders and fills, and the account the same equity but for how sums are rounded."""
    other = Run({stream: turned(tape) for stream, tape in run.tapes.items()}, run.pipeline)

    one, two = told(backtest, run), told(backtest, other)

    for symbol in run.deciding.symbols:
        for name, columns in (
            ("fills", ("ts", "side", "quantity", "price", "fee")),
            ("orders", ("ts", "quantity", "price", "reason", "status")),
        ):
            assert repr(of_symbol(getattr(one, name), symbol, columns)) == repr(
                of_symbol(getattr(two, name), symbol, columns)
            )
    assert one.equity["ts"].tolist() == two.equity["ts"].tolist()
    np.testing.assert_allclose(one.equity["equity"], two.equity["equity"], rtol=1e-12)


@given(run=runs(), every=st.sampled_from([None, "3min"]))
@FEWER
def test_the_smallest_buffers_lose_nothing(run, every):
    """Lines that are taken away one instant at a time are those of buffers that hold all of them."""
    roomy = bits_of(told(backtest, run, every=every))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(written, "LINES", 1)
        patch.setattr(written, "MOST_EQUITY", 1)
        tight = bits_of(told(backtest, run, every=every))

    assert roomy == tight


@given(run=runs())
@FEWER
def test_a_shared_line_of_equity_is_the_last_of_its_stretch(run):
    """With `every: 3min` nothing changes but that each stretch keeps its last line alone; so in a replay."""
    length = 3 * 60 * 10**9
    single, shared, stepped = (
        told(backtest, run),
        told(backtest, run, every="3min"),
        told(replay, run, every="3min"),
    )

    stretch = single.equity["ts"] // length
    last = np.append(stretch[1:] != stretch[:-1], True)[: stretch.size]
    for name, column in single.equity.items():
        assert column[last].tobytes() == shared.equity[name].tobytes(), name
    assert bits_of(replace(single, equity={})) == bits_of(replace(shared, equity={}))
    assert bits_of(shared) == bits_of(stepped)


@given(run=runs(), stretch=st.integers(1, 40))
@LAW
def test_signal_and_trading_side_by_side_give_the_backtest_to_the_bit(run, stretch):
    """Of one symbol or many, however long the stretches that one thread is ahead of the other."""
    named = named_nodes(run.pipeline, signals=True)

    found, driver = side_by_side(run.pipeline, run.tapes, Surroundings(), named, on_progress=lambda _: None, stretch=stretch)

    tables = tables_of(run.pipeline, driver, {node: found.values[node] for node in named})
    assert bits_of(tables) == bits_of(told(backtest, run, signals=True))
