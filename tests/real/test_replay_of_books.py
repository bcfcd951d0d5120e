"""Real order books, traded by what they show: a replay gives the backtest to the bit, under every clock that books have."""

from dataclasses import replace

import numpy as np
import pytest
from markets import filled, pipeline_of, traded

from runner.engine.native import backtest, replay
from runner.trading.fees.maker_taker import MakerTaker
from runner.trading.fill.book_walk import BookWalk
from runner.trading.fill.next_event import NextEvent
from runner.trading.fill.touch import Touch
from runner.trading.sizing.units import Units

BOOKS = ("lobster_book", "eth_perp_book", "binance_recording")
ROWS = 6_000
"""Books that are looked at: a replay pushes each by itself."""
TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges")
SIGNAL = {
    "params": {"n": 8},
    "nodes": {"lean": "mean(bid_size_0 / (bid_size_0 + ask_size_0), n)"},
    "long": {"enter": "lean > 0.7", "exit": "lean < 0.5"},
    "short": {"enter": "lean < 0.3", "exit": "lean > 0.5"},
}


def first_books(tape):
    """Return the first books of a tape of one symbol."""
    kept = slice(0, min(ROWS, tape.rows))
    rows = {name: getattr(tape, name)[kept].copy() for name in ("ts", "opened", "session", "symbol")}
    columns = {name: column[kept].copy() for name, column in tape.columns.items()}
    return replace(tape, **rows, columns=columns, offsets=np.array([0, kept.stop], np.int64))


@pytest.mark.parametrize("fill", [BookWalk(), Touch(), NextEvent()], ids=lambda fill: fill.kind)
@pytest.mark.parametrize("name", BOOKS)
def test_a_replay_of_real_books_gives_the_backtest(read, name, fill):
    """Limits at the touch that live for a second, stops and delays, partial fills: every table, to the bit."""
    tapes = {"depth": first_books(read(name).tapes["depth"])}
    pipeline = pipeline_of(
        tapes,
        capital=1e9,
        signal=SIGNAL,
        sizing=Units(units=3.0),
        fill=fill,
        fees=MakerTaker(),
        order={
            "kind": "limit",
            "price": "bid_price_0 + (ask_price_0 - bid_price_0)",
            "time_in_force": "1s",
            "volume_share": 0.5,
        },
        exits={"stop_loss": 0.001, "take_profit": 0.001, "trailing_stop": 0.002},
        scenario={"latency": "5ms", "jitter": "20ms", "rejection": 0.1},
    )

    batch, stepped = (traded(engine, pipeline, tapes) for engine in (backtest, replay))

    assert len(filled(batch)) > 10
    for table in TABLES:
        one, two = getattr(batch, table), getattr(stepped, table)
        assert all(one[column].tobytes() == two[column].tobytes() for column in one), table
