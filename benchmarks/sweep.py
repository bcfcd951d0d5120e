"""Sweeps: 1,000 variants of one strategy on 20 symbols and 2,000 daily bars.

    python benchmarks/sweep.py [--lanes 1000] [--repeats 5] [--vectorbt PYTHON]

The question: pressure ratio smoothed over 5 to 50 bars, bought below one of ten thresholds and sold above one of ten, one
unit a symbol, next open, 2.5 bps, one account for all symbols; of each lane Sharpe ratio, largest drawdown, return, trades.

The reference is the fastest loop that can be written for the question, and for nothing else: lanes as the elements of
vectors, on all cores, no equity kept. Runner evaluates the lanes' graphs as one, trades each lane through its kernel with
orders, fills, equity and exposure at every bar, and makes all of its forty figures of it. vectorbt pins other libraries, so
it runs in a process of its own, by the Python that `--vectorbt` names, 50 lanes at a time, in the same run.

To reach: 5 times the reference, 15 times with a risk overlay; 60 and 20 times as fast as vectorbt; memory that doesn't grow
with lanes.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Literal

import numpy as np
from numba import njit, prange

from runner.engine.lanes import Ground, Track, batches
from runner.engine.pipeline import Pipeline, compile_pipeline
from runner.kinds import FolderKinds
from runner.market.tape import Tape
from runner.report.kernel.layout import NAMES
from runner.signal.registry import operators
from runner.signal.sheet import Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.kind import Kind
from runner.spec.run import RunSpec
from runner.sweeps.lane_room import LaneRoom, Scale

DAY = 86_400 * 10**9
CASH, SLIP = 100_000.0, 2.5e-4
SYMBOLS, BARS = 20, 2_000
YEAR = 252.0
WORKERS = 2
BATCH = 100
"""Lanes that a thread takes at once; a sweep hands out 63 of 1,000, and 128 of more than 2,000."""
FIGURES = [NAMES.index(name) for name in ("sharpe", "max_drawdown", "total_return", "fills")]
GRIDS = {1_000: (10, 10, 10), 10_000: (25, 20, 20), 100: (4, 5, 5)}
OVERLAY = {
    "position": {"kind": "position_limit", "share": 0.5},
    "gross": {"kind": "gross_exposure"},
    "daily": {"kind": "daily_loss"},
    "drawdown": {"kind": "drawdown_stop"},
}
"""Rules that never say no here; what is measured is that they are asked."""

VECTORBT = """
import gc, json, sys, time, resource
import numpy as np, pandas as pd, vectorbt as vbt
data = np.load(sys.argv[1])
chunk, repeats = 50, int(sys.argv[2])
grid = [(int(l), b, s) for l in data["lookbacks"] for b in data["buys"] for s in data["sells"]]
index = pd.DatetimeIndex(data["ts"].view("M8[ns]"))
o, h, l, c = (pd.DataFrame(data[name].T, index=index) for name in ("open", "high", "low", "close"))
symbols = o.shape[1]
vbt.settings.returns["year_freq"] = "252D"
def run():
    p = ((c - o) / (h - l + 1e-9)).where(c > o, 0.0)
    ratio = p / (1.0 - p).clip(lower=1e-9)
    smooth = {n: ratio.vbt.rolling_mean(n, minp=n).values for n in {each[0] for each in grid}}
    out = np.empty((len(grid), 4))
    for first in range(0, len(grid), chunk):
        part = grid[first : first + chunk]
        values = np.concatenate([smooth[n] for n, _, _ in part], axis=1)
        columns = pd.MultiIndex.from_product([range(len(part)), range(symbols)], names=["lane", "symbol"])
        buy, sell = np.repeat([b for _, b, _ in part], symbols), np.repeat([s for _, _, s in part], symbols)
        enter, leave = np.zeros(values.shape, bool), np.zeros(values.shape, bool)
        enter[1:], leave[1:] = values[:-1] < buy, values[:-1] > sell
        close = pd.DataFrame(np.tile(c.values, len(part)), index=index, columns=columns)
        made = vbt.Portfolio.from_signals(
            close, enter, leave, price=np.tile(o.values, len(part)), size=1.0, slippage=2.5e-4, init_cash=100000.0,
            fees=0.0, group_by="lane", cash_sharing=True, freq="1D",
        )
        rows = slice(first, first + len(part))
        out[rows, 0], out[rows, 1] = made.sharpe_ratio().values, made.max_drawdown().values
        out[rows, 2], out[rows, 3] = made.total_return().values, made.orders.count().values
        del made, close
        gc.collect()
    return out
last = run()
found = []
for _ in range(repeats):
    began = time.perf_counter(); last = run(); found.append(time.perf_counter() - began)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": min(found), "peak": peak, "sums": last.sum(axis=0).tolist()}))
"""


class Made(Kind):
    """Stands where a data source would."""

    kind: Literal["made"] = "made"


def reverting(steps: np.ndarray, pull: float) -> np.ndarray:
    """Return a sum of steps that is pulled back to zero."""
    found, at = np.empty(steps.size), 0.0
    for t, step in enumerate(steps.tolist()):
        at += step - pull * at
        found[t] = at
    return found


def bars(seed: int) -> dict[str, np.ndarray]:
    """Return one symbol's daily bars: a mean-reverting price with stretches of persistence."""
    rng = np.random.default_rng(seed)
    regime = reverting(rng.standard_normal(BARS) * 0.02, 0.01)
    closes = 100 * np.exp(reverting((rng.standard_normal(BARS) + 0.6 * np.tanh(regime)) * 0.012, 0.005))
    opens = np.append(100.0, closes[:-1]) * np.exp(rng.standard_normal(BARS) * 1.8e-3)
    highs = np.maximum(opens, closes) + (rng.exponential(6e-3, BARS) + 1.2e-3) * 100
    lows = np.minimum(opens, closes) - (rng.exponential(6e-3, BARS) + 1.2e-3) * 100
    return {"open": opens, "high": highs, "low": lows, "close": closes, "volume": np.full(BARS, 1e6)}


def market() -> Tape:
    """Return the panel as a tape: each symbol has a bar on each business day."""
    days = np.busday_offset("2015-01-02", np.arange(BARS), roll="forward").astype("datetime64[D]").astype(np.int64)
    made = [bars(100 + number) for number in range(SYMBOLS)]
    columns = {name: np.concatenate([each[name] for each in made]) for name in made[0]}
    ts = np.tile(days * DAY, SYMBOLS)
    return Tape(
        symbols=tuple(f"S{number:02d}" for number in range(SYMBOLS)), ts=ts + 16 * DAY // 24, opened=ts + 9 * DAY // 24,
        session=(ts // DAY).astype(np.int32), symbol=np.repeat(np.arange(SYMBOLS, dtype=np.int32), BARS),
        columns=columns, offsets=np.arange(SYMBOLS + 1) * BARS, stream="bars",
    )  # fmt: skip


def axes(lanes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lookbacks, thresholds to buy below and thresholds to sell above."""
    lookbacks, buys, sells = GRIDS[lanes]
    return np.linspace(5, 50, lookbacks).astype(np.int64), np.linspace(0.3, 0.6, buys), np.linspace(0.7, 1.2, sells)


@njit(error_model="numpy")
def smoothed(opens, highs, lows, closes, lookbacks):  # noqa: ANN001, ANN201
    """Return [L, T, S] the smoothed pressure ratio for each lookback."""
    symbols, rows = opens.shape
    out = np.full((lookbacks.size, rows, symbols), np.nan)
    ratio = np.empty(rows)
    for s in range(symbols):
        for t in range(rows):
            share = max((closes[s, t] - opens[s, t]) / (highs[s, t] - lows[s, t] + 1e-9), 0.0)
            ratio[t] = share / max(1.0 - share, 1e-9)
        for number in range(lookbacks.size):
            lookback, total = lookbacks[number], 0.0
            for t in range(rows):
                total += ratio[t]
                if t >= lookback:
                    total -= ratio[t - lookback]
                if t >= lookback - 1:
                    out[number, t, s] = total / lookback
    return out


@njit(error_model="numpy")
def lanes_of(opens, closes, smooth, buys, sells, out, first):  # noqa: ANN001, ANN201, PLR0913, PLR0917
    """Run every pair of thresholds for one lookback, pairs side by side as the elements of vectors."""
    rows, symbols = opens.shape
    width = buys.size
    held, wanted = np.zeros((symbols, width)), np.zeros((symbols, width))
    cash, before, peak = np.full(width, CASH), np.full(width, CASH), np.full(width, CASH)
    deepest, total, squares, fills, equity = (
        np.zeros(width),
        np.zeros(width),
        np.zeros(width),
        np.zeros(width),
        np.empty(width),
    )
    for t in range(rows):
        for i in range(width):
            equity[i] = cash[i]
        for s in range(symbols):
            price, close, value, cost = opens[t, s], closes[t, s], smooth[t, s], opens[t, s] * SLIP
            has, wants = held[s], wanted[s]
            for i in range(width):
                step = wants[i] - has[i]
                paid = step * price + abs(step) * cost
                cash[i] -= paid
                equity[i] += wants[i] * close - paid
                fills[i] += abs(step)
            for i in range(width):
                want = wants[i]
                has[i] = want
                wants[i] = want * (0.0 if value > sells[i] else 1.0) + (1.0 - want) * (1.0 if value < buys[i] else 0.0)
        for i in range(width):
            change = equity[i] / before[i] - 1.0
            total[i] += change
            squares[i] += change * change
            before[i] = equity[i]
            peak[i] = max(peak[i], equity[i])
            deepest[i] = min(deepest[i], equity[i] / peak[i] - 1.0)
    for i in range(width):
        mean = total[i] / rows
        variance = (squares[i] - rows * mean * mean) / (rows - 1)
        out[first + i, 0] = mean / np.sqrt(variance) * np.sqrt(YEAR) if variance > 1e-30 else 0.0
        out[first + i, 1], out[first + i, 2], out[first + i, 3] = deepest[i], before[i] / CASH - 1.0, fills[i]


@njit(error_model="numpy", parallel=True)
def reference(opens, highs, lows, closes, lookbacks, buys, sells, out):  # noqa: ANN001, ANN201, PLR0913, PLR0917
    """Run the whole grid on all cores."""
    smooth = smoothed(opens, highs, lows, closes, lookbacks)
    open_rows, close_rows = opens.T.copy(), closes.T.copy()
    for number in prange(lookbacks.size):
        lanes_of(open_rows, close_rows, smooth[number], buys, sells, out, number * buys.size)


def pipelines(tape: Tape, lanes: int, rules: dict[str, Any]) -> list[Pipeline]:
    """Compile every lane; lanes share what isn't their signal, as those of a sweep do."""
    found: list[Pipeline] = []
    for lookback in axes(lanes)[0].tolist():
        for buy in axes(lanes)[1].tolist():
            for sell in axes(lanes)[2].tolist():
                made = pipeline(tape, lookback, buy, sell, rules)
                found.append(replace(made, **shared(found[0])) if found else made)
    return found


def shared(first: Pipeline) -> dict[str, Any]:
    """Return the parts that all lanes have in common."""
    names = ("sizing", "order", "exits", "fill", "slippage", "fees", "financing", "scenario", "rules")
    return {name: getattr(first, name) for name in names}


def pipeline(tape: Tape, lookback: int, buy: float, sell: float, rules: dict[str, Any]) -> Pipeline:
    """Compile the question for one lane."""
    values = {
        "data": Made(),
        "universe": {"symbols": list(tape.symbols)},
        "timezone": {"zone": "UTC", "stamp": "session"},
        "capital": CASH,
        "signal": {
            "nodes": {"smooth": f"mean(bar_pressure(open, high, low, close), {lookback})"},
            "long": {"enter": f"smooth < {buy!r}", "exit": f"smooth > {sell!r}"},
        },
        "sizing": {"kind": "units", "units": 1.0},
        "fill": {"kind": "next_open"},
        "slippage": {"kind": "fixed_bps", "bps": 2.5},
        "fees": {"kind": "none"},
        "risk": {"rules": rules},
        "mode": {"kind": "backtest"},
    }
    return compile_pipeline(RunSpec.of(values, FolderKinds()), Vocabulary({"bars": tuple(tape.columns)}, operators()))


def run(lanes: list[Pipeline], tape: Tape) -> np.ndarray:
    """Run every lane on the market and return its figures: Sharpe, largest drawdown, return, fills."""
    out = np.empty((len(lanes), 4))
    ground, left = Ground.of("bars", {"bars": tape}, Surroundings()), SimpleQueue[slice]()
    for first in range(0, len(lanes), BATCH):
        left.put(slice(first, min(first + BATCH, len(lanes))))
    threads = [Thread(target=work, args=(lanes, ground, left, out)) for _ in range(WORKERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return out


def work(lanes: list[Pipeline], ground: Ground, left: "SimpleQueue[slice]", out: np.ndarray) -> None:
    """Run batches of lanes until none is left."""
    track, room = Track(ground), LaneRoom(4_096, BARS, SYMBOLS)
    scale = Scale(int(ground.tape.ts[0]), CASH, YEAR, SYMBOLS, ground.tape.session[:BARS])
    while True:
        try:
            batch = left.get_nowait()
        except Empty:
            return

        def measure(place: int, driver: Any, found: np.ndarray = out[batch]) -> None:
            room.measure(driver.written, scale)
            found[place] = room.figures[FIGURES]

        for laid in batches(lanes[batch], ground.tape.rows):
            track.run(laid, measure)


def best(way: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Return the seconds of the fastest repeat and the last result; the first call, which may compile, doesn't count."""
    last = way()
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        last = way()
        found.append(time.perf_counter() - began)
    return min(found), last


def report(name: str, seconds: float, lanes: int, beside: float, found: np.ndarray) -> None:
    """Print a line of the table: sums of the figures over all lanes tell that all were asked the same."""
    sums = "".join(f"{total:14.4f}" for total in found.sum(axis=0))
    print(f"{name:26}{seconds * 1e3:10.1f}{lanes / seconds:12,.0f}{seconds / beside:12.2f}{sums}")


def of_lanes(tape: Tape, lanes: int, repeats: int, vectorbt: str) -> None:
    """Measure one grid."""
    print(f"\n{f'{lanes:,} lanes':26}{'ms':>10}{'lanes/s':>12}{'x reference':>12}", end="")
    print("".join(f"{name:>14}" for name in ("sharpe", "drawdown", "return", "fills")))
    prices = [tape.columns[name].reshape(SYMBOLS, BARS) for name in ("open", "high", "low", "close")]
    lookbacks, buys, sells = axes(lanes)
    pairs = np.repeat(buys, sells.size), np.tile(sells, buys.size)
    out = np.empty((lanes, 4))
    beside, _ = best(lambda: reference(*prices, lookbacks, *pairs, out), repeats)
    report("reference loop", beside, lanes, beside, out)
    for name, rules in (("Runner", {}), (f"Runner, {len(OVERLAY)} risk rules", OVERLAY)):
        made = pipelines(tape, lanes, rules)
        seconds, found = best(lambda made=made: run(made, tape), repeats)
        report(name, seconds, lanes, beside, found)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB, the lanes' pipelines included")
    if vectorbt:
        there = of_vectorbt(vectorbt, tape, lanes, repeats=2)
        report("vectorbt", there["seconds"], lanes, beside, np.array([there["sums"]]))
        print(f"peak memory of vectorbt {there['peak']:,.0f} MB")


def of_vectorbt(python: str, tape: Tape, lanes: int, repeats: int) -> dict[str, Any]:
    """Return what vectorbt took and found."""
    names = ("open", "high", "low", "close")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.npz"
        grid = dict(zip(("lookbacks", "buys", "sells"), axes(lanes), strict=True))
        np.savez(path, ts=tape.ts[:BARS], **{name: tape.columns[name].reshape(SYMBOLS, BARS) for name in names}, **grid)
        done = subprocess.run([python, "-c", VECTORBT, str(path), str(repeats)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"vectorbt ended with {done.returncode}:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lanes", type=int, default=1_000, choices=sorted(GRIDS), help="size of the grid (default 1,000)")
    parser.add_argument("--repeats", type=int, default=5, help="repeats of which the best counts (default 5)")
    parser.add_argument("--vectorbt", default="", help="Python of an environment that has vectorbt")
    given = parser.parse_args()
    of_lanes(market(), given.lanes, given.repeats, given.vectorbt)


if __name__ == "__main__":
    main()
