"""Sweeps that have run, made up: a grid of axes, returns drawn from a seed, metrics reckoned plainly from them."""

from math import prod

import numpy as np

from runner.spec.sweep import Sweep
from runner.sweeps.axes import Axis
from runner.sweeps.pages import Finished
from runner.sweeps.results import Results

DAY = 86_400 * 10**9
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x1b[31m\u202e\ud800"


def axis(key, values, *, is_choice=False):
    return Axis(key, tuple(map(str, values)), is_choice, tuple(values))


def finished(axes, *, sessions=120, seed=1, failed=(), errors=None, returns=None, metrics=None, **more):
    """Return a sweep over the whole grid of the axes; `failed` are rows, `errors` what they ended with."""
    sizes = [len(each.values) for each in axes]
    lanes = prod(sizes)
    places = np.stack(np.unravel_index(np.arange(lanes), sizes), axis=1) if axes else np.zeros((1, 0))
    if returns is None:
        returns = np.random.default_rng(seed).normal(0.0005, 0.01, (lanes, sessions))
    returns = np.array(returns, dtype=float)
    sessions = returns.shape[1]
    columns = metrics or {
        "sharpe": [float(each.mean() / each.std(ddof=1) * 252**0.5) for each in returns],
        "total_return": [float(np.prod(1.0 + each) - 1.0) for each in returns],
        "max_drawdown": [-0.1] * lanes,
        "trades": list(range(lanes)),
        "years": [sessions / 252] * lanes,
    }
    down = set(failed)
    returns[list(down)] = np.nan
    results = Results(
        number=np.arange(lanes),
        trial=[f"{row:016x}" for row in range(lanes)],
        status=["FAILED" if row in down else "DONE" for row in range(lanes)],
        error=[(errors or {}).get(row, "no cash") if row in down else "" for row in range(lanes)],
        digest=["" if row in down else "d" * 16 for row in range(lanes)],
        metrics={
            name: [None if row in down else cell for row, cell in enumerate(column)] for name, column in columns.items()
        },
        returns=returns,
    )
    facts = {"name": "pressure", "sweep": Sweep(), "trials": 2 * lanes, "periods_per_year": 252.0} | more
    instants = np.arange(sessions, dtype=np.int64) * DAY
    return Finished(axes=tuple(axes), places=places.astype(np.int32), results=results, instants=instants, **facts)


def sensitivity():
    """Return what the best lane depends on, as `sensitivity.json` has it."""
    part = {
        "sessions": 60,
        "profit": 5.0,
        "total_return": 0.05,
        "market_return": 0.02,
        "sharpe": 1.0,
        "trades": 4,
        "hit_rate": 0.5,
    }
    figures = {"sharpe": 1.0, "max_drawdown": -0.1, "trades": 8, "break_even_bps": 7.25}
    costs = [{"cost_scale": scale, "total_return": 0.1 - 0.03 * scale, **figures} for scale in (0.0, 1.0, 2.0, 4.0)]
    year = {**part, "max_drawdown": -0.1}
    return {
        "break_even_bps": 7.25,
        "fills": [{"fill": "next_open", "is_own": True, "optimistic": None, "jump": None, "costs": costs}],
        "left_out": {},
        "years": [{**year, "year": 2020}, {**year, "year": 2021, "total_return": -0.01}],
        "regimes": [{"market": "bull", **part}, {"market": "bear", **part, "total_return": -0.02}],
        "symbols": [
            {"symbol": "AAA", "profit": 8.0, "share": 0.8, "trades": 4, "hit_rate": 0.5},
            {"symbol": "BBB", "profit": 2.0, "share": 0.2, "trades": 4, "hit_rate": 0.5},
        ],
        "turns": 1,
    }
