"""A backtest of data larger than memory: peak memory and time of a run by windows, beside the same run on the whole.

    python benchmarks/windows.py [--rows 5000000,20000000] [--stream bars] [--window 30d] [--whole] [--folder FOLDER]

Files of made-up rows of one instrument are written into a folder, cut by `ROWS_PER_FILE`, and kept for the next time where
a folder is named. Each run is a process of its own, which says its own peak; what importing and compiling take is in it.
Equity is kept every hour, all other tables as they come.

    bars    bars of ten seconds around the clock: pressure ratio smoothed over 20 bars, next open, 2.5 bps
    depth   books of ten levels every 100 ms: pressure over ten levels smoothed over 20 books, at the touch

To reach: the peak does not grow with the rows but by what is kept. `--rows 100000000` is the long setting (about 4 GB of
files); its peak and that of 5,000,000 rows should lie within the orders and fills of the difference.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import runner
from runner.archive.run import Run

ROWS_PER_FILE = 1_000_000
LEVELS = 10
START = np.datetime64("1990-01-01", "us")
STEPS = {"bars": np.timedelta64(10_000_000, "us"), "depth": np.timedelta64(100_000, "us")}
"""Stream → from a row to the next."""
WINDOWS = {"bars": "30d", "depth": "7h"}
"""Stream → a window of about 250,000 rows."""
SIGNALS = {
    "bars": (
        "nodes:\n  smooth: mean(bar_pressure(open, high, low, close), 20)\n"
        'long: {enter: "smooth < 0.1", exit: "smooth > 0.4"}\n'
    ),
    "depth": (
        f'nodes:\n  smooth: mean(pressure_ratio({LEVELS}), 20)\nlong: {{enter: "smooth < 0.8", exit: "smooth > 1.25"}}\n'
    ),
}


def bars(rng: np.random.Generator, rows: int) -> dict[str, Any]:
    """Return columns of bars: a price that is pulled back to 100."""
    close = 100.0 + rng.normal(0, 0.5, rows)
    opened = close + rng.normal(0, 0.05, rows)
    high, low = np.maximum(opened, close) + 0.05, np.minimum(opened, close) - 0.05
    return {"open": opened, "high": high, "low": low, "close": close, "volume": np.full(rows, 1000.0)}


def depth(rng: np.random.Generator, rows: int) -> dict[str, Any]:
    """Return columns of books: sizes that lean to one side for a while."""
    middle = 500.0 + 0.01 * np.round(rng.normal(0, 5, rows))
    lean = 0.4 * np.sin(np.arange(rows) / 400.0)
    found: dict[str, Any] = {}
    for level in range(LEVELS):
        found[f"bid_price_{level}"], found[f"ask_price_{level}"] = (
            middle - 0.01 * (level + 1),
            middle + 0.01 * (level + 1),
        )
        sizes = np.round(2.0 + rng.exponential(4.0, rows), 1)
        found[f"bid_size_{level}"], found[f"ask_size_{level}"] = sizes * (1 + lean), sizes[::-1] * (1 - lean)
    return found


def write(folder: Path, stream: str, rows: int) -> None:
    """Write the files of a stream that aren't there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, first in enumerate(range(0, rows, ROWS_PER_FILE)):
        path, count = folder / f"{number:04}.parquet", min(ROWS_PER_FILE, rows - first)
        if path.exists():
            continue
        rng = np.random.default_rng(number)
        stamps = START + (first + np.arange(count)) * STEPS[stream]
        columns = bars(rng, count) if stream == "bars" else depth(rng, count)
        frame = pl.DataFrame({"symbol": ["A"] * count, "timestamp": stamps, **columns})
        frame = frame.with_columns(pl.col("timestamp").dt.replace_time_zone("UTC"))
        frame.write_parquet(path, row_group_size=100_000, compression="zstd", compression_level=1)


def words(folder: Path, stream: str, window: str | None) -> list[str]:
    """Return the overrides of a run."""
    own = {
        "bars": ["timezone=utc_minute", "timezone.interval=10s", "fill=next_open", "slippage.bps=2.5"],
        "depth": ["timezone=utc_event", "fill=touch", "slippage=none", f"data.levels={LEVELS}"],
    }
    return [
        "signal=asked", "data=parquet", f"data.path={folder}", f"data.stream={stream}", "universe.symbols=[A]",
        "sizing=units", "sizing.units=1", *own[stream],
        "report.equity_every=1h", "report.sensitivity=false", "report.html=false",
        *([f"engine.window={window}"] if window else []),
    ]  # fmt: skip


def one(folder: Path, stream: str, window: str | None) -> None:
    """Run in this process and print what it took."""
    with tempfile.TemporaryDirectory() as place:
        conf = Path(place) / "conf" / "signal"
        conf.mkdir(parents=True)
        (conf / "asked.yaml").write_text(SIGNALS[stream])
        began = time.perf_counter()
        done: Run = runner.run(overrides=words(folder, stream, window), config_dirs=[conf.parent], runs=Path(place) / "runs")
        seconds = time.perf_counter() - began
        found = {"fills": len(done.fills), "equity": len(done.equity), "digest": str(done.manifest["result_digest"])[:12]}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, **found}))


def measured(folder: Path, stream: str, window: str | None) -> dict[str, Any]:
    """Return what a run took in a process of its own."""
    asked = [sys.executable, __file__, "--one", str(folder), "--stream", stream, "--window", window or ""]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"a run ended with {done.returncode}:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(folder: Path, given: argparse.Namespace) -> None:
    """Write the files, run, and print a line per run."""
    window = given.window or WINDOWS[given.stream]
    print(f"{given.stream:24}{'rows':>14}{'seconds':>10}{'rows/s':>12}{'peak MB':>10}{'fills':>12}{'equity':>10}  result")
    for rows in (int(count) for count in given.rows.split(",")):
        place = folder / f"{given.stream}-{rows}"
        write(place, given.stream, rows)
        for way in (window, None) if given.whole else (window,):
            found = measured(place, given.stream, way)
            name = f"windows of {way}" if way else "whole"
            print(
                f"{name:24}{rows:14,}{found['seconds']:10.1f}{rows / found['seconds']:12,.0f}{found['peak']:10,.0f}"
                f"{found['fills']:12,}{found['equity']:10,}  {found['digest']}",
                flush=True,
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default="5000000,20000000", help="rows, one run after another")
    parser.add_argument("--stream", default="bars", choices=sorted(STEPS), help="what a row is")
    parser.add_argument("--window", default="", help="length of a window (default: about 250,000 rows)")
    parser.add_argument("--whole", action="store_true", help="run on the whole as well")
    parser.add_argument("--folder", default="", help="where the files are kept; a folder that goes away if none is named")
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(Path(given.one), given.stream, given.window or None)
    elif given.folder:
        compare(Path(given.folder), given)
    else:
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder), given)


if __name__ == "__main__":
    main()
