"""Signals: what an operator costs per row over a column, and per push in a live session.

    python benchmarks/signals.py [--rows 1000000] [--windows 20,200] [--repeats 5] [--vectorbt PYTHON]

Every way of one operator is measured in turn in this process, with one thread, and the best repeat counts; a ratio below 1
means that Runner takes less. vectorbt pins other libraries than Runner, so it is measured in a process of its own, by the
Python that `--vectorbt` names (`pip install vectorbt` there), in the same run.

To reach: no operator of the rolling family slower than polars in batch; below 2 µs per operator and push; a graph of twenty
nodes below 30 µs per event.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import json

import numpy as np
import pandas as pd
import polars as pl

from runner.signal.compile import compile_signal
from runner.signal.graph import Apply
from runner.signal.kernel import kernel
from runner.signal.push import Push, PushedRow
from runner.signal.registry import operators
from runner.signal.scan import scanned
from runner.signal.sheet import Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal

Timed = Callable[[], object]

BARS = ("open", "high", "low", "close", "volume")

GRAPH = {
    "trend": "mean(close, 10) - mean(close, 50)",
    "score": "zscore(trend, 100)",
    "place": "(close - min(low, 20)) / max(high, 20)",
    "strength": "rsi(close, 14)",
    "smooth": "mean(bar_pressure(open, high, low, close), 20)",
}
RULE = {"enter": "smooth < 0.7 and strength < 40 and score < 1", "exit": "place > 0.9 or close > ema(close, 20)"}
"""Twenty operators and the four columns they read."""

VECTORBT = """
import json, sys, time
import numpy as np, vectorbt as vbt
rows, repeats = int(sys.argv[1]), int(sys.argv[2])
x = (1e3 + np.random.default_rng(7).normal(size=rows).cumsum()).reshape(-1, 1)
g = vbt.generic.nb
ways = {
    "mean": lambda n: g.rolling_mean_nb(x, n, n), "std": lambda n: g.rolling_std_nb(x, n, n, 1),
    "min": lambda n: g.rolling_min_nb(x, n, n), "max": lambda n: g.rolling_max_nb(x, n, n),
    "ema": lambda n: g.ewm_mean_nb(x, n, n, False),
}
found = {}
for name, way in ways.items():
    for n in map(int, sys.argv[3].split(",")):
        way(n)
        best = 1e9
        for _ in range(repeats):
            began = time.perf_counter(); way(n); best = min(best, time.perf_counter() - began)
        found[f"{name} {n}"] = best
print(json.dumps(found))
"""


def best(way: Timed, repeats: int) -> float:
    """Return the seconds of the fastest repeat; the first call, which may compile, doesn't count."""
    way()
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        way()
        found.append(time.perf_counter() - began)
    return min(found)


def peers(x: np.ndarray, y: np.ndarray, n: int) -> dict[str, dict[str, Timed]]:
    """Return operator → way → what to time."""
    p, q = pl.Series(x), pl.Series(y)
    d, e = pd.Series(x), pd.Series(y)
    windows = np.lib.stride_tricks.sliding_window_view(x, n)
    frame = pl.DataFrame({"x": p, "y": q})
    both = {
        "mean": {"polars": lambda: p.rolling_mean(n), "pandas": lambda: d.rolling(n).mean()},
        "sum": {"polars": lambda: p.rolling_sum(n), "pandas": lambda: d.rolling(n).sum()},
        "std": {"polars": lambda: p.rolling_std(n), "pandas": lambda: d.rolling(n).std()},
        "var": {"polars": lambda: p.rolling_var(n), "pandas": lambda: d.rolling(n).var()},
        "min": {"polars": lambda: p.rolling_min(n), "pandas": lambda: d.rolling(n).min()},
        "max": {"polars": lambda: p.rolling_max(n), "pandas": lambda: d.rolling(n).max()},
        "median": {"polars": lambda: p.rolling_median(n), "pandas": lambda: d.rolling(n).median()},
        "quantile": {
            "polars": lambda: p.rolling_quantile(0.3, interpolation="linear", window_size=n),
            "pandas": lambda: d.rolling(n).quantile(0.3),
        },
        "skew": {"polars": lambda: p.rolling_skew(n), "pandas": lambda: d.rolling(n).skew()},
        "kurtosis": {"polars": lambda: p.rolling_kurtosis(n), "pandas": lambda: d.rolling(n).kurt()},
        "correlation": {
            "polars": lambda: frame.select(pl.rolling_corr("x", "y", window_size=n)),
            "pandas": lambda: d.rolling(n).corr(e),
        },
        "ema": {"polars": lambda: p.ewm_mean(span=n, adjust=False), "pandas": lambda: d.ewm(span=n, adjust=False).mean()},
    }
    if n <= 32:
        both["mean"]["numpy"] = lambda: windows.mean(axis=1)
        both["std"]["numpy"] = lambda: windows.std(axis=1, ddof=1)
        both["max"]["numpy"] = lambda: windows.max(axis=1)
        both["median"]["numpy"] = lambda: np.median(windows, axis=1)
    return both


def ours(name: str, x: np.ndarray, y: np.ndarray, n: int) -> Timed:
    """Return what to time of Runner's operator."""
    operator = operators()[name]
    columns = [x, y][: len(operator.inputs)]
    parameters = (float(n), *(p.default if p.default is not None else 0.3 for p in operator.parameters[1:]))
    offsets = np.array([0, x.size])
    return lambda: scanned(operator, columns, parameters, offsets=offsets)


def batch(rows: int, windows: list[int], repeats: int, vectorbt: str) -> None:
    """Print ns per row of every operator and way."""
    rng = np.random.default_rng(7)
    x, y = 1e3 + rng.normal(size=rows).cumsum(), 1e3 + rng.normal(size=rows).cumsum()
    there = outside(vectorbt, rows, windows, repeats)
    heads = "".join(f"{head:>9}" for head in ("runner", "polars", "pandas", "numpy", "vectorbt"))
    print(f"{'operator':16}{'window':>7}{heads}{'x polars':>10}  ns per row")
    for n in windows:
        for name, ways in peers(x, y, n).items():
            found = {"runner": best(ours(name, x, y, n), repeats)}
            found |= {way: best(timed, repeats) for way, timed in ways.items()}
            if f"{name} {n}" in there:
                found["vectorbt"] = there[f"{name} {n}"]
            cells = "".join(
                f"{found[way] / rows * 1e9:9.1f}" if way in found else f"{'':>9}"
                for way in ("runner", "polars", "pandas", "numpy", "vectorbt")
            )
            print(f"{name:16}{n:7}{cells}{found['runner'] / found['polars']:10.2f}")


def outside(python: str, rows: int, windows: list[int], repeats: int) -> dict[str, float]:
    """Return vectorbt's seconds, measured by another Python; nothing if none is named."""
    if not python:
        return {}
    words = [python, "-c", VECTORBT, str(rows), str(repeats), ",".join(map(str, windows))]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"vectorbt ended with {done.returncode}:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def pushes(repeats: int) -> None:
    """Print µs per push of single operators and of a graph."""
    rng = np.random.default_rng(7)
    values = rng.normal(size=20_000) + 100
    print(f"\n{'push of one operator':32}{'µs':>8}")
    for name in ("mean", "std", "max", "median", "ema", "correlation", "lag", "less"):
        operator = operators()[name]
        form = "rows" if name in {"mean", "std", "max", "median", "correlation"} else "row"
        parameters = tuple(20.0 if p.default is None else float(p.default) for p in operator.parameters)
        compiled = kernel(operator, form, len(operator.inputs))
        state, p = compiled.fresh(1, parameters, 0)[0], np.array(parameters)
        x = np.empty(len(operator.inputs))

        def one(step=compiled.step, state=state, x=x, p=p) -> None:  # noqa: ANN001
            for value in values:
                x[0] = value
                step(state, x, p)

        print(f"{name:32}{best(one, repeats) / values.size * 1e6:8.2f}")
    signal = Signal.model_validate({"nodes": GRAPH, "long": RULE})
    graph = compile_signal(signal, Vocabulary({"bars": BARS}, operators()))
    roots = [graph.names["long.enter"], graph.names["long.exit"]]
    push = Push(graph, 1, roots, Surroundings())
    rows = [
        PushedRow("bars", 0, 60_000_000_000 * t, 0, dict(zip(BARS, (v, v + 1, v - 1, v + 0.5, 100.0), strict=True)))
        for t, v in enumerate(values.tolist())
    ]

    def whole() -> None:
        for row in rows:
            push.push([row])

    count = sum(isinstance(graph.nodes[node], Apply) for node in graph.needed(*roots))
    print(f"{f'graph of {count} operators, one event':32}{best(whole, repeats) / len(rows) * 1e6:8.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the column (default 1,000,000)")
    parser.add_argument("--windows", default="20,200", help="window lengths (default 20,200)")
    parser.add_argument("--repeats", type=int, default=5, help="repeats of which the best counts (default 5)")
    parser.add_argument("--vectorbt", default="", help="Python of an environment that has vectorbt")
    given = parser.parse_args()
    batch(given.rows, [int(n) for n in given.windows.split(",")], given.repeats, given.vectorbt)
    pushes(given.repeats)


if __name__ == "__main__":
    main()
