"""The engine: one backtest of a million bars, and of a million books of ten levels.

    python benchmarks/engine.py [--rows 1000000] [--repeats 7] [--vectorbt PYTHON]

Every way is measured in turn, and the best repeat counts. The reference is the shortest loop that can be written for the
question: one pass that computes the signal, fills and equity, with nothing else in it. Runner computes the signal by its
graph and trades through its kernel, with cash, equity and exposure at every bar. vectorbt pins other libraries, so it runs
in a process of its own, by the Python that `--vectorbt` names (`pip install vectorbt` there), in the same run.

"With figures" means Sharpe ratio, largest drawdown and total return as well.

    bars    pressure ratio smoothed over 20 bars, bought below 0.4 and sold above 0.6, one unit, next open, 2.5 bps
    books   pressure over ten levels smoothed over 20 books, bought below 0.8 and sold above 1.25, at the touch. The
            reference fills at the very book that decided, Runner at the next one.

To reach: bars at most 2.5 times the reference, 5 times with a risk overlay, a fifteenth of vectorbt; books 5 times.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numba import njit

from runner.engine.native import evaluated
from runner.engine.pipeline import Pipeline, compile_pipeline
from runner.engine.side_by_side import side_by_side
from runner.kinds import FolderKinds
from runner.market.streams import columns_of
from runner.market.tape import Tape
from runner.signal.registry import operators
from runner.signal.sheet import Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.kind import Kind
from runner.spec.run import RunSpec

MINUTE = 60_000_000_000
START = 1_577_836_800_000_000_000
CASH, SLIP, LOOKBACK = 100_000.0, 2.5e-4, 20
LEVELS = 10

OVERLAY = {
    "position": {"kind": "position_limit", "share": 0.5},
    "gross": {"kind": "gross_exposure"},
    "daily": {"kind": "daily_loss"},
    "drawdown": {"kind": "drawdown_stop"},
}
"""Rules that never say no here; what is measured is that they are asked."""

VECTORBT = """
import json, sys, time, resource
import numpy as np, pandas as pd, vectorbt as vbt
data = np.load(sys.argv[1])
index = pd.DatetimeIndex(data["ts"].view("M8[ns]"))
o, h, l, c = (pd.Series(data[name], index=index) for name in ("open", "high", "low", "close"))
def run():
    p = ((c - o) / (h - l + 1e-9)).where(c > o, 0.0)
    smooth = (p / (1.0 - p).clip(lower=1e-9)).vbt.rolling_mean(20, minp=20)
    enter, leave = (smooth < 0.4).vbt.signals.fshift(1), (smooth > 0.6).vbt.signals.fshift(1)
    return vbt.Portfolio.from_signals(
        c, enter, leave, price=o, size=1.0, slippage=2.5e-4, init_cash=100000.0, fees=0.0, freq="1D"
    )
def measure(made):
    return made.value().to_numpy(), made.sharpe_ratio(), made.max_drawdown(), made.total_return()
seconds = {}
for name, way in (("alone", lambda: run().value().to_numpy()), ("figures", lambda: measure(run()))):
    last = way()
    found = []
    for _ in range(int(sys.argv[2])):
        began = time.perf_counter(); last = way(); found.append(time.perf_counter() - began)
    seconds[name] = min(found)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({**seconds, "equity": float(last[0][-1]), "peak": peak, "measured": [float(x) for x in last[1:]]}))
"""


class Made(Kind):
    """Stands where a data source would."""

    kind: Literal["made"] = "made"


@njit(cache=True, error_model="numpy")
def bars_reference(opens, highs, lows, closes, equity):  # noqa: ANN001, ANN201
    """One pass over bars: ratio, rolling mean, signal, next-open fill, equity."""
    ring = np.zeros(LOOKBACK)
    total, cash, at = 0.0, CASH, 0
    position = wanted = 0
    for t in range(opens.size):
        if wanted != position:
            cash -= (wanted - position) * opens[t] * (1.0 + SLIP * (wanted - position))
            position = wanted
        share = (closes[t] - opens[t]) / (highs[t] - lows[t] + 1e-9) if closes[t] > opens[t] else 0.0
        ratio = share / max(1.0 - share, 1e-9)
        total += ratio - ring[at]
        ring[at] = ratio
        at = at + 1 if at + 1 < LOOKBACK else 0
        if t >= LOOKBACK - 1:
            smooth = total / LOOKBACK
            if position == 0 and smooth < 0.4:
                wanted = 1
            elif position == 1 and smooth > 0.6:
                wanted = 0
        equity[t] = cash + position * closes[t]


@njit(cache=True, error_model="numpy")
def books_reference(bid, ask, bid_sizes, ask_sizes):  # noqa: ANN001, ANN201
    """One pass over books: pressure, rolling mean, fill at the touch; returns the last equity."""
    ring = np.zeros(LOOKBACK)
    total, cash, at, position = 0.0, CASH, 0, 0
    for t in range(bid.size):
        bids = asks = 0.0
        for level in range(LEVELS):
            bids += bid_sizes[level, t]
            asks += ask_sizes[level, t]
        ratio = bids / asks
        total += ratio - ring[at]
        ring[at] = ratio
        at = at + 1 if at + 1 < LOOKBACK else 0
        if t >= LOOKBACK - 1:
            smooth = total / LOOKBACK
            if position == 0 and smooth < 0.8:
                cash -= ask[t]
                position = 1
            elif position == 1 and smooth > 1.25:
                cash += bid[t]
                position = 0
    return cash + position * (bid[-1] + ask[-1]) / 2.0


def reverting(steps: np.ndarray, pull: float) -> np.ndarray:
    """Return a sum of steps that is pulled back to zero."""
    found, at = np.empty(steps.size), 0.0
    for t, step in enumerate(steps.tolist()):
        at += step - pull * at
        found[t] = at
    return found


def bars(rows: int) -> Tape:
    """Return one symbol's minute bars: a mean-reverting price with stretches of persistence."""
    rng = np.random.default_rng(1)
    regime = reverting(rng.standard_normal(rows) * 0.02, 0.01)
    closes = 100 * np.exp(reverting((rng.standard_normal(rows) + 0.6 * np.tanh(regime)) * 1e-3, 0.002))
    opens = np.append(100.0, closes[:-1]) * np.exp(rng.standard_normal(rows) * 1.5e-4)
    highs = np.maximum(opens, closes) + (rng.exponential(5e-4, rows) + 1e-4) * 100
    lows = np.minimum(opens, closes) - (rng.exponential(5e-4, rows) + 1e-4) * 100
    columns = {"open": opens, "high": highs, "low": lows, "close": closes, "volume": np.full(rows, 1e3)}
    opened = START + np.arange(rows, dtype=np.int64) * MINUTE
    return tape_of("bars", opened, opened + MINUTE, columns)


def books(rows: int) -> Tape:
    """Return one symbol's books: a walk by ticks, and sizes that lean to one side for a while."""
    rng = np.random.default_rng(7)
    tick = np.cumsum(np.round(rng.standard_normal(rows) * 0.3)) * 0.01
    lean = 0.4 * np.tanh(reverting(rng.standard_normal(rows) * 0.03, 0.001))
    columns = {}
    for level in range(LEVELS):
        sizes = np.maximum(2.0, rng.lognormal(1.4, 0.6, rows))
        columns |= {f"bid_price_{level}": 500 + tick - 0.01 * level, f"bid_size_{level}": sizes * (1 + lean)}
        columns |= {f"ask_price_{level}": 500.01 + tick + 0.01 * level, f"ask_size_{level}": sizes[::-1] * (1 - lean)}
    ts = START + np.arange(1, rows + 1, dtype=np.int64) * 100_000
    return tape_of("depth", ts, ts, {name: np.ascontiguousarray(columns[name]) for name in columns_of("depth", LEVELS)})


def tape_of(stream: Any, opened: np.ndarray, known: np.ndarray, columns: dict[str, np.ndarray]) -> Tape:
    """Return one symbol's tape."""
    rows = known.size
    return Tape(
        symbols=("A",), ts=known, opened=opened, session=(known // (1440 * MINUTE)).astype(np.int32),
        symbol=np.zeros(rows, np.int32), columns=columns, offsets=np.array([0, rows]), stream=stream,
    )  # fmt: skip


def pipeline(tape: Tape, **changed: Any) -> Pipeline:
    """Compile the question for a tape."""
    values = {
        "data": Made(),
        "universe": {"symbols": ["A"]},
        "timezone": {"zone": "UTC", "stamp": "session"},
        "capital": CASH,
        "sizing": {"kind": "units", "units": 1.0},
        "fees": {"kind": "none"},
        "mode": {"kind": "backtest"},
        **changed,
    }
    spec = RunSpec.of(values, FolderKinds())
    return compile_pipeline(spec, Vocabulary({tape.stream: tuple(tape.columns)}, operators()))


def best(way: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Return the seconds of the fastest repeat and the last result; the first call, which may compile, doesn't count."""
    last = way()
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        last = way()
        found.append(time.perf_counter() - began)
    return min(found), last


def run(made: Pipeline, tape: Tape) -> Any:
    """Return the driver after a whole run: signals, decisions, accounting."""
    return side_by_side(made, {tape.stream: tape}, Surroundings(), [], on_progress=lambda _: None)[1]


def figures(driver: Any) -> tuple[float, float | None, float, float]:
    """Return last equity, Sharpe ratio, largest drawdown and total return, bar by bar, as vectorbt is asked for them."""
    levels = np.ascontiguousarray(driver.written.equity()[1][:, 0])
    steps = levels[1:] / levels[:-1] - 1.0
    peak = np.maximum.accumulate(levels)
    peak = levels / peak
    return levels[-1], steps.mean() / steps.std(ddof=1) * np.sqrt(365), peak.min() - 1.0, levels[-1] / CASH - 1.0


def report(name: str, seconds: float, rows: int, reference: float, equity: float) -> None:
    """Print a line of the table."""
    print(f"{name:34}{seconds * 1e3:10.2f}{seconds / rows * 1e9:9.1f}{seconds / reference:12.2f}{equity:16.4f}")


def head(title: str) -> None:
    """Print the head of a table."""
    print(f"\n{title:34}{'ms':>10}{'ns/row':>9}{'x reference':>12}{'last equity':>16}")


def of_bars(rows: int, repeats: int, vectorbt: str) -> None:
    """Measure the backtest of bars."""
    tape = bars(rows)
    opens, highs, lows, closes = (tape.columns[name] for name in ("open", "high", "low", "close"))
    equity = np.empty(rows)
    head(f"{rows:,} bars")
    reference, _ = best(lambda: bars_reference(opens, highs, lows, closes, equity), repeats)
    report("reference loop", reference, rows, reference, equity[-1])
    signal = {
        "nodes": {"smooth": "mean(bar_pressure(open, high, low, close), 20)"},
        "long": {"enter": "smooth < 0.4", "exit": "smooth > 0.6"},
    }
    question = {"signal": signal, "fill": {"kind": "next_open"}, "slippage": {"kind": "fixed_bps", "bps": 2.5}}
    made = pipeline(tape, **question)
    found, _ = best(lambda: evaluated(made, {"bars": tape}, Surroundings(), []), repeats)
    report("  of Runner: signal", found, rows, reference, np.nan)
    for name, rules in (("Runner", {}), (f"Runner, {len(OVERLAY)} risk rules", OVERLAY)):
        own = pipeline(tape, **question, risk={"rules": rules})
        seconds, driver = best(lambda own=own: run(own, tape), repeats)
        report(name, seconds, rows, reference, driver.written.equity()[1][-1, 0])
    if vectorbt:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bars.npz"
            np.savez(path, ts=tape.ts, open=opens, high=highs, low=lows, close=closes)
            words = [vectorbt, "-c", VECTORBT, str(path), str(repeats)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"vectorbt ended with {done.returncode}:\n{done.stderr[-2000:]}")
        there = json.loads(done.stdout.splitlines()[-1])
        report("vectorbt", there["alone"], rows, reference, there["equity"])
        plain = pipeline(tape, **question)
        seconds, measured = best(lambda: figures(run(plain, tape)), repeats)
        report("Runner, with figures", seconds, rows, reference, measured[0])
        report("vectorbt, with figures", there["figures"], rows, reference, there["equity"])


def of_books(rows: int, repeats: int) -> None:
    """Measure the backtest of books."""
    tape = books(rows)
    sides = [np.stack([tape.columns[f"{side}_size_{level}"] for level in range(LEVELS)]) for side in ("bid", "ask")]
    head(f"{rows:,} books of {LEVELS} levels")
    touch = tape.columns["bid_price_0"], tape.columns["ask_price_0"]
    reference, last = best(lambda: books_reference(*touch, *sides), repeats)
    report("reference loop, same book", reference, rows, reference, last)
    signal = {
        "nodes": {"smooth": f"mean(pressure_ratio({LEVELS}), 20)"},
        "long": {"enter": "smooth < 0.8", "exit": "smooth > 1.25"},
    }
    made = pipeline(tape, signal=signal, fill={"kind": "touch"}, slippage={"kind": "none"})
    found, _ = best(lambda: evaluated(made, {"depth": tape}, Surroundings(), []), repeats)
    report("  of Runner: signal", found, rows, reference, np.nan)
    seconds, driver = best(lambda: run(made, tape), repeats)
    report("Runner, next book", seconds, rows, reference, driver.written.equity()[1][-1, 0])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="bars, and books (default 1,000,000)")
    parser.add_argument("--repeats", type=int, default=7, help="repeats of which the best counts (default 7)")
    parser.add_argument("--vectorbt", default="", help="Python of an environment that has vectorbt")
    given = parser.parse_args()
    of_bars(given.rows, given.repeats, given.vectorbt)
    of_books(given.rows, given.repeats)
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
