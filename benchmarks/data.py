"""Reading market data at scale: a bare polars scan, our whole way from files to a tape, and window by window.

    python benchmarks/data.py [--rows 5000000] [--symbols 500] [--repeats 3] [--window 1d] [--folder DIR]

Generates one-minute bars once (in DIR, kept for the next time, or in a temporary folder), then measures each way in
processes of its own, in turn: rows per second of the best repeat, and the peak memory of the process. The clock stops when
the rows are there; to let go of them again is no part of reading.

    scan      polars reads every column of the same files into memory
    tape      read, time-zone policy, spacing, quality gate with the default policies, index: `runner.market.load.load`
    windows   the same files, window by window: `runner.market.windows.tape_windows`; nothing but one window is held

To reach: `tape` at least half as fast as `scan`, its peak under 3 times the tape it gives; `windows` bounded by its window.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from runner.market.load import load
from runner.market.sources.generated import Generated
from runner.market.sources.parquet import Parquet
from runner.market.windows import tape_windows
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

START = date(2024, 1, 1)
PER_DAY = 1_440
FILES = 8
"""Files the bars are spread over, in the order of time; each holds every symbol."""
GROUP = 50
"""Symbols generated at once."""
POLICY = Timezone(zone="UTC", stamp="open", interval="1min", calendar="24-7", sessions_per_year=365)
WAYS = ("scan", "tape", "windows")


def universe_of(symbols: int) -> Universe:
    """Return the benchmark's symbols."""
    return Universe(symbols=tuple(f"S{number:04d}" for number in range(symbols)))


def generate(folder: Path, rows: int, symbols: int) -> None:
    """Write the files, unless they are there: each holds a stretch of time, by symbol and time within it."""
    if (folder / "done").exists():
        return
    began = time.perf_counter()
    each = -(-rows // symbols)
    source = Generated(start=START.isoformat(), end=(START + timedelta(days=(each - 1) // PER_DAY)).isoformat())
    names = universe_of(symbols).symbols
    parts = folder / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    for first in range(0, symbols, GROUP):
        (raw,) = source.read(Universe(symbols=names[first : first + GROUP]))
        numbered = raw.frame.with_columns(pl.int_range(pl.len()).over("symbol").alias("number")).filter(
            pl.col("number") < each
        )
        for file, frame in _slices(numbered, each):
            frame.write_parquet(parts / f"{file}-{first:06d}.parquet")
    for file in range(FILES):
        found = sorted(parts.glob(f"{file}-*.parquet"))
        pl.concat(pl.read_parquet(path) for path in found).write_parquet(folder / f"bars-{file}.parquet")
        for path in found:
            path.unlink()
    parts.rmdir()
    (folder / "done").touch()
    size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
    print(f"generated {rows:,} rows, {size / 1e6:,.0f} MB, in {time.perf_counter() - began:.1f} s\n")


def _slices(frame: pl.DataFrame, each: int) -> Iterator[tuple[int, pl.DataFrame]]:
    edges = [each * file // FILES for file in range(FILES + 1)]
    for file in range(FILES):
        inside = pl.col("number").is_between(edges[file], edges[file + 1], closed="left")
        yield file, frame.filter(inside).drop("number")


@dataclass(frozen=True, slots=True)
class Read:
    """What a way of reading gave."""

    rows: int
    held: int
    """Bytes."""
    kept: object = None
    """What holds them."""


def scan(folder: Path, symbols: int, window: str) -> Read:
    """Read every column of every file."""
    del symbols, window
    frame = pl.scan_parquet(folder / "*.parquet").collect()
    return Read(frame.height, int(frame.estimated_size()), frame)


def tape(folder: Path, symbols: int, window: str) -> Read:
    """Load a tape."""
    del window
    data = load(
        Parquet(path=str(folder)), universe=universe_of(symbols), window=Window(), timezone=POLICY, quality=Quality()
    )
    return Read(data.tape.rows, data.tape.nbytes, data)


def windows(folder: Path, symbols: int, window: str) -> Read:
    """Go through the data window by window, holding one at a time."""
    rows = held = 0
    source = Parquet(path=str(folder))
    for each in tape_windows(source, universe=universe_of(symbols), timezone=POLICY, quality=Quality(), window=window):
        rows, held = rows + each.tape.rows, max(held, each.tape.nbytes)
        del each  # else the next window is read while this one is held
    return Read(rows, held)


def child(way: str, folder: Path, symbols: int, window: str) -> None:
    """Measure one way in this process and print it as JSON."""
    began = time.perf_counter()
    found = {"scan": scan, "tape": tape, "windows": windows}[way](folder, symbols, window)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024
    print(json.dumps({"rows": found.rows, "held": found.held, "seconds": seconds, "peak": peak}))


def measured(way: str, folder: Path, symbols: int, window: str) -> dict[str, float]:
    """Measure one way in a process of its own; fail with its own words if it fails."""
    words = [sys.executable, __file__, "--way", way, "--folder", str(folder), "--symbols", str(symbols), "--window", window]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{way} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(folder: Path, rows: int, symbols: int, repeats: int, window: str) -> None:
    """Measure every way in turn and print the table."""
    # Not in this process: those it starts would count the memory it once held as theirs.
    words = [sys.executable, __file__, "--generate", "--folder", str(folder), "--symbols", str(symbols), "--rows", str(rows)]
    subprocess.run(words, check=True)
    rounds = [{way: measured(way, folder, symbols, window) for way in WAYS} for _ in range(repeats)]
    best = {way: min((found[way] for found in rounds), key=lambda each: each["seconds"]) for way in WAYS}
    print(f"{'way':10}{'rows':>13}{'seconds':>9}{'M rows/s':>10}{'x scan':>8}{'peak MB':>9}{'held MB':>9}{'peak/held':>11}")
    for way, found in best.items():
        speed = found["rows"] / found["seconds"] / 1e6
        share = best["scan"]["seconds"] / found["seconds"]
        ratio = found["peak"] / found["held"]
        print(
            f"{way:10}{found['rows']:13,.0f}{found['seconds']:9.2f}{speed:10.2f}{share:8.2f}"
            f"{found['peak'] / 1e6:9,.0f}{found['held'] / 1e6:9,.0f}{ratio:11.2f}"
        )


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000, help="bars of all symbols together (default 5,000,000)")
    parser.add_argument("--symbols", type=int, default=500, help="symbols (default 500)")
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each way (default 3)")
    parser.add_argument("--window", default="1d", help="length of a window (default 1d)")
    parser.add_argument("--folder", type=Path, help="where the files are kept; a temporary folder if not given")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--generate", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.generate:
        generate(given.folder, given.rows, given.symbols)
    elif given.way:
        child(given.way, given.folder, given.symbols, given.window)
    elif given.folder:
        compare(given.folder, given.rows, given.symbols, given.repeats, given.window)
    else:
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder), given.rows, given.symbols, given.repeats, given.window)


if __name__ == "__main__":
    main()
