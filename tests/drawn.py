"""Random ragged tapes and pipelines, for the laws."""

from typing import Literal

import numpy as np
from hypothesis import strategies as st

from runner.engine.pipeline import Pipeline, compile_pipeline
from runner.market.tape import BAR_COLUMNS, Tape
from runner.signal.registry import operators
from runner.signal.sheet import Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.kind import Kind
from runner.spec.run import RunSpec
from runner.tables import Tables
from runner.trading.fees.none import NoFees
from runner.trading.fees.per_share import PerShare
from runner.trading.fill.next_open import NextOpen
from runner.trading.risk.position_limit import PositionLimit
from runner.trading.sizing.equity_share import EquityShare
from runner.trading.sizing.units import Units
from runner.trading.slippage.fixed_bps import FixedBps
from runner.trading.slippage.none import NoSlippage

MINUTE = 60_000_000_000


LONG = {"enter": "smooth < buy", "exit": "smooth > sell"}
SHORT = {"enter": "smooth > sell", "exit": "smooth < buy"}
RULES = [
    {"long": LONG},
    {"long": {"enter": "close > open", "exit": "smooth > sell"}},
    {"long": {"enter": "not smooth > buy or change < 0", "exit": "smooth > sell"}},
    {"short": SHORT},
    {"long": LONG, "short": SHORT},
    {"long": {"enter": "close > open", "exit": "close < open"}, "short": {"enter": "change < 0", "exit": "change > 0"}},
    {"target": "change * 30"},
    {"target": "clip(smooth * 50, -1, 1)"},
]


class NoData(Kind):
    """Stands where a data source would: these laws make their own tapes."""

    kind: Literal["no_data"] = "no_data"


def tape_of(bars: dict[str, list[tuple[int, int, float, float]]]) -> Tape:
    """Make a tape from (opened, known, open, close) per symbol, times in minutes; high and low lie just outside."""
    rows = [(s, *bar) for s, name in enumerate(bars) for bar in bars[name]]
    columns = np.array([(o, max(o, c) * 1.01, min(o, c) * 0.99, c, 1.0) for *_, o, c in rows], dtype=float).reshape(-1, 5).T
    opened = np.array([row[1] for row in rows], dtype=np.int64) * MINUTE
    return Tape(
        symbols=tuple(bars),
        ts=np.array([row[2] for row in rows], dtype=np.int64) * MINUTE,
        opened=opened,
        session=(opened // (1440 * MINUTE)).astype(np.int32),
        symbol=np.array([row[0] for row in rows], dtype=np.int32),
        columns={name: np.ascontiguousarray(column) for name, column in zip(BAR_COLUMNS, columns, strict=True)},
        offsets=np.cumsum([0, *(len(bars[name]) for name in bars)]).astype(np.int64),
    )


@st.composite
def tapes(draw) -> Tape:
    """Draw up to four symbols with clocks of their own: late starts, holes, bars of different length, shared instants."""
    bars = {}
    for name in "ABCD"[: draw(st.integers(1, 4))]:
        at, price, rows = draw(st.integers(0, 20)), draw(st.floats(5, 200)), []
        length = draw(st.sampled_from([1, 1, 5]))
        for step in draw(st.lists(st.tuples(st.integers(0, 3), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)), max_size=40)):
            at += step[0] * length
            opened = price * (1 + step[1])
            price = opened * (1 + step[2])
            rows.append((at, at + length, opened, price))
            at += length
        bars[name] = rows
    return tape_of(bars)


@st.composite
def pipelines(draw) -> Pipeline:
    """Draw a pipeline of every kind there is."""
    signal = {
        "params": {"n": draw(st.integers(1, 6)), "buy": draw(st.floats(-0.02, 0.02)), "sell": draw(st.floats(-0.02, 0.02))},
        "nodes": {"change": "close / lag(close, 1) - 1", "smooth": "mean(change, n)"},
        **draw(st.sampled_from(RULES)),
    }
    rules = draw(st.dictionaries(st.sampled_from(["a", "b", "c"]), limits(), max_size=3))
    spec = RunSpec(
        capital=draw(st.sampled_from([1_000.0, 100_000.0])),
        data=NoData(),
        universe={"symbols": ["A"]},
        timezone={"zone": "UTC", "stamp": "session"},
        signal=signal,
        sizing=draw(
            st.one_of(st.builds(Units, units=st.floats(0.5, 20)), st.builds(EquityShare, share=st.floats(0.05, 1.0)))
        ),
        fill=NextOpen(),
        slippage=draw(st.one_of(st.just(NoSlippage()), st.builds(FixedBps, bps=st.floats(0, 200)))),
        fees=draw(st.one_of(st.just(NoFees()), st.just(PerShare()))),
        risk={"rules": rules},
        mode={"kind": "backtest"},
    )
    return compile_pipeline(spec, Vocabulary({"bars": BAR_COLUMNS}, operators()))


def limits():
    """Draw a position limit."""
    return st.builds(PositionLimit, share=st.floats(0.01, 1.0), action=st.sampled_from(["block", "reduce"]))


def traded(engine, pipeline: Pipeline, tape: Tape, *, signals: bool = False) -> Tables:
    """Run a pipeline over a tape of bars."""
    return engine(pipeline, {"bars": tape}, Surroundings(), signals=signals, on_progress=lambda _share: None)
