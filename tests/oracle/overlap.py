"""Runs drawn from a number: a tape and a pipeline of the models that both engines know, the same for the same number."""

from types import SimpleNamespace

import numpy as np

from runner.engine.pipeline import Pipeline, compile_pipeline
from runner.kinds import FolderKinds
from runner.market.tape import BAR_COLUMNS, Tape
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.run import RunSpec
from tests.drawn import LONG, SHORT, NoData

MINUTE = 60 * 10**9
DAY = 1440 * MINUTE
MONDAY = 19_783 * DAY + 870 * MINUTE
"""2024-03-01 was a Friday; the Monday before it, half past two in the afternoon, UTC."""

RULES = (
    {"long": LONG},
    {"short": SHORT},
    {"long": LONG, "short": SHORT},
    {"long": {"enter": "close > open", "exit": "close < open"}, "short": {"enter": "change < 0", "exit": "change > 0"}},
    {"long": {"enter": "change > 0", "exit": "smooth < sell"}},
    {"target": "clip(change * 40, -1, 1)"},
    {"target": "clip(smooth * 60, -1.5, 1.5)"},
)
SIZINGS = (
    {"kind": "units", "units": 7.0},
    {"kind": "units", "units": 0.5},
    {"kind": "equity_share", "share": 0.3},
    {"kind": "equity_share", "share": 1.0, "lot": 0.001},
    {"kind": "equity_share", "share": 0.6, "lot": 5.0},
)
SLIPPAGES = ({"kind": "none"}, {"kind": "fixed_bps", "bps": 2.5}, {"kind": "fixed_bps", "bps": 80.0})
FEES = (
    {"kind": "none"},
    {"kind": "per_share", "rate": 0.01, "minimum": 1.0},
    {"kind": "per_notional"},
)
ORDERS = (
    {},
    {},
    {"kind": "limit", "offset": 30.0},
    {"kind": "limit", "offset": 5.0, "through": 0.05, "tick": 0.05},
    {"kind": "limit", "price": "low"},
    {"kind": "stop", "offset": 20.0},
    {"kind": "stop", "price": "high", "tick": 0.01},
)
EXITS = (
    {},
    {},
    {"stop_loss": 0.01},
    {"take_profit": 0.02},
    {"stop_loss": 0.015, "take_profit": 0.01},
    {"trailing_stop": 0.02},
    {"stop_loss": 0.02, "trailing_stop": 0.015, "take_profit": 0.03},
)


def tape_of(number: int) -> Tape:
    """Draw up to four symbols of minute or daily bars with clocks of their own: late starts, holes, shared instants."""
    rng = np.random.default_rng((number, 1))
    daily = bool(rng.integers(2))
    parts = [_bars(rng, daily=daily) for _ in range(int(rng.integers(1, 5)))]
    opened, known, values = (np.concatenate([part[place] for part in parts]) for place in range(3))
    counts = [part[0].size for part in parts]
    return Tape(
        symbols=tuple("ABCD"[: len(parts)]),
        ts=known,
        opened=opened,
        session=(opened // DAY).astype(np.int32),
        symbol=np.repeat(np.arange(len(parts)), counts).astype(np.int32),
        columns={name: np.ascontiguousarray(values[:, place]) for place, name in enumerate(BAR_COLUMNS)},
        offsets=np.cumsum([0, *counts]).astype(np.int64),
    )


def _bars(rng, *, daily):
    """Return opening instants, instants at which they are known, and open, high, low, close and volume."""
    rows = int(rng.integers(25, 90))
    length = 390 * MINUTE if daily else MINUTE * int(rng.choice([1, 1, 5]))
    places = np.sort(rng.choice(rows * 5 // 4, rows, replace=False)) + int(rng.integers(0, 10))
    opened = MONDAY + places * (DAY if daily else length)
    moves = rng.normal(0.0, 0.012, (rows, 2))
    close = np.round(60.0 * np.exp(np.cumsum(moves.sum(axis=1))), 2)
    open_ = np.round(np.append(60.0, close[:-1]) * np.exp(moves[:, 0]), 2)
    high = np.round(np.maximum(open_, close) * (1.0 + np.abs(rng.normal(0.0, 0.004, rows))), 2)
    low = np.round(np.minimum(open_, close) * (1.0 - np.abs(rng.normal(0.0, 0.004, rows))), 2)
    return opened, opened + length, np.stack([open_, high, low, close, rng.integers(100, 9_000, rows) * 1.0], axis=1)


def spec_of(number: int) -> RunSpec:
    """Draw a run of models that both engines know."""
    rng = np.random.default_rng((number, 2))

    def one(choices):
        return choices[int(rng.integers(len(choices)))]

    exits = dict(one(EXITS))
    if rng.integers(4) == 0:
        exits["max_holding"] = str(one(("7min", "45min", "3d", "8d")))
    signal = {
        "params": {"n": int(rng.integers(1, 5)), "buy": float(rng.normal(0, 0.004)), "sell": float(rng.normal(0, 0.004))},
        "nodes": {"change": "close / lag(close, 1) - 1", "smooth": "mean(change, n)"},
        **one(RULES),
    }
    values = {
        "capital": one((900.0, 20_000.0)),
        "data": NoData(),
        "universe": {"symbols": ["A"]},
        "timezone": {"zone": "UTC", "stamp": "session"},
        "signal": signal,
        "sizing": one(SIZINGS),
        "order": one(ORDERS),
        "exits": exits,
        "fill": {"kind": "next_open"},
        "slippage": one(SLIPPAGES),
        "fees": one(FEES),
        "mode": {"kind": "backtest"},
        "engine": {"kind": "backtrader"},
    }
    return RunSpec.of(values, FolderKinds())


def pipeline_of(spec: RunSpec) -> Pipeline:
    """Compile a drawn run."""
    return compile_pipeline(spec, Vocabulary({"bars": BAR_COLUMNS}, operators()))


def drawn(number: int) -> SimpleNamespace:
    """Return the run of a number: its spec, pipeline and tape."""
    spec = spec_of(number)
    return SimpleNamespace(spec=spec, pipeline=pipeline_of(spec), tape=tape_of(number))
