"""Laws of the engine over random ragged tapes and pipelines: parity, causality, accounting, risk."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import pipelines, tape_of, tapes, traded
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.engine.native import backtest, replay
from runner.errors import DataError
from runner.market.tape import Tape
from runner.tables import Tables
from tests.long import many

TABLES = ("orders", "fills", "equity", "positions", "refusals", "signals")
LAW = settings(max_examples=many(20, 60), deadline=None)


def bits_of(tables: Tables) -> dict[str, bytes]:
    return {f"{name}.{key}": column.tobytes() for name in TABLES for key, column in getattr(tables, name).items()}


def cut(tape: Tape, instant: int) -> Tape:
    """Return the tape as it was known at an instant."""
    keep = tape.ts <= instant
    counts = [int(keep[a:b].sum()) for a, b in zip(tape.offsets, tape.offsets[1:], strict=False)]
    return Tape(
        tape.symbols,
        tape.ts[keep],
        tape.opened[keep],
        tape.session[keep],
        tape.symbol[keep],
        {name: column[keep].copy() for name, column in tape.columns.items()},
        np.cumsum([0, *counts]).astype(np.int64),
    )


def after(tape: Tape, instant: int, factor: float) -> Tape:
    """Return the tape with every price that isn't known at an instant multiplied."""
    columns = {
        name: np.where((tape.opened if name == "open" else tape.ts) > instant, column * factor, column)
        for name, column in tape.columns.items()
    }
    return replace(tape, columns=columns)


@given(tape=tapes(), pipeline=pipelines())
@LAW
def test_replay_equals_backtest_to_the_bit(tape, pipeline):
    """Pushing one event at a time gives the tables of the whole-tape run, signals included."""
    batch = traded(backtest, pipeline, tape, signals=True)
    stepped = traded(replay, pipeline, tape, signals=True)

    assert bits_of(batch) == bits_of(stepped)


@given(tape=tapes(), pipeline=pipelines(), factor=st.floats(0.5, 2.0))
@LAW
def test_another_future_never_changes_the_past(tape, pipeline, factor):
    """With every price not yet known at an instant replaced, orders, fills and equity up to it stay as they are."""
    if tape.rows == 0:
        return
    instant = int(np.sort(tape.ts)[tape.rows // 2])

    whole = traded(backtest, pipeline, tape)
    other = traded(backtest, pipeline, after(tape, instant, factor))

    for name in ("orders", "equity", "fills", "positions", "refusals"):
        one, two = getattr(whole, name), getattr(other, name)
        for column in one.keys() - {"status", "refusal", "filled"}:  # what becomes of an order is the future's business
            past, other_past = (table[column][table["ts"] <= instant].tolist() for table in (one, two))
            assert repr(past) == repr(other_past), (name, column)


@given(tape=tapes(), pipeline=pipelines())
@LAW
def test_cutting_the_future_off_never_changes_the_past(tape, pipeline):
    """A run over the tape known at an instant has the same orders, fills and equity up to that instant.

    The instant is one at which no bar has opened and isn't known yet: such a bar can't be cut in two.
    """
    straddled = {int(ts) for ts in tape.ts if ((tape.opened < ts) & (tape.ts > ts)).any()}
    whole_instants = sorted({int(ts) for ts in tape.ts} - straddled)
    if not whole_instants:
        return
    instant = whole_instants[len(whole_instants) // 2]

    whole = traded(backtest, pipeline, tape)
    part = traded(backtest, pipeline, cut(tape, instant))

    for name, columns in (
        ("orders", ("order", "ts", "symbol", "quantity")),
        ("equity", ("ts", "equity", "cash")),
        ("fills", ("ts", "price")),
    ):
        table, early = getattr(whole, name), getattr(part, name)
        known = table["ts"] <= instant if name != "fills" else table["ts"] < instant
        early_known = early["ts"] <= instant if name != "fills" else early["ts"] < instant
        for column in columns:
            assert table[column][known].tolist() == early[column][early_known].tolist()


@given(tape=tapes(), pipeline=pipelines())
@LAW
def test_the_books_balance_at_every_mark(tape, pipeline):
    """Rebuilding cash, position and profit from the fills alone gives the equity curve, to 1e-9 of the capital."""
    tables = traded(backtest, pipeline, tape)
    fills, equity = tables.fills, tables.equity
    signed = np.where(fills["side"] == "buy", 1.0, -1.0) * fills["quantity"]

    for k, ts in enumerate(equity["ts"].tolist()):
        # an order that fills at the very instant of a mark was decided at that mark, so it comes after it
        before = fills["ts"] < ts
        cash = pipeline.capital - float((signed * fills["price"] + fills["fee"])[before].sum())
        worth, gross = cash, 0.0
        for s, symbol in enumerate(tape.symbols):
            rows = slice(int(tape.offsets[s]), int(tape.offsets[s + 1]))
            known = tape.columns["close"][rows][tape.ts[rows] <= ts]
            position = float(signed[before & (fills["symbol"] == symbol)].sum())
            worth += position * float(known[-1]) if known.size else 0.0
            gross += abs(position * float(known[-1])) if known.size else 0.0
        assert equity["cash"][k] == pytest.approx(cash, rel=1e-9, abs=1e-9 * pipeline.capital)
        assert equity["equity"][k] == pytest.approx(worth, rel=1e-9, abs=1e-9 * pipeline.capital)
        assert equity["gross"][k] == pytest.approx(gross, rel=1e-9, abs=1e-9 * pipeline.capital)


@given(tape=tapes(), pipeline=pipelines())
@LAW
def test_realised_and_unrealised_profit_add_up_to_the_equity(tape, pipeline):
    """At the end: capital + Σ realised + Σ position × (last close − average price) = equity."""
    tables = traded(backtest, pipeline, tape)
    positions, total = tables.positions, pipeline.capital

    for s, symbol in enumerate(tape.symbols):
        own = np.flatnonzero(positions["symbol"] == symbol)
        if own.size:
            held, average = float(positions["quantity"][own[-1]]), float(positions["average_price"][own[-1]])
            total += float(positions["realised"][own[-1]])
            total += held * (float(tape.columns["close"][tape.offsets[s + 1] - 1]) - average) if held else 0.0

    # a position can't change after the last mark: fills belong to rows, and every row closes
    if tables.equity["ts"].size:
        assert tables.equity["equity"][-1] == pytest.approx(total, rel=1e-9, abs=1e-9 * pipeline.capital)


@given(tape=tapes(), pipeline=pipelines())
@LAW
def test_fills_come_after_their_decision_and_never_better_than_the_market(tape, pipeline):
    """A fill is at or after its order's instant, on the symbol's next row, and slippage never pays."""
    tables = traded(backtest, pipeline, tape)
    decided = dict(zip(tables.orders["order"].tolist(), tables.orders["ts"].tolist(), strict=True))
    fills = tables.fills

    for k in range(fills["ts"].size):
        assert fills["ts"][k] >= decided[int(fills["order"][k])]
        worse = (
            fills["price"][k] >= fills["reference"][k]
            if fills["side"][k] == "buy"
            else fills["price"][k] <= fills["reference"][k]
        )
        assert worse
        assert fills["slippage"][k] >= 0.0
        assert fills["fee"][k] >= 0.0


@given(tape=tapes(), pipeline=pipelines())
@LAW
def test_every_order_ends_in_one_way_and_cash_is_never_borrowed(tape, pipeline):
    """Fills add up to what each order says; nothing bought beyond what closes a short is paid with borrowed cash."""
    tables = traded(backtest, pipeline, tape)
    orders = tables.orders
    filled = [float(tables.fills["quantity"][tables.fills["order"] == order].sum()) for order in orders["order"].tolist()]

    assert orders["order"].tolist() == list(range(1, orders["order"].size + 1))
    assert set(orders["status"].tolist()) <= {"filled", "rejected", "expired", "cancelled", "unfilled"}
    assert orders["filled"].tolist() == filled
    assert ((orders["status"] == "filled") == (orders["filled"] == orders["quantity"])).all()
    assert ((orders["refusal"] != "") == (orders["status"] == "rejected")).all()
    # Of an order that can't be paid for, only what closes a position is filled.
    in_part = orders["order"][(orders["status"] == "rejected") & (orders["filled"] > 0.0)]
    assert (tables.positions["quantity"][np.isin(tables.fills["order"], in_part)] == 0.0).all()
    bought = tables.fills["side"] == "buy"
    longer = bought & (tables.positions["quantity"] > 0.0)
    cash = pipeline.capital - np.cumsum(
        np.where(bought, 1, -1) * tables.fills["quantity"] * tables.fills["price"] + tables.fills["fee"]
    )
    assert (cash[longer] >= -1e-9 * pipeline.capital).all()


@given(tape=tapes(), pipeline=pipelines())
@LAW
def test_position_limits_hold_and_never_stop_an_exit(tape, pipeline):
    """No entry is larger than the tightest limit allows at its decision, and each refusal says by how much."""
    tables = traded(backtest, pipeline, tape)
    equity = dict(zip(tables.equity["ts"].tolist(), tables.equity["equity"].tolist(), strict=True))
    limits = [rule.share for _, rule in pipeline.rules]
    orders = tables.orders

    for k in np.flatnonzero(np.isin(orders["reason"], ["long.enter", "short.enter"])):
        s = tape.symbols.index(orders["symbol"][k])
        rows = slice(int(tape.offsets[s]), int(tape.offsets[s + 1]))
        close = float(tape.columns["close"][rows][tape.ts[rows] == orders["ts"][k]][0])
        for share in limits:
            assert orders["quantity"][k] * close <= share * equity[int(orders["ts"][k])] * (1 + 1e-9)
    refused = tables.refusals
    by_rules = np.char.startswith(refused["rule"], "risk")
    assert (abs(refused["allowed"][by_rules]) < abs(refused["wanted"][by_rules])).all()
    assert (refused["allowed"] * refused["wanted"] >= 0.0).all()
    assert (refused["wanted"][~by_rules] == 0.0).all()


@given(tape=tapes(), pipeline=pipelines())
@LAW
def test_a_side_without_a_rule_is_never_held(tape, pipeline):
    """A signal without a short rule is never short, and one without a long rule never long."""
    held = traded(backtest, pipeline, tape).positions["quantity"]
    rules = pipeline.signals.nodes

    assert "target" in rules or "long.enter" in rules or (held <= 0.0).all()
    assert "target" in rules or "short.enter" in rules or (held >= 0.0).all()


@given(pipeline=pipelines())
@settings(max_examples=1, deadline=None)
def test_bars_that_overlap_are_refused(pipeline):
    """A bar that opens before the previous one is known would fill an order before it was decided."""
    tape = tape_of({"A": [(0, 5, 10.0, 11.0), (3, 8, 11.0, 12.0)]})

    with pytest.raises(DataError, match="must not have a bar that opens before the previous one is known"):
        traded(backtest, pipeline, tape)
